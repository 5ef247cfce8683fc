"""A duty on a virtual machine, and what a recorder says of the time."""

from __future__ import annotations

import threading
from pathlib import Path

from dashcam.clock import ERROR_SECONDS, ClockSource
from dashcam.link.status import ClockStatus
from dashcam.network.resting import RestNote
from dashcam.network.system_clock import ClockDuty, Machine
from dashcam.network.timedate import Timedate
from tests.network.stand_in_timed import SECOND, StandInTimed, VirtualMachine

STATE_NAME = "state"


def clocks_of(machine: VirtualMachine) -> Machine:
    return Machine(machine.monotonic_ns, machine.utc_ns, lambda: machine.slept_ns, lambda: machine.is_synchronized)


def timedate_of(folder: Path, timed: StandInTimed, *, kernel: str = "this-start") -> Timedate:
    note = RestNote(folder / STATE_NAME, kernel)
    return Timedate(note, threading.Event(), address=timed.address, monotonic_ns=timed.machine.monotonic_ns)


def duty_of(folder: Path, timed: StandInTimed) -> ClockDuty:
    """As after a start of the program; the note of an earlier one is there."""
    return ClockDuty(timedate_of(folder, timed), clocks_of(timed.machine))


def told(machine: VirtualMachine, off_seconds: float, source: ClockSource = "gps") -> ClockStatus:
    """What a recorder says, told just now: its time is so far ahead of the machine's clock."""
    return ClockStatus(
        utc="",
        source=source,
        zone="",
        error_seconds=ERROR_SECONDS[source],
        monotonic_ns=machine.now_ns,
        utc_ns=machine.utc_ns() + round(off_seconds * SECOND),
    )
