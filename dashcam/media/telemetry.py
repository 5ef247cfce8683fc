"""What the tracks beside the video say of each second: time, speed and place, for people and for programs."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from dashcam.media.fitting import with_fitting_place
from dashcam.media.gpmf import gps_sample
from dashcam.moment import Moment, SpeedUnit, place_words, time_words


class Sample(msgspec.Struct, frozen=True):
    """What the tracks get for one second."""

    text: str
    gps: bytes | None
    """None without a good fix: a gap stays a gap."""


def subtitle(moment: Moment, unit: SpeedUnit) -> str:
    """`2026-11-20 15:45:00 CET  48 km/h  53.35122, -6.26031`, or what is not known of it."""
    return f"{time_words(moment)}  {place_words(moment.place, unit)}"


class Telemetry:
    """Tells what is known of each second of a video."""

    def __init__(self, moment_at: Callable[[int], Moment], unit: SpeedUnit) -> None:
        """`moment_at` tells what is known of a moment of CLOCK_MONOTONIC, in nanoseconds."""
        self._moment_at = moment_at
        self._unit = unit

    def sample(self, captured_monotonic_ns: int) -> Sample:
        """What is known of the moment of a picture, the first of a second.

        What cannot be of its place is left out. Raises what `moment_at` does.
        """
        moment = with_fitting_place(self._moment_at(captured_monotonic_ns))
        return Sample(subtitle(moment, self._unit), gps_sample(moment))
