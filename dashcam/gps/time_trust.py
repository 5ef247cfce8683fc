"""When the time of a GPS receiver is believed: pure, for the clock to use."""

from __future__ import annotations

from dashcam.clock import NANOSECONDS, Anchor
from dashcam.gps.base import Fix, Quality, Verdict

AGREEING_FIXES = 3
# A serial line brings a fix a few tenths late, and not always equally late.
_TOLERANCE_NS = NANOSECONDS // 2
# Two fixes farther apart say nothing about the clock between them: it may have been set in the tunnel.
_LONGEST_GAP_NS = 10 * NANOSECONDS
# A place that is only guessed was computed from good clocks all the same.
_VOUCHING: tuple[Verdict, ...] = ("good", "imprecise")
# Here no satellite was heard: somebody has made the time up, or typed it in.
_MADE_UP: tuple[Quality, ...] = ("simulated", "manual")


class TimeTrust:
    """Trusts GPS time once three fixes after one another agree with the monotonic clock. Used by one thread.

    A fix without satellites, one that the receiver calls simulated or manual, without a date that can be believed, in a
    burst or after a gap begins the count anew. Only for receivers whose state says `is_real`.
    """

    def __init__(self) -> None:
        self._agreeing: list[Fix] = []

    def take(self, fix: Fix) -> Anchor | None:
        """The anchor when this fix and those before it agree, else None. Each fix is to be shown here once, in order.

        Of the last three it is the one that arrived with the least delay.
        """
        if fix.utc_ns is None or fix.verdict not in _VOUCHING or fix.quality in _MADE_UP:
            self._agreeing.clear()
            return None
        if self._agreeing and not _agree(self._agreeing[-1], fix):
            self._agreeing.clear()
        self._agreeing = [*self._agreeing[1 - AGREEING_FIXES :], fix]
        if len(self._agreeing) < AGREEING_FIXES:
            return None
        return min((_anchor(each) for each in self._agreeing), key=lambda anchor: anchor.monotonic_ns - anchor.utc_ns)


def _anchor(fix: Fix) -> Anchor:
    assert fix.utc_ns is not None
    return Anchor(fix.received_monotonic_ns, fix.utc_ns, "gps")


def _agree(earlier: Fix, later: Fix) -> bool:
    assert earlier.utc_ns is not None
    assert later.utc_ns is not None
    utc_ns = later.utc_ns - earlier.utc_ns
    monotonic_ns = later.received_monotonic_ns - earlier.received_monotonic_ns
    return 0 < utc_ns <= _LONGEST_GAP_NS and abs(utc_ns - monotonic_ns) <= _TOLERANCE_NS
