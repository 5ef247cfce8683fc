"""Where things of the drive appear: a camera behind a windscreen, and a road that winds gently.

Metres on the ground: `ahead` along the road from the camera, `across` from the middle of the road, right is positive.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Doubles = NDArray[np.float64]

EYE_HEIGHT = 1.3
LANE_WIDTH = 3.5
OWN_LANE = LANE_WIDTH / 2
FARTHEST = 260.0
"""Metres beyond which the road melts into the haze."""

# Half the horizontal angle of view is 35 degrees, as of a usual dashcam.
_FOCAL_PER_WIDTH = 0.5 / math.tan(math.radians(35))
_HORIZON_PER_HEIGHT = 0.45
DASHBOARD_PER_HEIGHT = 0.875
"""Where the dashboard begins, at its highest."""

# Three waves of curvature: 1/metre, and length/2π in metres. No two have a common period that anyone waits for.
_WAVES = ((1 / 520, 140.0, 0.4), (1 / 700, 83.0, 2.1), (1 / 1500, 37.0, 4.0))
# The sum of all waves' turns: how far the horizon moves to either side, in radians.
FARTHEST_TURN = sum(bend * length for bend, length, _ in _WAVES)

_CRUISE = 23.0  # metres a second, 83 km/h
_SURGE, _SURGE_SECONDS = 26.0, 11.0


def driven_metres(seconds: float) -> float:
    """How far the car has come."""
    return _CRUISE * seconds + _SURGE * math.sin(seconds / _SURGE_SECONDS)


def metres_per_second(seconds: float) -> float:
    """How fast the car is; the derivative of `driven_metres`."""
    return _CRUISE + _SURGE / _SURGE_SECONDS * math.cos(seconds / _SURGE_SECONDS)


def heading(metres: float) -> float:
    """Where the road points after so many metres, in radians."""
    return sum(-bend * length * math.cos(metres / length + phase) for bend, length, phase in _WAVES)


def _position(metres: Doubles) -> Doubles:
    total = np.zeros_like(metres)
    for bend, length, phase in _WAVES:
        total -= bend * length * length * np.sin(metres / length + phase)
    return total


def sideways(driven: float, ahead: Doubles) -> Doubles:
    """How far the road has swung to the right, in metres, at distances ahead of a car that has driven so far."""
    here = np.array([driven])
    return _position(driven + ahead) - _position(here) - ahead * heading(driven)


@dataclass(frozen=True, slots=True)
class View:
    """The camera of the drive for one picture size; pixels are of luma."""

    width: int
    height: int

    @property
    def focal(self) -> float:
        """Focal length in pixels."""
        return self.width * _FOCAL_PER_WIDTH

    @property
    def horizon(self) -> int:
        """The row of the horizon, even."""
        return round(self.height * _HORIZON_PER_HEIGHT / 2) * 2

    @property
    def first_road_row(self) -> int:
        """The first row that shows road, even."""
        return min(self.horizon + math.ceil(self.focal * EYE_HEIGHT / FARTHEST / 2) * 2, self.height)

    @property
    def dashboard_row(self) -> int:
        """The first row that the dashboard reaches, even."""
        return round(self.height * DASHBOARD_PER_HEIGHT / 2) * 2

    def row_of(self, ahead: float) -> float:
        """The row where the ground is so far ahead."""
        return self.horizon + self.focal * EYE_HEIGHT / ahead

    def ahead_of(self, rows: Doubles) -> Doubles:
        """How far ahead the ground of these rows is, in metres."""
        return self.focal * EYE_HEIGHT / (rows + 0.5 - self.horizon)
