"""The running trip: how long, how far, how fast, and its line. Pure: fixes in, figures out."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple, Self

from dashcam.clips.track_log import LONGEST_STEP_NS
from dashcam.clips.track_summary import LinePoint
from dashcam.clips.trips import NO_PLACE_SECONDS, STAND_SECONDS, STANDING_MPS
from dashcam.clock import NANOSECONDS
from dashcam.gps.geometry import distance_m
from dashcam.gps.plausible import is_way
from dashcam.link.status import TripStatus
from dashcam.place import Place

_STAND_NS = round(STAND_SECONDS * NANOSECONDS)
_NO_PLACE_NS = round(NO_PLACE_SECONDS * NANOSECONDS)
# Up to this HDOP a receiver's idea of speed is good; beyond, a standing car may seem to move.
_FINE_HDOP = 2.0
# So far a car must drive before it counts as having left: a receiver below a roof wanders.
_LEAVING_M = 20.0
# So long are the first 20 m at 1 m/s with a receiver that sends 25 times a second. A receiver that tells of a speed
# while the place stands still, like a simulator or one that has hung up, would fill the memory.
MOST_LEAVING = 500
# After a gap at another place it did not stand meanwhile.
_SAME_PLACE_M = 100.0

# A point of the line for every bend, every change of speed, and now and then.
_LEAST_STEP_M, _LARGEST_STEP_M = 10.0, 150.0
_BEND_DEGREES = 6.0
_SPEED_CHANGE_MPS = 3.0
MOST_POINTS = 1_500


def _no_clip() -> str:
    """The default where no clip grows."""
    return ""


class Spot(NamedTuple):
    """A good fix."""

    at_ns: int
    place: Place


class Step(NamedTuple):
    """From one good fix to the next."""

    before: Spot
    after: Spot
    metres: float

    @classmethod
    def of(cls, before: Spot, after: Spot) -> Self:
        """With the way between them."""
        return cls(before, after, metres_between(before.place, after.place))

    @property
    def elapsed_ns(self) -> int:
        """Between the two."""
        return self.after.at_ns - self.before.at_ns

    @property
    def is_gap(self) -> bool:
        """True, too, where a replay begins anew: nobody drove from its end to its beginning."""
        return self.elapsed_ns > LONGEST_STEP_NS or not is_way(self.metres, self.elapsed_ns / NANOSECONDS)

    @property
    def speeds_mps(self) -> tuple[float, float]:
        """At both ends; where the receiver says none, that of the whole step."""
        mean = self.metres / self.elapsed_ns * NANOSECONDS if self.elapsed_ns > 0 else 0.0
        before, after = self.before.place.speed_mps, self.after.place.speed_mps
        return mean if before is None else before, mean if after is None else after

    @property
    def moves(self) -> bool:
        """True when it drove: what a receiver makes up while the car stands is left out."""
        hdop = max(self.before.place.hdop or 1.0, self.after.place.hdop or 1.0)
        return not self.is_gap and min(self.speeds_mps) >= STANDING_MPS * max(1.0, hdop / _FINE_HDOP)


@dataclass
class _Line:
    """The simplified line; gets coarser as it gets long."""

    began_ns: int
    points: list[LinePoint] = field(default_factory=list)
    _spots: list[Spot] = field(default_factory=list)
    _coarseness: float = 1.0

    def add(self, spot: Spot, *, begins: bool) -> None:
        if not begins and self._spots and not self._is_news(self._spots[-1], spot):
            return
        self._spots.append(spot)
        self.points.append(self.point(spot, begins=begins))
        if len(self.points) > MOST_POINTS:
            self._thin()

    def point(self, spot: Spot, *, begins: bool = False) -> LinePoint:
        place = spot.place
        seconds = round((spot.at_ns - self.began_ns) / NANOSECONDS, 1)
        return LinePoint(seconds, round(place.latitude, 6), round(place.longitude, 6), place.speed_mps, begins)

    def _is_news(self, before: Spot, spot: Spot) -> bool:
        metres = metres_between(before.place, spot.place)
        if metres < _LEAST_STEP_M * self._coarseness:
            return False
        turned = abs(((spot.place.course_degrees or 0) - (before.place.course_degrees or 0) + 180) % 360 - 180)
        faster = abs((spot.place.speed_mps or 0) - (before.place.speed_mps or 0))
        return (
            metres >= _LARGEST_STEP_M * self._coarseness
            or turned >= _BEND_DEGREES
            or faster >= _SPEED_CHANGE_MPS * self._coarseness
        )

    def _thin(self) -> None:
        """Every other point goes; where the line begins anew stays, unless there is nothing else."""
        self._coarseness *= 2
        kept = [number for number, point in enumerate(self.points) if point.begins or number % 2 == 0]
        if len(kept) > MOST_POINTS * 3 // 4:
            kept = kept[-MOST_POINTS // 2 :]
        self.points = [self.points[number] for number in kept]
        self._spots = [self._spots[number] for number in kept]


class _Leaving:
    """The newest steps of a car of which nobody knows yet whether it leaves."""

    def __init__(self) -> None:
        self._steps: deque[Step] = deque()
        self.metres = 0.0

    def __len__(self) -> int:
        return len(self._steps)

    def add(self, step: Step) -> None:
        self._steps.append(step)
        self.metres += step.metres
        if len(self._steps) > MOST_LEAVING:
            self.metres -= self._steps.popleft().metres

    def take(self) -> list[Step]:
        """All of them; none is left."""
        steps = list(self._steps)
        self._steps.clear()
        self.metres = 0.0
        return steps


@dataclass
class _Trip:
    began: Spot
    clip_id: str
    line: _Line
    last_moved_ns: int
    moving_ns: int = 0
    metres: float = 0.0
    top_mps: float = 0.0

    def add(self, step: Step) -> None:
        if step.moves:
            self.metres += step.metres
            self.moving_ns += step.elapsed_ns
            # A single wild one among the speeds is none.
            self.top_mps = max(self.top_mps, min(step.speeds_mps))
            self.last_moved_ns = step.after.at_ns
        if step.moves or step.is_gap:
            self.line.add(step.after, begins=step.is_gap)


class TripMeter:
    """Fed in the receiver's thread, asked in any: a lock guards it, held for microseconds.

    A trip begins with the first good fix, and again when the car leaves after it stood for five minutes, or after ten
    without a place.
    """

    def __init__(self, clip_id: Callable[[], str] = _no_clip) -> None:
        """`clip_id`: of the clip that grows now."""
        self._clip_id = clip_id
        self._lock = threading.Lock()
        self._trip: _Trip | None = None
        self._last: Spot | None = None
        self._stood_ns = 0
        self._is_over = False
        self._leaving = _Leaving()

    def put(self, monotonic_ns: int, place: Place) -> None:
        """A good fix, by when it was received."""
        spot = Spot(monotonic_ns, place)
        with self._lock:
            before, self._last = self._last, spot
            if before is None or self._trip is None:
                self._trip = self._begin(spot)
                return
            step = Step.of(before, spot)
            self._see_whether_it_left(step)
            if not self._is_over:
                self._trip.add(step)

    def status(self, now_ns: int) -> TripStatus | None:
        """The figures at this moment; None before the first good fix."""
        with self._lock:
            trip = self._trip
            if trip is None:
                return None
            is_over = self._is_over or now_ns - trip.last_moved_ns > _NO_PLACE_NS
            end_ns = trip.last_moved_ns if is_over else now_ns
            return TripStatus(
                seconds=round((end_ns - trip.began.at_ns) / NANOSECONDS, 1),
                moving_seconds=round(trip.moving_ns / NANOSECONDS, 1),
                distance_m=round(trip.metres, 1),
                top_speed_mps=round(trip.top_mps, 2),
                clip_id=trip.clip_id,
            )

    def line(self) -> tuple[LinePoint, ...]:
        """The simplified line, up to the newest fix."""
        with self._lock:
            trip, last = self._trip, self._last
            if trip is None or last is None:
                return ()
            points = tuple(trip.line.points)
            newest = trip.line.point(last)
            return points if self._is_over or newest.seconds <= points[-1].seconds else (*points, newest)

    def _begin(self, spot: Spot) -> _Trip:
        self._stood_ns, self._is_over = 0, False
        self._leaving.take()
        line = _Line(spot.at_ns)
        line.add(spot, begins=True)
        return _Trip(spot, self._clip_id(), line, spot.at_ns)

    def _see_whether_it_left(self, step: Step) -> None:
        """Notes that a trip is over, and begins another one when the car has left."""
        if not step.moves:
            self._leaving.take()
            if step.is_gap and step.metres > _SAME_PLACE_M:
                self._stood_ns = 0
            else:
                self._stood_ns += step.elapsed_ns
            self._is_over = self._is_over or self._stood_ns >= _STAND_NS or step.elapsed_ns >= _NO_PLACE_NS
            return
        self._leaving.add(step)
        if self._leaving.metres < _LEAVING_M:
            return
        self._stood_ns = 0
        leaving = self._leaving.take()[:-1]
        if self._is_over:
            self._trip = self._begin((leaving or [step])[0].before)
            for each in leaving:
                self._trip.add(each)


def metres_between(place: Place, other: Place) -> float:
    """The way as the crow flies."""
    return distance_m(place.latitude, place.longitude, other.latitude, other.longitude)
