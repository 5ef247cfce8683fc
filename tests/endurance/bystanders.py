"""SIGKILL for keeper and page while the recorder records: not one frame may be lost.

python -m tests.endurance.bystanders --kills 40 [--seed N]
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from tests.endurance.card_check import look_at
from tests.endurance.child_process import ChildProcess, dashcam_process, tidy_up_on_sigterm
from tests.endurance.recorder_process import RecorderProcess

_SEGMENT_SECONDS = 2.0
# From the start of a program to its end: while it imports, begins, or works.
_LATEST_SECONDS = 2.5
_OPTIONS: dict[str, tuple[str, ...]] = {
    "keep": (),
    "web": ("--set=web.host=127.0.0.1", "--set=web.port=0"),
}


@dataclass(slots=True)
class BystanderReport:
    """What the recording was like although others were killed."""

    kills: int = 0
    frames_delivered: int = 0
    frames_on_card: int = 0
    clips: int = 0
    wrong: list[str] = field(default_factory=list)

    def summary(self) -> str:
        """The figures in words."""
        return (
            f"{self.kills} kills of keeper and page; {self.frames_delivered} frames came from the camera, "
            f"{self.frames_on_card} are on the card in {self.clips} clips"
        )


def kill_bystanders(
    folder: Path, kills: int, *, seed: int, tell: Callable[[str], None] = lambda _text: None
) -> BystanderReport:
    """Records below `folder` while keeper and page are killed and started anew, at moments drawn by the seed."""
    chance, report = random.Random(seed), BystanderReport()
    card, log = folder / "card", folder / "log"
    with RecorderProcess(card, log, segment_seconds=_SEGMENT_SECONDS) as recorder, ExitStack() as stack:
        recorder.wait_until_recording()
        running: dict[str, ChildProcess] = {}
        for _ in range(kills):
            for command, options in _OPTIONS.items():
                if command not in running:
                    running[command] = stack.enter_context(dashcam_process(command, card, log, *options))
            # Not to wait for anything: this is the moment that was drawn.
            time.sleep(chance.uniform(0, _LATEST_SECONDS))
            victim = chance.choice(sorted(running))
            child = running.pop(victim)
            if not child.is_alive:
                report.wrong.append(f"{victim} had ended by itself; the log says why")
            child.kill()
            report.kills += 1
            tell(f"killed {victim}")
        if recorder.stop() != 0:
            report.wrong.append("the recorder did not end well")
        notes = recorder.notes.close()
    report.frames_delivered = sum(note.what == "delivered" for note in notes)
    _look(card, report)
    return report


def _look(card: Path, report: BystanderReport) -> None:
    look = look_at(card)
    look.check_unbroken()
    report.wrong.extend(look.wrong)
    report.clips, report.frames_on_card = len(look.clips), len(look.run)
    if report.frames_on_card != report.frames_delivered:
        report.wrong.append(f"{report.frames_delivered - report.frames_on_card} frames are missing")
    report.wrong.extend(f"{clip.path.name} has no sidecar" for clip in look.clips if clip.sidecar is None)


def main() -> int:
    """Kills, prints, and gives 1 when something was wrong."""
    parser = argparse.ArgumentParser(description="SIGKILL for keeper and page while the recorder records")
    parser.add_argument("--kills", type=int, default=40)
    parser.add_argument("--seed", type=int, default=time.time_ns() % 1_000_000)
    chosen = parser.parse_args()
    tidy_up_on_sigterm()
    print(f"seed {chosen.seed}", flush=True)
    with tempfile.TemporaryDirectory(prefix="dashcam-bystanders-") as folder:
        report = kill_bystanders(
            Path(folder), chosen.kills, seed=chosen.seed, tell=lambda text: print(text, flush=True)
        )
        if report.wrong:
            print((Path(folder) / "log").read_text(errors="replace")[-5000:])
    print(*report.wrong, report.summary(), sep="\n")
    return 1 if report.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
