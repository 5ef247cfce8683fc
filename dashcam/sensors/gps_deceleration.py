"""Impacts as GPS sees them: a speed that was there and is gone within about a second. Pure: fixes in, impacts out.

Receivers tell of their speed once to ten times a second, and smooth it: what stops the car from 50 km/h within a metre
looks like 1.4 g to them, a full braking like 0.8 g, a bump in a car park like nothing. What makes no impact:

- a speed that nobody believes: faster than cars are, or with nothing shortly before that leads up to it, or soon after
  it rose faster than a car can, as where a receiver jumps and then jumps back;
- a single low figure: the next fix must confirm it. In a crash it may never come, as the antenna tears off or the car
  lies on its roof: then the drop alone counts, if it took more than half of the speed;
- a gap: nobody knows what happened in it;
- a burst of fixes after a stall: they are as far apart as the receiver's own pace says.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from statistics import median
from typing import NamedTuple

from dashcam.clock import NANOSECONDS
from dashcam.place import Place
from dashcam.sensors.base import Impact

_STANDARD_GRAVITY = 9.80665
# Slower than this every stop is as hard: 15 km/h.
_LEAST_MPS = 15 / 3.6
# About a second: shorter steps measure the receiver's noise.
_SHORTEST_SECONDS, _LONGEST_SECONDS = 0.5, 1.6
# Hardly any car becomes faster than this.
_QUICKEST_MPS2 = 7.0
_LEADING_SECONDS = 2.5
# After an impossible rise nothing is believed for so long.
_DOUBT_SECONDS = 30.0
_QUICKEST_MPS = 80.0
# So much of a drop must be left at the next fix, with a quick receiver for so long; meanwhile its peak is looked for.
_CONFIRMED_SHARE = 0.7
_CONFIRMING_SECONDS = 0.4
# Without a next fix for so long nobody will confirm it any more.
_LOST_SECONDS = 2.5
# Of one crash only the first drop counts.
_REST_SECONDS = 10.0
# A receiver that sees so few satellites makes its speeds up.
_WORST_HDOP = 6.0
_REMEMBERED = 40
_PACED_BY = 8
# Fixes of a burst are put so much of the usual step apart: a little less, lest time runs ahead for ever.
_STEP_SHARE = 0.95


class _Point(NamedTuple):
    at_ns: int
    seconds: float
    """By the receiver's pace, on a scale of its own."""
    mps: float


class _Drop(NamedTuple):
    before: _Point
    after: _Point

    @property
    def mps2(self) -> float:
        return (self.before.mps - self.after.mps) / (self.after.seconds - self.before.seconds)


