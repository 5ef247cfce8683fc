"""A card that stalls, turns read-only, vanishes, or is full of what may not be deleted: what is lost and what is said.

    python -m tests.endurance.failing_card [--sample] [--report FILE] [SCENARIO...]

The steady stream of 8 Mbit/s is recorded onto a small ext4. Every picture is numbered, so what is missing in the files
is counted in the files and compared with what the recorder says. `--sample` is the quick one of the tests.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable
from pathlib import Path

import msgspec

from tests.endurance.card_scenarios import (
    Finding,
    go_away_and_come_back,
    hold_nothing_deletable,
    outlast_the_watchdog,
    stall,
    turn_read_only,
)
from tests.endurance.logged_card import enter_own_namespace
from tests.endurance.loop_card import LoopCard
from tests.endurance.steady_stream import write_stream

_CARD_BYTES = 256 * 1024 * 1024
_SMALL_CARD_BYTES = 48 * 1024 * 1024

Scenario = Callable[[LoopCard, Path, Path], Finding]


def _scenarios(*, is_sample: bool) -> dict[str, tuple[int, Scenario]]:
    """Size of the card and what is done with it. The sample goes faster and has less memory to fill."""
    speed = 4.0 if is_sample else 1.0
    long_stall, queue, stall_speed = (8.0, "3 MB", 2.0) if is_sample else (30.0, "16 MB", 1.0)
    scenarios: dict[str, tuple[int, Scenario]] = {
        "stall-3": (_CARD_BYTES, lambda *rig: stall(*rig, stall_seconds=3.0, queue="16 MB", speed=1.0)),
        "stall-long": (_CARD_BYTES, lambda *rig: stall(*rig, stall_seconds=long_stall, queue=queue, speed=stall_speed)),
        "read-only": (_CARD_BYTES, lambda *rig: turn_read_only(*rig, speed=speed)),
        "gone": (_CARD_BYTES, lambda *rig: go_away_and_come_back(*rig, speed=speed)),
        "locked": (_SMALL_CARD_BYTES, lambda *rig: hold_nothing_deletable(*rig, speed=speed)),
    }
    if not is_sample:
        # A minute of waiting.
        scenarios["stuck"] = (_CARD_BYTES, outlast_the_watchdog)
    return scenarios


def _run_scenario(name: str, work: Path, stream: Path, *, is_sample: bool) -> Finding:
    size_bytes, scenario = _scenarios(is_sample=is_sample)[name]
    folder = work / name
    folder.mkdir()
    with LoopCard(folder, size_bytes) as card:
        try:
            return scenario(card, stream, folder / "log")
        except TimeoutError as error:
            log = (folder / "log").read_text(errors="replace")[-2000:]
            return Finding(name, [f"{error}; the recorder's log ends with:\n{log}"])


def main() -> int:
    """Plays the scenarios, prints, and gives 1 when something was wrong."""
    enter_own_namespace("tests.endurance.failing_card")
    parser = argparse.ArgumentParser(description="cards that stall, fail and vanish under the recorder")
    parser.add_argument("--sample", action="store_true", help="quick, for tests")
    parser.add_argument("--report", type=Path, help="write the findings there, too, as JSON")
    parser.add_argument("scenarios", nargs="*", metavar="SCENARIO", help=", ".join(_scenarios(is_sample=False)))
    chosen = parser.parse_args()
    findings = []
    with tempfile.TemporaryDirectory(prefix="dashcam-failing-card-") as folder:
        work = Path(folder)
        stream = write_stream(work / "steady.mp4")
        for name in chosen.scenarios or _scenarios(is_sample=chosen.sample):
            finding = _run_scenario(name, work, stream, is_sample=chosen.sample)
            findings.append(finding)
            print(f"{name}: {finding}", flush=True)
    if chosen.report is not None:
        chosen.report.write_bytes(msgspec.json.encode(findings))
    wrong = sum(len(finding.wrong) for finding in findings)
    lost = ", ".join(str(finding.lost_frames) for finding in findings)
    print(f"{len(findings)} scenarios, {wrong} things wrong; frames missing: {lost}")
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
