"""Which fixes come too late to be the place of now. Pure; of clocks it knows the monotonic and the receiver's."""

from __future__ import annotations

from dashcam.clock import NANOSECONDS
from dashcam.gps.base import Fix

# A line and a busy machine make a fix late by tenths; beyond this something has stood still.
_LATE_NS = 2 * NANOSECONDS
# After a stall the places of the stall come in a burst; the one of now is again as late as usual.
_CAUGHT_UP_NS = NANOSECONDS // 2
# Fixes that go on with another delay, at the pace of time, for so long: the receiver has put its own time right.
_STEADY_NS, _STEADY_FIXES = 3 * NANOSECONDS, 3
# No burst lasts so long: whatever this receiver's time is, it cannot be compared with ours.
_LONGEST_NS = 30 * NANOSECONDS
# How fast the usual delay follows: clocks drift, by seconds in a day.
_FOLLOWING = 16


class DelayWatch:
    """Knows how late the fixes of one receiver usually come, be it tenths or seconds, and finds those that come later.

    Used by one thread.
    """

    def __init__(self) -> None:
        self._usual_ns: int | None = None
        self._late_since_ns: int | None = None
        # Another delay than the usual one: since when, how much, in how many fixes.
        self._other: tuple[int, int, int] | None = None

    def is_late(self, fix: Fix) -> bool:
        """True for a fix of a burst after a stall. Each is to be shown here once, in order.

        Of one without a UTC nothing is known.
        """
        if fix.utc_ns is None:
            return False
        now_ns, delay_ns = fix.received_monotonic_ns, fix.received_monotonic_ns - fix.utc_ns
        if self._usual_ns is None or self._is_new_usual(now_ns, delay_ns):
            self._settle(delay_ns)
            return False
        excess_ns = delay_ns - self._usual_ns
        if abs(excess_ns) <= (_LATE_NS if self._late_since_ns is None else _CAUGHT_UP_NS):
            self._settle(self._usual_ns + excess_ns // _FOLLOWING)
            return False
        if excess_ns < 0:
            self._late_since_ns = None
            return False
        if self._late_since_ns is None:
            self._late_since_ns = now_ns
        return True

    def _settle(self, usual_ns: int) -> None:
        self._usual_ns = usual_ns
        self._late_since_ns = self._other = None

    def _is_new_usual(self, now_ns: int, delay_ns: int) -> bool:
        if self._late_since_ns is not None and now_ns - self._late_since_ns > _LONGEST_NS:
            return True
        since_ns, other_ns, count = self._other or (now_ns, delay_ns, 0)
        if abs(delay_ns - other_ns) > _CAUGHT_UP_NS:
            since_ns, other_ns, count = now_ns, delay_ns, 0
        self._other = (since_ns, other_ns, count + 1)
        return count + 1 >= _STEADY_FIXES and now_ns - since_ns >= _STEADY_NS
