"""Resident memory of a recorder that holds the last seconds for an event, and while it records one from them."""

from __future__ import annotations

import time
from contextlib import ExitStack
from dataclasses import dataclass, field

from dashcam.link.client import ask
from dashcam.link.messages import Save, Saved
from tests.bench.measuring import Bench
from tests.bench.memory import Memory
from tests.bench.stream import ready_stream
from tests.bench.table import Row
from tests.programs import Programs

# In the design: a recorder with a ring of 10 s at 8 Mbit/s. A second of that is a megabyte.
_BUDGET_MEGABYTES, _BUDGET_SECONDS = 100, 10
_QUICK_SECONDS = 3
# Behind the moment when the ring is full: it forgets as much as it takes in.
_SETTLED_SECONDS = 8.0
_EVENT_SECONDS = 8.0
_LOOK_SECONDS = 0.1
_ANSWER_SECONDS = 20.0


@dataclass(slots=True)
class _Run:
    """A recorder with a ring of so many seconds."""

    seconds: int
    mode: str
    memory: Memory = field(default_factory=Memory)

    @property
    def settings(self) -> tuple[str, ...]:
        """A ring large enough that the seconds count, and not the bytes."""
        return (
            "camera.kind=replay",
            f"camera.source={ready_stream()}",
            "recording.segment_seconds=10",
            f"recording.mode={self.mode}",
            f"events.before_seconds={self.seconds}",
            f"events.ring={self.seconds * 1.3 + 4:.0f} MB",
            # A Pi's camera makes the small pictures for it; a replay would have to decode all of 1080p.
            "motion.detect=off",
        )

    @property
    def what(self) -> str:
        """For the table."""
        doing = "recording the loop" if self.mode == "drive" else "parked, and an event recorded of it"
        return f"the recorder with a ring of {self.seconds} s at 8 Mbit/s, {doing}"


def measure(bench: Bench) -> list[Row]:
    """Recorders of the same stream at the same time."""
    seconds = (_QUICK_SECONDS,) if bench.is_quick else (10, 30)
    runs = [_Run(long, mode) for long in seconds for mode in ("drive", "park")]
    longest = max(run.seconds for run in runs)
    with ExitStack() as stack:
        programs: dict[int, Programs] = {}
        for number, run in enumerate(runs):
            folder = bench.folder / str(number)
            folder.mkdir()
            programs[number] = stack.enter_context(
                Programs(folder / "card", bench.folder / f"{number}.log", *run.settings)
            )
            programs[number].start("record")
        _watch(runs, programs, longest + _SETTLED_SECONDS)
        for number, run in enumerate(runs):
            held = programs[number].recorder().ring
            assert held.seconds >= run.seconds, f"{held} after {longest + _SETTLED_SECONDS} s"
            if run.mode == "park":
                ask(programs[number].state, "recorder", Save(before_seconds=run.seconds), Saved, _ANSWER_SECONDS)
        _watch(runs, programs, _EVENT_SECONDS)
    rows = [run.memory.row(run.what, _BUDGET_MEGABYTES + max(run.seconds - _BUDGET_SECONDS, 0)) for run in runs]
    for row in rows:
        bench.say(f"{row.what}: {row.ours}")
    return rows


def _watch(runs: list[_Run], programs: dict[int, Programs], seconds: float) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        for number, run in enumerate(runs):
            run.memory.look(programs[number].pid_of("record"))
        time.sleep(_LOOK_SECONDS)
