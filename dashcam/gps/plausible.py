"""What is to be believed of a fix: pure, so that every case is a line in a table."""

from __future__ import annotations

import sys

import msgspec

from dashcam.clock import NANOSECONDS
from dashcam.gps.base import Fix, Quality, Verdict
from dashcam.gps.geometry import distance_m

# Above it the place may be a hundred metres off (receivers that know nothing say 99.99).
WORST_HDOP = 10.0
# The speed of sound: no airliner is faster, and nothing that jumps farther drove there.
FASTEST_MPS = 340.0
# Cold receivers wander by so much from one fix to the next.
_WANDERING_M = 300.0
# So many after one another that agree among themselves: the car is there, and what was believed before was wrong.
_AGREEING = 3
# Below the deepest pit, above any aeroplane that is not a rocket.
_ALTITUDES_M = (-500.0, 20_000.0)
# Receivers that know nothing say 0, 50 or 99.99; what is beyond is no dilution at all.
_DILUTIONS = (0.0, 100.0)
# All systems together have some 130 in the sky of the whole earth.
_MOST_SATELLITES = 150
_GUESSES: tuple[Quality, ...] = ("estimated", "manual")


class Judge:
    """Gives each fix of one receiver its verdict, by itself and by what came before. Used by one thread."""

    def __init__(self) -> None:
        self._believed: Fix | None = None
        self._doubted: Fix | None = None
        self._agreeing = 0
        self._before: Fix | None = None

    def judged(self, fix: Fix) -> Fix:
        """The fix with its verdict, without values that cannot be. Each is to be shown here once, in order.

        A dilution beyond measure is no figure to show, but the place is no better for that.
        """
        cleaned = without_absurd(fix)
        verdict = self.verdict(msgspec.structs.replace(cleaned, hdop=fix.hdop))
        return msgspec.structs.replace(cleaned, verdict=verdict)

    def verdict(self, fix: Fix) -> Verdict:
        """What to think of this fix, whose own verdict is not looked at. Each is to be shown here once, in order."""
        verdict = verdict_by_itself(fix)
        if verdict == "good":
            verdict = self._by_what_came_before(fix)
        self._before = fix
        return verdict

    def _by_what_came_before(self, fix: Fix) -> Verdict:
        if self._before is not None and fix.utc_ns is not None and fix.utc_ns == self._before.utc_ns:
            return "stale"
        if self._believed is None or is_reachable(self._believed, fix):
            self._believe(fix)
            return "good"
        is_agreed = self._doubted is not None and is_reachable(self._doubted, fix)
        self._agreeing = self._agreeing + 1 if is_agreed else 1
        self._doubted = fix
        if self._agreeing < _AGREEING:
            return "implausible"
        self._believe(fix)
        return "good"

    def _believe(self, fix: Fix) -> None:
        self._believed = fix
        self._doubted = None
        self._agreeing = 0


def without_absurd(fix: Fix) -> Fix:
    """The fix without what cannot be among the values that it can do without; for every kind of receiver."""
    course = _within(fix.course_degrees, 0.0, 360.0)
    return msgspec.structs.replace(
        fix,
        altitude_m=_within(fix.altitude_m, *_ALTITUDES_M),
        # Too fast is a matter of the whole fix.
        speed_mps=_within(fix.speed_mps, 0.0, sys.float_info.max),
        course_degrees=None if course is None else course % 360.0,
        hdop=_within(fix.hdop, *_DILUTIONS),
        satellites=_count(fix.satellites),
        satellites_in_view=_count(fix.satellites_in_view),
    )


def _within(value: float | None, least: float, most: float) -> float | None:
    """None, too, for what is no number."""
    return value if value is not None and least <= value <= most else None


def _count(satellites: int | None) -> int | None:
    return satellites if satellites is not None and 0 <= satellites <= _MOST_SATELLITES else None


def is_on_earth(latitude: float, longitude: float) -> bool:
    """Whether there is such a place; the poles, which cold receivers name, are none for a car."""
    return abs(latitude) < 90 and abs(longitude) <= 180


def verdict_by_itself(fix: Fix) -> Verdict:
    """What to think of it without knowing any other."""
    if fix.quality == "none" or fix.latitude is None or fix.longitude is None:
        return "no_fix"
    # Off the coast of Africa; in truth a receiver that fills in zeros.
    is_nowhere = fix.latitude == 0 and fix.longitude == 0
    is_too_fast = fix.speed_mps is not None and not 0 <= fix.speed_mps <= FASTEST_MPS
    if not is_on_earth(fix.latitude, fix.longitude) or is_nowhere or is_too_fast:
        return "implausible"
    if fix.quality in _GUESSES or (fix.hdop is not None and fix.hdop > WORST_HDOP):
        return "imprecise"
    return "good"


def is_reachable(earlier: Fix, later: Fix) -> bool:
    """Whether something on earth could have got from one fix to the other in the time between them."""
    assert earlier.latitude is not None
    assert earlier.longitude is not None
    assert later.latitude is not None
    assert later.longitude is not None
    metres = distance_m(earlier.latitude, earlier.longitude, later.latitude, later.longitude)
    return is_way(metres, _seconds_between(earlier, later))


def is_way(metres: float, seconds: float) -> bool:
    """Whether something on earth could have gone so far in this time; cold receivers wander, too."""
    return metres <= _WANDERING_M + FASTEST_MPS * seconds


def _seconds_between(earlier: Fix, later: Fix) -> float:
    """The longer one of what the two clocks say: a burst has no time of its own, a replay may be quick or slow."""
    elapsed_ns = later.received_monotonic_ns - earlier.received_monotonic_ns
    if earlier.utc_ns is not None and later.utc_ns is not None:
        elapsed_ns = max(elapsed_ns, later.utc_ns - earlier.utc_ns)
    return max(0, elapsed_ns) / NANOSECONDS
