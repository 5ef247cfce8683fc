"""Distances and directions on the globe, good to a fraction of a percent: for cars, not for surveyors."""

from __future__ import annotations

from math import asin, atan2, cos, degrees, radians, sin, sqrt

EARTH_RADIUS_M = 6_371_008.8
"""The mean radius (IUGG)."""


def distance_m(latitude: float, longitude: float, other_latitude: float, other_longitude: float) -> float:
    """Metres between two places given in degrees, along a great circle (haversine)."""
    north, other_north = radians(latitude), radians(other_latitude)
    half = (
        sin((other_north - north) / 2) ** 2
        + cos(north) * cos(other_north) * sin(radians(other_longitude - longitude) / 2) ** 2
    )
    return 2 * EARTH_RADIUS_M * asin(min(1.0, sqrt(half)))


def bearing_degrees(latitude: float, longitude: float, other_latitude: float, other_longitude: float) -> float:
    """The direction from one place to another, degrees from north, clockwise, below 360."""
    north, other_north = radians(latitude), radians(other_latitude)
    east = radians(other_longitude - longitude)
    right = sin(east) * cos(other_north)
    ahead = cos(north) * sin(other_north) - sin(north) * cos(other_north) * cos(east)
    return degrees(atan2(right, ahead)) % 360.0
