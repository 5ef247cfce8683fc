"""A round trip that nobody drove: bends, hills and traffic lights, with the speed that goes with them. Pure."""

from __future__ import annotations

from bisect import bisect_right
from itertools import accumulate, pairwise
from math import atan2, cos, degrees, hypot, pi, radians, sin, sqrt

import msgspec

from dashcam.gps.geometry import EARTH_RADIUS_M

# Hills of the Eifel, where nobody is surprised by bends.
_CENTRE = (50.3569, 6.9653)
_RADIUS_M = 900.0
# Waves of the road around its circle: how many, how high (by the radius), and where they begin.
_WAVES = ((2, 0.22, 0.4), (5, 0.10, 1.1), (11, 0.06, 0.0))
_POINTS = 1600
_LIGHTS = (0.0, 0.37, 0.71)
_WAIT_SECONDS = 9.0
_FASTEST_MPS = 80 / 3.6
_SIDEWAYS_MPS2, _ACCELERATION_MPS2, _BRAKING_MPS2 = 2.5, 1.3, 2.0
_CREEPING_MPS = 0.5
_ALTITUDE_M, _HILLS_M = 480.0, 35.0


class Place(msgspec.Struct, frozen=True):
    """Where one is on the way, in the units of `Fix`."""

    latitude: float
    longitude: float
    altitude_m: float
    speed_mps: float
    course_degrees: float


class Route:
    """The round trip; making one takes some milliseconds."""

    def __init__(self) -> None:
        self._ways = [_way(number / _POINTS) for number in range(_POINTS + 1)]
        self._steps = [hypot(b[0] - a[0], b[1] - a[1]) for a, b in pairwise(self._ways)]
        self._speeds = self._comfortable_speeds()
        self._lights = sorted(round(share * _POINTS) for share in _LIGHTS)
        self._moments = self._pass_times()

    @property
    def seconds(self) -> float:
        """How long one round takes."""
        return self._moments[-1]

    @property
    def metres(self) -> float:
        """How long the way is."""
        return sum(self._steps)

    def at(self, seconds: float) -> Place:
        """Where one is after so long; round after round."""
        moment = seconds % self.seconds
        index = min(bisect_right(self._moments, moment) - 1, _POINTS - 1)
        # At a light one waits first, then drives on.
        waited = _WAIT_SECONDS if index in self._lights else 0.0
        driven = max(0.0, moment - self._moments[index] - waited)
        duration = self._moments[index + 1] - self._moments[index] - waited
        share = min(1.0, driven / duration)
        (right, up), (next_right, next_up) = self._ways[index], self._ways[index + 1]
        speed = 0.0 if driven == 0.0 and waited else self._steps[index] / duration
        return _place(
            right + share * (next_right - right),
            up + share * (next_up - up),
            speed,
            degrees(atan2(next_right - right, next_up - up)) % 360,
        )

    def _comfortable_speeds(self) -> list[float]:
        speeds = [min(_FASTEST_MPS, sqrt(_SIDEWAYS_MPS2 * self._bend_radius_m(index))) for index in range(_POINTS)]
        for share in _LIGHTS:
            speeds[round(share * _POINTS)] = _CREEPING_MPS
        # Twice around, so that the end fits the beginning.
        for number in range(2 * _POINTS):
            index = number % _POINTS
            fastest = sqrt(speeds[index - 1] ** 2 + 2 * _ACCELERATION_MPS2 * self._steps[index - 1])
            speeds[index] = min(speeds[index], fastest)
        for number in range(2 * _POINTS, 0, -1):
            index = number % _POINTS
            fastest = sqrt(speeds[index] ** 2 + 2 * _BRAKING_MPS2 * self._steps[index - 1])
            speeds[index - 1] = min(speeds[index - 1], fastest)
        return [*speeds, speeds[0]]

    def _bend_radius_m(self, index: int) -> float:
        """Of the circle through a point and its neighbours."""
        (ax, ay), (bx, by), (cx, cy) = (self._ways[(index + step) % _POINTS] for step in (-1, 0, 1))
        twice_area = abs((bx - ax) * (cy - ay) - (cx - ax) * (by - ay))
        sides = hypot(bx - ax, by - ay) * hypot(cx - bx, cy - by) * hypot(cx - ax, cy - ay)
        return sides / (2 * twice_area) if twice_area > 1e-6 else 1e6

    def _pass_times(self) -> list[float]:
        durations = [
            2 * step / (speed + next_speed) + (_WAIT_SECONDS if index in self._lights else 0.0)
            for index, (step, (speed, next_speed)) in enumerate(zip(self._steps, pairwise(self._speeds), strict=True))
        ]
        return list(accumulate(durations, initial=0.0))


def _way(share: float) -> tuple[float, float]:
    """Metres east and north of the centre after a share of the round."""
    angle = 2 * pi * share
    radius = _RADIUS_M * (1 + sum(height * sin(count * angle + phase) for count, height, phase in _WAVES))
    return radius * sin(angle), radius * cos(angle)


def _place(right_m: float, up_m: float, speed_mps: float, course_degrees: float) -> Place:
    latitude, longitude = _CENTRE
    return Place(
        latitude + degrees(up_m / EARTH_RADIUS_M),
        longitude + degrees(right_m / (EARTH_RADIUS_M * cos(radians(latitude)))),
        _ALTITUDE_M + _HILLS_M * sin(right_m / _RADIUS_M * pi),
        speed_mps,
        course_degrees,
    )
