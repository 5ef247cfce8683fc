"""What every measurement is given, and how processes are watched."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.conftest import CHECKOUT
from tests.endurance.child_process import dies_with_us

_TICKS_A_SECOND = os.sysconf("SC_CLK_TCK")
_LOOK_SECONDS = 0.005
_LIMIT_SECONDS = 120.0
# Fields of /proc/<pid>/stat behind the name in brackets: user and system time, proc(5).
_UTIME, _STIME = 11, 12


@dataclass(frozen=True, slots=True)
class Bench:
    """`folder` is empty, the measurement's own, and removed after it. `is_quick`: short and rough, to see it work."""

    folder: Path
    is_quick: bool
    say: Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Cost:
    """What a process used: CPU seconds from its start to its end, and after its first seconds only."""

    cpu_seconds: float
    wall_seconds: float
    late_cpu_seconds: float
    late_wall_seconds: float

    def per_minute(self) -> float:
        """CPU seconds of a minute that is not the first."""
        return self.late_cpu_seconds / self.late_wall_seconds * 60


def cpu_seconds_of(pid: int) -> float:
    """User and system time of a running process so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[_UTIME]) + int(fields[_STIME])) / _TICKS_A_SECOND


def cost_of(command: Sequence[str], log: Path, settled_seconds: float) -> Cost:
    """Runs a command to its end; its first `settled_seconds` are left out of the late figures.

    Raises CalledProcessError when it fails.
    """
    with open(log, "ab") as log_file:
        began = time.monotonic()
        process = subprocess.Popen(dies_with_us(command), cwd=CHECKOUT, stdout=log_file, stderr=log_file)
    time.sleep(settled_seconds)
    early_cpu, settled = cpu_seconds_of(process.pid), time.monotonic()
    _, status, usage = os.wait4(process.pid, 0)
    ended = time.monotonic()
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command, log.read_bytes())
    total = usage.ru_utime + usage.ru_stime
    return Cost(total, ended - began, total - early_cpu, ended - settled)


def seconds_until(holds: Callable[[], bool], began: float, limit_seconds: float = _LIMIT_SECONDS) -> float:
    """Seconds from `began` (monotonic) until something holds. Raises TimeoutError."""
    while not holds():
        if time.monotonic() - began > limit_seconds:
            raise TimeoutError(f"it did not come within {limit_seconds:g} s")
        time.sleep(_LOOK_SECONDS)
    return time.monotonic() - began


def load_words() -> str:
    """How busy the machine is, in words for whoever reads the figures."""
    return f"load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores"
