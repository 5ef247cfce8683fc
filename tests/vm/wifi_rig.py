"""The appliance with simulated radios: `scripts/rig-wifi` tells what came of each trial, and fails when one did.

`python -m tests.vm.wifi_rig [--cycles N] [--variants N] [--folder DIR]`
"""

from __future__ import annotations

import argparse
import sys
from collections import defaultdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tests.vm.machine import Drive, Machine, add_film, add_settings, add_trials, build_tree, make_disk

# On the host's clock; a trial is some minutes of guest time, most of which passes at once.
_LIMIT_SECONDS = 2400.0


class Tally:
    """What was told, put together over all trials."""

    def __init__(self) -> None:
        self._times: dict[str, list[float]] = defaultdict(list)
        self._limits: dict[str, float] = {}
        self.bad: list[str] = []
        self.good = 0

    def take(self, trial: str, fact: dict[str, Any]) -> None:
        """One line of the guest."""
        kind = fact["kind"]
        if kind == "time":
            self._times[fact["name"]].append(fact["seconds"])
            self._limits[fact["name"]] = fact["limit"]
        if kind == "failed" or fact.get("good") is False:
            self.bad.append(f"{trial}: {fact}")
        elif fact.get("good"):
            self.good += 1

    def table(self) -> str:
        """A line a time, then what was wrong."""
        lines = [f"{'what':36} {'times':>5} {'median':>7} {'worst':>7} {'limit':>6}"]
        for name, times in self._times.items():
            ordered = sorted(times)
            lines.append(
                f"{name:36} {len(times):5} {ordered[len(ordered) // 2]:6.1f}s {ordered[-1]:6.1f}s "
                f"{self._limits[name]:5.0f}s"
            )
        lines.append(f"{self.good} checks good, {len(self.bad)} bad")
        return "\n".join([*lines, *self.bad])


def run(folder: Path, cycles: int, variants: int) -> Tally:
    """All trials, one after the other, on one disk: what is known at one start is known at the next."""
    tree = build_tree(folder)
    add_trials(tree, has_radios=True)
    add_settings(tree, add_film(tree))
    disk = folder / "root.ext4"
    make_disk(tree, disk)
    tally = Tally()
    trials = [f"cycle {number}" for number in range(cycles)] + [f"variants {number}" for number in range(variants)]
    for trial in trials:
        machine = Machine(folder, (Drive(disk),), trial.partition(" ")[0], folder / "serial.log")
        machine.start()
        ended = False
        try:
            for fact in machine.lines(_LIMIT_SECONDS):
                tally.take(trial, fact)
                ended = ended or fact["kind"] in ("done", "failed")
                if fact["kind"] in ("time", "failed") or fact.get("good") is False:
                    print(f"{trial}: {fact}", flush=True)
        except TimeoutError as error:
            tally.bad.append(str(error))
        finally:
            machine.close()
        if not ended:
            tally.bad.append(f"{trial}: the machine ended before the trial did; see {machine.log}")
    return tally


def main() -> int:
    """0 when all was as it should be."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cycles", type=int, default=10, help="starts of the machine: joined, lost, back")
    parser.add_argument("--variants", type=int, default=3, help="rounds of keys, names and addresses")
    parser.add_argument("--folder", type=Path, help="where tree, disk and console logs stay; else they are removed")
    asked = parser.parse_args()
    with TemporaryDirectory(prefix="dashcam-rig-") as temporary:
        folder = asked.folder or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        tally = run(folder, asked.cycles, asked.variants)
    print(tally.table())
    return 1 if tally.bad else 0


if __name__ == "__main__":
    sys.exit(main())
