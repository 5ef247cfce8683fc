"""What this machine's own clock is worth: kept by network time, in agreement with a clock chip, or only remembered."""

from __future__ import annotations

import ctypes
import platform
import threading
import time
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

from dashcam.clock import NANOSECONDS, Evidence, MachineTrust, WallClock, is_possible
from dashcam.worker import Worker

# Every PC has a chip; where it is hidden, as in a container, the clock was set from it all the same.
_WITH_CHIP = ("x86_64", "amd64", "i686", "i386")
# The time does not become better by asking more often.
_CHIP_FRESH_NS = 60 * NANOSECONDS
# A chip on the I2C bus takes a millisecond to tell, a bad one a second; what took longer is of nobody knows when.
_LONGEST_READ_NS = 10 * NANOSECONDS
_AGREEMENT_NS = 60 * NANOSECONDS
# Some chips keep local time. Zones differ from UTC by whole quarter hours, by 14 hours at most.
_QUARTER_NS = 15 * 60 * NANOSECONDS
_MOST_QUARTERS = 14 * 4

# <linux/timex.h>
_STA_UNSYNC = 0x0040


class _Timex(ctypes.Structure):
    """`struct timex`, of which only the status is read. modes=0: nothing is changed."""

    _fields_ = (
        ("modes", ctypes.c_uint),
        ("offset", ctypes.c_long),
        ("freq", ctypes.c_long),
        ("maxerror", ctypes.c_long),
        ("esterror", ctypes.c_long),
        ("status", ctypes.c_int),
        ("rest", ctypes.c_byte * 256),
    )


def kernel_is_synchronized() -> bool | None:
    """True while the kernel keeps the clock with the help of network time; None when this program may not ask."""
    adjtimex = _adjtimex()
    timex = _Timex()
    if adjtimex is None or adjtimex(ctypes.byref(timex)) < 0:
        return None
    return not timex.status & _STA_UNSYNC


@cache
def _adjtimex() -> Callable[..., int] | None:
    try:
        found: Callable[..., int] = ctypes.CDLL(None).adjtimex
    except (OSError, AttributeError):
        return None
    return found


class MachineEvidence:
    """What speaks for a reading of this machine's clock. `of` may be asked by any thread, and never waits for a chip.

    A chip on a bad bus takes a second to tell, or never does: it is read in a thread of its own, when `refresh` says.
    """

    def __init__(
        self,
        *,
        root: Path = Path("/"),
        processor: str | None = None,
        is_synchronized: Callable[[], bool | None] = kernel_is_synchronized,
        boottime_ns: Callable[[], int] = lambda: time.clock_gettime_ns(time.CLOCK_BOOTTIME),
    ) -> None:
        self._root = root
        self._has_chip = (processor or platform.machine()).lower() in _WITH_CHIP
        self._is_synchronized = is_synchronized
        self._boottime_ns = boottime_ns
        # What the chips said, as UTC at 0 of the boot's clock: a system clock that is stepped later is noticed without
        # asking them again. Replaced as one.
        self._chips: tuple[int, ...] = ()
        self._is_read = threading.Event()
        self._reader: Worker | None = None
        self._asked_ns = 0

    def refresh(self, wait_seconds: float = 0.0) -> None:
        """Has the chips read if it is time for that; waits no longer than told. Called by one thread at a time."""
        if self._has_chip:
            return
        now_ns = self._boottime_ns()
        if self._reader is None or (self._is_read.is_set() and now_ns - self._asked_ns >= _CHIP_FRESH_NS):
            self._asked_ns = now_ns
            self._is_read.clear()
            self._reader = Worker("clock chip", self._read)
            self._reader.start()
        if wait_seconds:
            self._is_read.wait(wait_seconds)

    def of(self, utc_ns: int) -> Evidence:
        """For a clock that reads `utc_ns` now."""
        if self._kernel_vouches():
            return "ntp"
        if self._has_chip:
            return "chip"
        chips = self._chips
        if not chips:
            return "nothing"
        now_ns = self._boottime_ns()
        return "chip" if any(_agree(utc_ns, chip_ns + now_ns) for chip_ns in chips) else "other_chip"

    def _kernel_vouches(self) -> bool:
        vouches = self._is_synchronized()
        if vouches is None:
            # A unit with ProtectClock= may not ask the kernel; systemd-timesyncd leaves this file once it has the time.
            return (self._root / "run/systemd/timesync/synchronized").exists()
        return vouches

    def _read(self, _stop: threading.Event) -> None:
        """In the chips' own thread: once."""
        try:
            self._chips = tuple(self._read_chips())
        finally:
            self._is_read.set()

    def _read_chips(self) -> Iterator[int]:
        """What each chip says that can be right."""
        for path in sorted((self._root / "sys/class/rtc").glob("rtc*/since_epoch")):
            before_ns = self._boottime_ns()
            try:
                utc_ns = int(path.read_bytes()) * NANOSECONDS
            except (OSError, ValueError):
                continue
            after_ns = self._boottime_ns()
            if is_possible(utc_ns + _MOST_QUARTERS * _QUARTER_NS) and after_ns - before_ns <= _LONGEST_READ_NS:
                yield utc_ns - after_ns


def machine_clock(trust: MachineTrust = "auto", evidence: MachineEvidence | None = None) -> WallClock:
    """The clock of this machine, believed as far as `trust` and the evidence allow."""
    evidence = evidence or MachineEvidence()
    return WallClock(evidence=evidence.of, refresh=evidence.refresh, trust=trust)


def _agree(utc_ns: int, chip_ns: int) -> bool:
    quarters = round((utc_ns - chip_ns) / _QUARTER_NS)
    return abs(quarters) <= _MOST_QUARTERS and abs(utc_ns - chip_ns - quarters * _QUARTER_NS) <= _AGREEMENT_NS
