"""Where the car was at one moment and how it moved: what a fix, a track, a stamp and a map have in common."""

from __future__ import annotations

import msgspec


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """A position that may be shown as true, and the movement there; None is what the receiver did not say."""

    latitude: float
    """Degrees WGS 84, north is positive."""
    longitude: float
    """Degrees WGS 84, east is positive."""
    altitude_m: float | None = None
    """Metres above mean sea level."""
    speed_mps: float | None = None
    """Metres a second over ground."""
    course_degrees: float | None = None
    """Where it drives to, degrees from true north, clockwise; meaningless when standing."""
    hdop: float | None = None
    """Horizontal dilution of precision: 1 is ideal, above 10 the place is a guess."""
    satellites: int | None = None
    """How many the place was computed from."""
