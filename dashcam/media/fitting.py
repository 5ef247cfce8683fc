"""What of a place can be true and has room in the formats: the last look at it before it goes into a file.

Receivers are looked at before; a sidecar may have been written in by anybody.
"""

from __future__ import annotations

import msgspec

from dashcam.moment import Moment
from dashcam.place import Place

_POLE, _ANTIMERIDIAN = 90, 180
# Below the deepest pit, and beyond any aeroplane; what is outside comes from a broken receiver or file.
LOWEST_METRES, HIGHEST_METRES = -500.0, 20_000.0
# No airliner is faster.
FASTEST_MPS = 350.0
# Receivers that know nothing say 99.99, and see a few dozen satellites at most.
_WORST_HDOP, _MOST_SATELLITES = 100.0, 150


def fitting(place: Place | None) -> Place | None:
    """The place without values that cannot be; None when it is not on earth."""
    if place is None or not (abs(place.latitude) <= _POLE and abs(place.longitude) <= _ANTIMERIDIAN):
        return None
    return msgspec.structs.replace(
        place,
        altitude_m=_within(place.altitude_m, LOWEST_METRES, HIGHEST_METRES),
        speed_mps=_within(place.speed_mps, 0, FASTEST_MPS),
        course_degrees=_within(place.course_degrees, 0, 360),
        hdop=_within(place.hdop, 0, _WORST_HDOP),
        satellites=None if _within(place.satellites, 0, _MOST_SATELLITES) is None else place.satellites,
    )


def with_fitting_place(moment: Moment) -> Moment:
    """The moment with what can be of its place."""
    return msgspec.structs.replace(moment, place=fitting(moment.place))


def _within(value: float | None, least: float, most: float) -> float | None:
    """None, too, for what is no number."""
    return value if value is not None and least <= value <= most else None
