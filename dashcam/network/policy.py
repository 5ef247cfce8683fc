"""When the machine's clock is to be set, and how often that may be tried. Pure, but for what has been tried."""

from __future__ import annotations

from collections import deque

from dashcam.clock import NANOSECONDS, Anchor, ClockSource, is_possible
from dashcam.link.status import ClockStatus

# The others are the machine's own clock, or a memory of it: to set it by itself would help nobody.
SETTING_SOURCES: tuple[ClockSource, ...] = ("phone", "gps")
# Nobody sees less in the date of a file, and programs do not like it when the clock jumps.
OFF_SECONDS = 2.0

_SHORTEST_NS = 60 * NANOSECONDS
_HOUR_NS = 3600 * NANOSECONDS
MOST_TRIES_AN_HOUR = 6


def vouched(clock: ClockStatus | None) -> Anchor | None:
    """The recorder's time, if the machine's clock may be set by it."""
    if clock is None or clock.source not in SETTING_SOURCES or clock.error_seconds is None:
        return None
    return Anchor(clock.monotonic_ns, clock.utc_ns, clock.source) if is_possible(clock.utc_ns) else None


def is_off(offset_ns: int, error_seconds: float) -> bool:
    """Whether a clock is so far from a time, known to `error_seconds`, that it is worth a step."""
    return abs(offset_ns) > (OFF_SECONDS + error_seconds) * NANOSECONDS


class Pace:
    """Not more than one try a minute and `MOST_TRIES_AN_HOUR`; after each that failed, twice as long a wait."""

    def __init__(self) -> None:
        self._tried_ns: deque[int] = deque(maxlen=MOST_TRIES_AN_HOUR)
        self._failures = 0

    def wait_ns(self, now_ns: int) -> int:
        """How long the next try has to wait; 0: it may be now. All on CLOCK_MONOTONIC."""
        if not self._tried_ns:
            return 0
        due_ns = self._tried_ns[-1] + min(_SHORTEST_NS << min(self._failures, 6), _HOUR_NS)
        if len(self._tried_ns) == MOST_TRIES_AN_HOUR:
            due_ns = max(due_ns, self._tried_ns[0] + _HOUR_NS)
        return max(0, due_ns - now_ns)

    def tried(self, now_ns: int, *, is_done: bool) -> None:
        """Notes a try, and whether the clock was right afterwards."""
        self._tried_ns.append(now_ns)
        self._failures = 0 if is_done else self._failures + 1
