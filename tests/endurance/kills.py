"""SIGKILL at random moments of a recording: what is lost, and that what is on the card plays.

    python -m tests.endurance.kills --kills 100 [--seed N] [--lanes N]

Recorders are started on the same few cards again and again, as after a crash; a keeper repairs what they left.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from tests.endurance.card_check import FoundClip
from tests.endurance.child_process import tidy_up_on_sigterm
from tests.endurance.kill_life import LOSABLE_FRAMES, Life, live_and_die, plan_of
from tests.endurance.receivers import RECEIVERS
from tests.endurance.repairs import check_repairs, let_keeper_finish

# What design.md promises of a crash.
_PROMISED_SECONDS = 1.0
# A recorder of small pictures takes a tenth of a core; two at once leave most of two cores idle.
_LANES = 2
# The keeper comes by after so many kills of a lane, and finds the leavings of several.
_KILLS_BETWEEN_REPAIRS = 10


@dataclass(slots=True)
class KillReport:
    """What all kills cost and everything that was wrong."""

    lives: list[Life] = field(default_factory=list)
    clips: int = 0
    torn: int = 0
    events: int = 0
    repaired: int = 0
    wrong: list[str] = field(default_factory=list)

    @property
    def worst_seconds(self) -> float:
        """The most that one kill cost, of the loop or of an event."""
        return max(max(life.seconds_lost, life.event_seconds_lost) for life in self.lives)

    def add(self, other: KillReport) -> None:
        """Takes over what another lane found."""
        self.lives.extend(other.lives)
        self.clips += other.clips
        self.torn += other.torn
        self.events += other.events
        self.repaired += other.repaired
        self.wrong.extend(other.wrong)

    def _by_receiver(self) -> str:
        found = []
        for receiver in RECEIVERS:
            seconds = [life.seconds_lost for life in self.lives if life.plan.receiver == receiver]
            if seconds:
                found.append(f"receiver {receiver}: {len(seconds)} kills, {median(seconds):.2f}/{max(seconds):.2f} s")
        return ", ".join(found)

    def summary(self) -> str:
        """The figures in words."""
        seconds = [life.seconds_lost for life in self.lives]
        frames = [life.frames_lost_of_taken for life in self.lives]
        return (
            f"{len(self.lives)} kills, {self.clips} clips, {self.repaired} unfinished and repaired, "
            f"{self.torn} of them torn; lost per kill: median "
            f"{median(seconds):.2f} s, worst {max(seconds):.2f} s ({self._by_receiver()}); "
            f"of the frames the writer had: median "
            f"{median(frames):g}, worst {max(frames)} of at most {LOSABLE_FRAMES}; {self._of_events()}"
        )

    def _of_events(self) -> str:
        seconds = [life.event_seconds_lost for life in self.lives if life.events]
        if not seconds:
            return "no events"
        lost = f"lost per kill: median {median(seconds):.2f} s, worst {max(seconds):.2f} s"
        return f"{self.events} events in {len(seconds)} lives, {lost}"


class _Lane:
    """One card that recorders live and die on, one after the other."""

    def __init__(self, folder: Path, chance: random.Random, tell: Callable[[str], None]) -> None:
        folder.mkdir()
        self._data, self._log, self._tell = folder / "card", folder / "log", tell
        self._chance = chance
        self._since_repair: list[FoundClip] = []
        self.report = KillReport()

    def kill(self, kills: int, stop: threading.Event) -> KillReport:
        for number in range(1, kills + 1):
            if stop.is_set():
                break
            self._kill_once()
            if number % _KILLS_BETWEEN_REPAIRS == 0 or number == kills:
                self._repair()
        return self.report

    def _kill_once(self) -> None:
        plan = plan_of(self._chance)
        life = live_and_die(self._data, self._log, plan)
        wrong = list(life.look.wrong)
        if life.frames_lost_of_taken > LOSABLE_FRAMES:
            wrong.append(
                f"{life.frames_lost_of_taken} frames lost that the writer had; at most {LOSABLE_FRAMES} may be"
            )
        self.report.lives.append(life)
        found = [*life.look.clips, *life.look.events]
        self.report.clips += len(found)
        self.report.torn += sum(clip.opened.is_torn for clip in found)
        self.report.events += life.events
        self.report.wrong.extend(f"killed {plan}: {text}" for text in wrong)
        self._since_repair.extend(found)
        lost = f"{life.seconds_lost:.2f} s lost" + (
            f", {life.event_seconds_lost:.2f} s of an event" * bool(life.events)
        )
        self._tell(f"killed {plan}: {lost}{''.join(f'; WRONG: {text}' for text in wrong)}")

    def _repair(self) -> None:
        let_keeper_finish(self._data, self._log)
        wrong = check_repairs(self._data, self._since_repair)
        self.report.repaired += sum(clip.sidecar is None for clip in self._since_repair)
        self.report.wrong.extend(wrong)
        self._tell(f"the keeper has repaired{''.join(f'; WRONG: {text}' for text in wrong)}")
        self._since_repair.clear()


def kill_recorders(
    folder: Path, kills: int, *, seed: int, lanes: int = _LANES, tell: Callable[[str], None] = lambda _text: None
) -> KillReport:
    """Kills recorders on cards below `folder`, `lanes` at the same time; the moments follow from the seed."""
    cards = [_Lane(folder / f"lane {lane}", random.Random(f"{seed}.{lane}"), tell) for lane in range(lanes)]
    shares = [kills // lanes + (lane < kills % lanes) for lane in range(lanes)]
    report, stop = KillReport(), threading.Event()
    with ThreadPoolExecutor(lanes) as pool:
        try:
            for part in pool.map(lambda card, share: card.kill(share, stop), cards, shares):
                report.add(part)
        except BaseException:
            stop.set()
            raise
    return report


def main() -> int:
    """Kills, prints, and gives 1 when something was wrong."""
    parser = argparse.ArgumentParser(description="SIGKILL at random moments of a recording")
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int, default=time.time_ns() % 1_000_000)
    parser.add_argument("--lanes", type=int, default=_LANES, help="recorders at the same time")
    chosen = parser.parse_args()
    tidy_up_on_sigterm()
    print(f"seed {chosen.seed}", flush=True)
    with tempfile.TemporaryDirectory(prefix="dashcam-kills-") as folder:
        report = kill_recorders(
            Path(folder),
            chosen.kills,
            seed=chosen.seed,
            lanes=chosen.lanes,
            tell=lambda text: print(text, flush=True),
        )
    if report.worst_seconds > _PROMISED_SECONDS:
        report.wrong.append(f"a kill cost {report.worst_seconds:.2f} s; {_PROMISED_SECONDS:g} s are promised")
    print(*report.wrong, report.summary(), sep="\n")
    return 1 if report.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
