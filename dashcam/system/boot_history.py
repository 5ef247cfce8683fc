"""What the programs have written of their starts, put together by the start of the machine."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Sequence
from pathlib import Path

import msgspec

from dashcam.system.boot_times import (
    MARKS,
    MOST_BOOTS,
    BootLine,
    Mark,
    boots_path,
    has_gone_well,
    read_boot_lines,
)

BOOT_PROGRAMS = ("recorder", "network", "web")
"""Those that write down their starts."""
# What is an end and no point on the way.
_ENDS = ("lasted", "ended")
# Who started the recorder later has done it by hand: that says nothing about the start of the machine.
_WITH_MACHINE_SECONDS = 300.0


class ReachedMark(msgspec.Struct, frozen=True, kw_only=True):
    """A program has reached something `seconds` after the kernel started."""

    program: str
    mark: Mark
    seconds: float


class BootStart(msgspec.Struct, frozen=True, kw_only=True):
    """One start of the machine. `marks`: of each program's first start in it."""

    kernel: str
    boot: int | None
    """As in the ids of clips."""
    utc: str
    """Empty: not known."""
    version: str
    marks: tuple[ReachedMark, ...]
    has_gone_well: bool
    """The recorder has run for three minutes or ended in good order."""
    is_with_machine: bool
    """The programs were started with the machine, not later by hand; only these count for the figures."""
    restarts: int = 0
    """How often the recorder was started anew, as far as that was kept."""


class MarkFigures(msgspec.Struct, frozen=True, kw_only=True):
    """How long it took to reach something, over all starts that did."""

    program: str
    mark: Mark
    words: str
    starts: int
    median_seconds: float
    worst_seconds: float


def read_boots(state: Path) -> list[BootStart]:
    """The last starts of the machine, newest first."""
    return joined([read_boot_lines(boots_path(state, program)) for program in BOOT_PROGRAMS])


def joined(of_programs: Sequence[Sequence[BootLine]], most: int = MOST_BOOTS) -> list[BootStart]:
    """The lines of each program, in the order of its file, as starts of the machine, newest first."""
    of_kernel: dict[str, list[BootLine]] = {}
    for lines in of_programs:
        for line in lines:
            of_kernel.setdefault(line.kernel, []).append(line)
    newest = [kernel for kernel in reversed(_in_order(of_programs)) if kernel]
    return [_start(kernel, of_kernel[kernel]) for kernel in newest[:most]]


def _in_order(of_programs: Sequence[Sequence[BootLine]]) -> list[str]:
    """All starts, oldest first. Without a clock only the files' order tells; one that a program missed is put in."""
    order: list[str] = []
    for lines in of_programs:
        at = len(order)
        for kernel in reversed(dict.fromkeys(line.kernel for line in lines)):
            if kernel in order:
                at = order.index(kernel)
            else:
                order.insert(at, kernel)
    return order


def _start(kernel: str, lines: Sequence[BootLine]) -> BootStart:
    first: dict[str, BootLine] = {}
    for line in lines:
        first.setdefault(line.program, line)
    marks = [
        ReachedMark(program=line.program, mark=mark, seconds=seconds)
        for line in first.values()
        for mark, seconds in line.marks.items()
        if mark in MARKS and mark not in _ENDS
    ]
    recorder = [line for line in lines if line.program == "recorder"]
    begun = min((line.marks.get("process", 0.0) for line in first.values()), default=0.0)
    return BootStart(
        kernel=kernel,
        boot=next((line.boot for line in recorder if line.boot is not None), None),
        utc=next((line.utc for line in lines if line.utc), ""),
        version=lines[0].version,
        marks=tuple(sorted(marks, key=lambda reached: reached.seconds)),
        has_gone_well=has_gone_well(recorder),
        is_with_machine=begun <= _WITH_MACHINE_SECONDS,
        restarts=max(0, len(recorder) - 1),
    )


def figures(boots: Iterable[BootStart]) -> tuple[MarkFigures, ...]:
    """Median and worst of every mark, in the order in which they are reached."""
    reached: dict[tuple[str, Mark], list[float]] = {}
    for boot in boots:
        if boot.is_with_machine:
            for mark in boot.marks:
                reached.setdefault((mark.program, mark.mark), []).append(mark.seconds)
    found = [
        MarkFigures(
            program=program,
            mark=mark,
            words=f"{program}: {MARKS[mark]}",
            starts=len(seconds),
            median_seconds=round(statistics.median(seconds), 2),
            worst_seconds=max(seconds),
        )
        for (program, mark), seconds in reached.items()
    ]
    return tuple(sorted(found, key=lambda figure: figure.median_seconds))
