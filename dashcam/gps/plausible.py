"""What is to be believed of a fix: pure, so that every case is a line in a table."""

from __future__ import annotations

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
_GUESSES: tuple[Quality, ...] = ("estimated", "manual")


class Judge:
    """Gives each fix of one receiver its verdict, by itself and by what came before. Used by one thread."""

    def __init__(self) -> None:
        self._believed: Fix | None = None
        self._doubted: Fix | None = None
        self._agreeing = 0
        self._before: Fix | None = None

    def verdict(self, fix: Fix) -> Verdict:
        """What to think of this fix, whose own verdict is not looked at. Each is to be shown here once, in order."""
        verdict = _by_itself(fix)
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


def _by_itself(fix: Fix) -> Verdict:
    if fix.quality == "none" or fix.latitude is None or fix.longitude is None:
        return "no_fix"
    is_on_earth = abs(fix.latitude) < 90 and abs(fix.longitude) <= 180
    # Off the coast of Africa; in truth a receiver that fills in zeros.
    is_nowhere = fix.latitude == 0 and fix.longitude == 0
    if not is_on_earth or is_nowhere or (fix.speed_mps is not None and not 0 <= fix.speed_mps <= FASTEST_MPS):
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
