"""Writes down when this start of a program reached what; see `dashcam.system.boot_times`."""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable
from pathlib import Path

import msgspec

from dashcam import __version__
from dashcam.files import make_folders, write_durably
from dashcam.system.boot_times import (
    LASTED_SECONDS,
    MARKS,
    BootLine,
    Mark,
    boots_path,
    encode_boot_line,
    kept,
    read_boot_lines,
)
from dashcam.system.kernel import kernel_boot

log = logging.getLogger(__name__)


def since_kernel() -> float:
    """Seconds since the kernel started, with those in which the machine was suspended."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


def process_start(now: float | None = None) -> float:
    """When this process began, in seconds since the kernel did; now where the kernel does not tell."""
    try:
        fields = Path("/proc/self/stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()
        return int(fields[19]) / os.sysconf("SC_CLK_TCK")  # proc(5): starttime
    except (OSError, ValueError, IndexError):
        return since_kernel() if now is None else now


class BootMarks:
    """The marks of one start. `mark` costs nothing and may be called by any thread; `write` by one that may wait."""

    def __init__(
        self,
        state: Path,
        program: str,
        *,
        settings: str = "",
        kernel: str | None = None,
        started: float | None = None,
        now: Callable[[], float] = since_kernel,
    ) -> None:
        """`started`: of the process; asked if None, as `kernel` is. `now`: CLOCK_BOOTTIME."""
        self._path = boots_path(state, program)
        self._now = now
        self._started = process_start() if started is None else started
        self._line = BootLine(
            kernel=kernel_boot() if kernel is None else kernel,
            program=program,
            marks={"process": _rounded(self._started)},
            version=__version__,
            settings=settings,
        )
        self._written: BootLine | None = None
        self._has_failed = False
        self._lock = threading.Lock()  # of the line; never across I/O

    @property
    def line(self) -> BootLine:
        """As it is now, written or not."""
        return self._line

    @property
    def age_seconds(self) -> float:
        """Since the process began."""
        return self._now() - self._started

    def mark(self, mark: Mark, seconds_ago: float = 0.0) -> None:
        """Something was reached; only the first time counts."""
        at = _rounded(self._now() - seconds_ago)
        with self._lock:
            if mark in MARKS and mark not in self._line.marks:
                self._line = msgspec.structs.replace(self._line, marks={**self._line.marks, mark: at})

    def write(self, *, boot: int | None = None, utc: Callable[[], str] = str) -> None:
        """Writes what is news, durably; what fails is tried again the next time.

        `boot`: the dashcam's number of this start, once that is known. `utc`: when the program started, asked until it
        is known.
        """
        if self.age_seconds >= LASTED_SECONDS:
            self.mark("lasted")
        with self._lock:
            line = self._line
        line = msgspec.structs.replace(line, boot=line.boot if boot is None else boot, utc=line.utc or utc())
        if line == self._written:
            return
        try:
            self._put(line)
        except OSError as error:
            log.log(logging.DEBUG if self._has_failed else logging.INFO, "boot times cannot be kept: %s", error)
            self._has_failed = True
            return
        self._written = line
        with self._lock:
            self._line = msgspec.structs.replace(self._line, boot=line.boot, utc=line.utc)

    def _put(self, line: BootLine) -> None:
        make_folders(self._path.parent)
        others = [other for other in read_boot_lines(self._path) if not self._is_own(other)]
        write_durably(self._path, b"".join(encode_boot_line(other) for other in kept([*others, line])))

    def _is_own(self, other: BootLine) -> bool:
        return (other.kernel, other.marks.get("process")) == (self._line.kernel, self._line.marks["process"])


def _rounded(seconds: float) -> float:
    return round(seconds, 2)
