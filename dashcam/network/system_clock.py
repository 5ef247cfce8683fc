"""The machine's own clock: compared with the recorder's time, and set when that is better and it is off."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import msgspec

from dashcam.clock import NANOSECONDS, TIME_HELP, Anchor, ClockSource, utc_text
from dashcam.link.status import ClockStatus, SystemClock
from dashcam.network.policy import Pace, is_off, vouched
from dashcam.network.timedate import Timedate, TimeRefused
from dashcam.system.kernel import asleep_ns, has_slept
from dashcam.system.machine_clock import MachineEvidence

log = logging.getLogger(__name__)

# Two readings of a clock; further apart on a machine that is busy beyond all measure, and then it is tried again.
_APART_NS = 200_000_000
# timedated may come later than we do, or be installed.
_LOOK_AGAIN_NS = 300 * NANOSECONDS

_SYNCHRONIZED = "Kept right by network time."
_NO_RECORDER = "Waits for the recorder, which knows the time."
_SLEPT = "The machine was suspended; waits for the recorder to tell the time anew."
_NO_BETTER = f"Nobody has told a better time than this clock yet. {TIME_HELP}"
_OWN = "The recorder goes by this clock."
_NAMES: dict[ClockSource, str] = {"gps": "GPS", "phone": "a phone"}
_UNITS = ((86_400, "days"), (3600, "h"), (60, "min"), (1, "s"))


def _asking_the_kernel() -> Callable[[], bool]:
    evidence = MachineEvidence()
    return lambda: evidence.of(time.time_ns()) == "ntp"


@dataclass(frozen=True, slots=True)
class Machine:
    """The clocks of a machine, and whether network time keeps the wall clock right."""

    monotonic_ns: Callable[[], int] = time.monotonic_ns
    utc_ns: Callable[[], int] = time.time_ns
    asleep_ns: Callable[[], int] = asleep_ns
    is_synchronized: Callable[[], bool] = field(default_factory=_asking_the_kernel)


class ClockDuty:
    """Looks at the clock once a turn. One thread turns; the status may be read by any."""

    def __init__(self, timedate: Timedate, machine: Machine) -> None:
        self._timedate = timedate
        self._machine = machine
        self._pace = Pace()
        self._asleep_ns = machine.asleep_ns()
        # What was told by then is void: the machine was suspended.
        self._valid_from_ns = 0
        self._look_at_ns = 0
        self._absence = self._refusal = ""  # why it cannot be set at all, and why it was not at the last try
        self._last = ""  # what became of the last try, in words
        self.status = SystemClock(can_set=False, is_synchronized=False, words=_NO_RECORDER)

    def turn(self, clock: ClockStatus | None) -> None:
        """Compares with the recorder's time (None: it cannot be reached), and sets the clock if that has to be."""
        self._timedate.wake()
        self._look()
        is_synchronized = self._machine.is_synchronized()
        anchor, offset_ns = vouched(clock), None
        if clock is not None and anchor is not None:
            offset_ns = self._offset_ns(anchor)
            if offset_ns is not None and not is_synchronized and is_off(offset_ns, clock.error_seconds or 0.0):
                offset_ns = self._set(anchor, offset_ns, clock.error_seconds or 0.0)
        self._tell(clock, offset_ns, is_synchronized=is_synchronized)

    def close(self) -> None:
        """What rests because of us is started again, even if it is not due."""
        self._timedate.wake(is_forced=True)

    def _look(self) -> None:
        """Whether the clock could be set at all, so that it is known before it has to be."""
        now_ns = self._machine.monotonic_ns()
        if now_ns < self._look_at_ns or (self._look_at_ns and not self._absence):
            return
        self._look_at_ns = now_ns + _LOOK_AGAIN_NS
        try:
            self._timedate.look()
        except TimeRefused as error:
            if str(error) != self._absence:
                log.warning("%s", error)
            self._absence = str(error)
        else:
            self._absence = ""

    def _offset_ns(self, anchor: Anchor) -> int | None:
        """How far the machine's clock is ahead of `anchor`; None when that cannot be told this time."""
        before_ns = self._machine.monotonic_ns()
        utc_ns = self._machine.utc_ns()
        after_ns = self._machine.monotonic_ns()
        asleep = self._machine.asleep_ns()
        if has_slept(self._asleep_ns, asleep):
            log.info("the machine was suspended")
            self._asleep_ns, self._valid_from_ns = asleep, after_ns
        if anchor.monotonic_ns <= self._valid_from_ns or after_ns - before_ns > _APART_NS:
            return None
        return utc_ns - anchor.utc_ns_at((before_ns + after_ns) // 2)

    def _set(self, anchor: Anchor, offset_ns: int, error_seconds: float) -> int | None:
        """Sets the clock, if it is time for a try; gives how far off it is then."""
        if self._pace.wait_ns(self._machine.monotonic_ns()) > 0:
            return offset_ns
        was_ns = self._machine.utc_ns()
        left_ns: int | None = offset_ns
        is_right = False
        try:
            self._timedate.set(anchor, offset_ns)
        except TimeRefused as error:
            if str(error) != self._refusal:
                log.warning("%s", error)
            self._refusal = str(error)
        else:
            self._absence = self._refusal = ""
            self._note_set(anchor, was_ns, offset_ns)
            left_ns = self._offset_ns(anchor)
            is_right = left_ns is not None and not is_off(left_ns, error_seconds)
            if not is_right:
                log.warning("the machine's clock is off again: something else sets it")
        self._pace.tried(self._machine.monotonic_ns(), is_done=is_right)
        return left_ns

    def _note_set(self, anchor: Anchor, was_ns: int, offset_ns: int) -> None:
        log.info(
            "the machine's clock is set from %s to %s, source: %s",
            utc_text(was_ns),
            utc_text(was_ns - offset_ns),
            anchor.source,
        )
        self._last = f"Set from {_NAMES[anchor.source]}; it was {_off(offset_ns)}."
        self.status = msgspec.structs.replace(self.status, sets=self.status.sets + 1)

    def _tell(self, clock: ClockStatus | None, offset_ns: int | None, *, is_synchronized: bool) -> None:
        known = offset_ns if offset_ns is not None else _ns_of(self.status.offset_seconds)
        self.status = SystemClock(
            can_set=not (self._absence or self._refusal),
            is_synchronized=is_synchronized,
            offset_seconds=None if known is None else round(known / NANOSECONDS, 3),
            sets=self.status.sets,
            words=_SYNCHRONIZED if is_synchronized else self._words(clock, offset_ns),
        )

    def _words(self, clock: ClockStatus | None, offset_ns: int | None) -> str:
        parts = [self._state_words(clock, offset_ns), self._last, self._absence, self._rest_words()]
        return " ".join(part for part in parts if part)

    def _state_words(self, clock: ClockStatus | None, offset_ns: int | None) -> str:
        if clock is None:
            return _NO_RECORDER
        anchor = vouched(clock)
        if anchor is None:
            return _OWN if clock.source in ("system", "ntp") else _NO_BETTER
        if offset_ns is None:
            return _SLEPT if anchor.monotonic_ns <= self._valid_from_ns else ""
        name = _NAMES[anchor.source]
        if not is_off(offset_ns, clock.error_seconds or 0.0):
            return f"Agrees with the time from {name}."
        wait_ns = self._pace.wait_ns(self._machine.monotonic_ns())
        words = f"{_off(offset_ns)}, compared with {name}; set in {_about(wait_ns)}, if that is possible."
        return words if self._absence else f"{words} {self._refusal}".strip()

    def _rest_words(self) -> str:
        rest = self._timedate.resting()
        if rest is None:
            return ""
        left_ns = max(0, rest.due_monotonic_ns - self._machine.monotonic_ns())
        units = " and ".join(unit.removesuffix(".service") for unit in rest.units)
        return f"{units} rests for {_about(left_ns)}: sooner it would set the clock ahead again."


def _off(offset_ns: int) -> str:
    return f"{_about(abs(offset_ns))} {'ahead' if offset_ns > 0 else 'behind'}"


def _about(duration_ns: int) -> str:
    """`3 s`, `12 min`, `5 h`, `400 days`: in the largest unit of which there are two or more."""
    seconds = duration_ns / NANOSECONDS
    size, unit = next(((size, unit) for size, unit in _UNITS if seconds >= 2 * size), _UNITS[-1])
    return f"{round(seconds / size)} {unit}"


def _ns_of(seconds: float | None) -> int | None:
    return None if seconds is None else round(seconds * NANOSECONDS)
