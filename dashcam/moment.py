"""One moment as far as it is known, and how it is written on pictures, into subtitles and on thumbnails."""

from __future__ import annotations

from typing import Literal
from zoneinfo import ZoneInfo

import msgspec

from dashcam.clock import local_time
from dashcam.place import Place

SpeedUnit = Literal["km/h", "mph"]

NO_TIME = "time not set"
NO_PLACE = "no GPS"
# Between speed and position in one line of text.
GAP = "  "

_PER_MPS: dict[SpeedUnit, float] = {"km/h": 3.6, "mph": 3600 / 1609.344}


class Moment(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of one moment. What is unknown is None, never a guess."""

    monotonic_ns: int
    utc_ns: int | None
    """None while no clock is trusted."""
    zone: ZoneInfo | None = None
    """For local time; None: the machine's own."""
    place: Place | None = None
    """None while no good fix is near enough in time."""


def time_words(moment: Moment, *, with_zone: bool = True) -> str:
    """`2026-11-20 15:45:00 CET`, with the offset where the zone has no letters; `time not set` while unknown."""
    if moment.utc_ns is None:
        return NO_TIME
    local = local_time(moment.utc_ns, moment.zone)
    name = f" {local:%Z}" if with_zone else ""
    if name[1:2] in ("+", "-"):
        name = f" UTC{name[1:]}"
    return f"{local:%Y-%m-%d %H:%M:%S}{name}"


def speed_words(speed_mps: float | None, unit: SpeedUnit) -> str:
    """`48 km/h` or `30 mph`; empty when unknown."""
    return "" if speed_mps is None else f"{speed_mps * _PER_MPS[unit]:.0f} {unit}"


def position_words(place: Place) -> str:
    """`53.35122, -6.26031`: a metre exact, and what every map's search field takes."""
    return f"{place.latitude:.5f}, {place.longitude:.5f}"


def place_words(place: Place | None, unit: SpeedUnit) -> str:
    """Speed and position, `48 km/h  53.35122, -6.26031`; `no GPS` when unknown."""
    if place is None:
        return NO_PLACE
    return GAP.join(filter(None, (speed_words(place.speed_mps, unit), position_words(place))))


def stamp_words(moment: Moment, name: str, unit: SpeedUnit, *, with_place: bool = True) -> tuple[str, ...]:
    """What stands on a picture, in groups that are not torn apart: time, speed, position and the camera's name."""
    place = moment.place
    if place is None:
        where = [NO_PLACE]
    else:
        where = [speed_words(place.speed_mps, unit), position_words(place) if with_place else ""]
    return tuple(filter(None, (time_words(moment), *where, name)))