class GpsDeceleration:
    """See `base.ImpactSensor`. Fed in the receiver's thread; `turn` and `take` may be called by any other."""

    def __init__(self, on_impact: Callable[[Impact], None], threshold_g: float, speed: float = 1.0) -> None:
        """`on_impact` is called once for each, by whoever found it. `speed`: so many times as fast plays a replay."""
        self._on_impact = on_impact
        self._lock = threading.Lock()
        self._points: deque[_Point] = deque(maxlen=_REMEMBERED)
        self._steps: deque[float] = deque(maxlen=_PACED_BY)
        self._pending: _Drop | None = None
        # When the first fix came that showed it.
        self._first_ns = 0
        self._first_seconds = 0.0
        self._rests_until = 0.0
        self._last_ns: int | None = None
        self._is_closed = False
        self._speed = speed
        self._threshold_g = threshold_g

    def take(self, threshold_g: float, speed: float | None = None) -> None:
        """Only what is harder than this counts from now on; 0: nothing does."""
        with self._lock:
            self._threshold_g = threshold_g
            self._speed = self._speed if speed is None else speed
            if not threshold_g:
                self._pending = None

    def close(self) -> None:
        """Notices nothing more."""
        self._is_closed = True

    def put(self, monotonic_ns: int, place: Place | None) -> None:
        """A fix by when it was received; None is one that is not good."""
        with self._lock:
            found = self._see(monotonic_ns, place)
        self._tell(found)

    def turn(self, monotonic_ns: int) -> None:
        """To be called every second or so: it is told then that nothing comes any more."""
        with self._lock:
            pending, found = self._pending, None
            if pending is not None and self._scaled(monotonic_ns - self._first_ns) > _LOST_SECONDS:
                found = self._lost()
        self._tell(found)

    def _tell(self, impact: Impact | None) -> None:
        if impact is not None and not self._is_closed:
            self._on_impact(impact)

    def _see(self, monotonic_ns: int, place: Place | None) -> Impact | None:
        if place is None or place.speed_mps is None or (place.hdop or 0.0) > _WORST_HDOP:
            return None
        point = _Point(monotonic_ns, self._paced(monotonic_ns), place.speed_mps)
        found = self._judge(point)
        if self._points and not self._is_led_up_to(point) and self._is_soon_after(self._points[-1], point):
            self._rests_until = max(self._rests_until, point.seconds + _DOUBT_SECONDS)
        self._points.append(point)
        if self._threshold_g and self._pending is None and point.seconds >= self._rests_until:
            self._pending = self._hardest(point)
            self._first_ns, self._first_seconds = monotonic_ns, point.seconds
        return found

    def _paced(self, monotonic_ns: int) -> float:
        """Seconds by the pace of the receiver."""
        last = self._points[-1] if self._points else None
        if last is None or self._last_ns is None:
            self._last_ns = monotonic_ns
            return 0.0
        step = self._scaled(monotonic_ns - self._last_ns)
        self._last_ns = monotonic_ns
        since_last = last.seconds + self._scaled(monotonic_ns - last.at_ns)
        usual = median(self._steps) if self._steps else 0.0
        if step <= _LEADING_SECONDS:
            self._steps.append(step)
        return max(since_last, last.seconds + _STEP_SHARE * usual)

    def _scaled(self, nanoseconds: int) -> float:
        return nanoseconds / NANOSECONDS * self._speed

    def _hardest(self, after: _Point) -> _Drop | None:
        """The hardest drop that ends with this fix, if it is hard enough to be an impact."""
        drops = (
            _Drop(before, after)
            for before in self._points
            if _SHORTEST_SECONDS <= after.seconds - before.seconds <= _LONGEST_SECONDS
            and _LEAST_MPS <= before.mps <= _QUICKEST_MPS
            and self._is_led_up_to(before)
        )
        hardest = max(drops, key=lambda drop: drop.mps2, default=None)
        return hardest if hardest is not None and hardest.mps2 > self._threshold_g * _STANDARD_GRAVITY else None

    @staticmethod
    def _is_soon_after(before: _Point, point: _Point) -> bool:
        return point.seconds - before.seconds <= _LEADING_SECONDS

    def _is_led_up_to(self, point: _Point) -> bool:
        """Some fix shortly before was about as fast."""
        return any(
            earlier.seconds < point.seconds
            and self._is_soon_after(earlier, point)
            and point.mps <= earlier.mps + _QUICKEST_MPS2 * (point.seconds - earlier.seconds)
            for earlier in self._points
        )

    def _judge(self, point: _Point) -> Impact | None:
        """What the next fix says of a drop."""
        drop = self._pending
        if drop is None:
            return None
        elapsed = point.seconds - self._first_seconds
        if elapsed > _LOST_SECONDS:
            return self._lost()
        if drop.before.mps - point.mps < _CONFIRMED_SHARE * (drop.before.mps - drop.after.mps):
            self._pending = None
            return None
        harder = self._hardest(point)
        if harder is not None and harder.mps2 > drop.mps2:
            self._pending = drop = harder
        if elapsed < _CONFIRMING_SECONDS:
            return None
        self._pending = None
        return self._impact(drop, point.seconds)

    def _lost(self) -> Impact | None:
        """There was no next fix in time."""
        drop, self._pending = self._pending, None
        if drop is None or drop.after.mps > drop.before.mps / 2:
            return None
        return self._impact(drop, drop.after.seconds)

    def _impact(self, drop: _Drop, seconds: float) -> Impact:
        self._rests_until = seconds + _REST_SECONDS
        return Impact(self._first_ns, round(drop.mps2 / _STANDARD_GRAVITY, 2))
