"""What the tracks beside the video say of each second: time, speed and place, for people and for programs."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from dashcam.clock import NANOSECONDS
from dashcam.media.gpmf import gps_sample
from dashcam.moment import Moment, SpeedUnit, place_words, time_words


class Sample(msgspec.Struct, frozen=True):
    """What the tracks get for one second. Times are those of the clip, from its beginning."""

    begin_ns: int
    duration_ns: int
    text: str
    gps: bytes | None
    """None without a good fix: a gap stays a gap."""


def subtitle(moment: Moment, unit: SpeedUnit) -> str:
    """`2026-11-20 15:45:00 CET  48 km/h  53.35122, -6.26031`, or what is not known of it."""
    return f"{time_words(moment)}  {place_words(moment.place, unit)}"


class Telemetry:
    """The samples of one clip: one for every second of the video, as it goes on."""

    def __init__(self, moment_at: Callable[[int], Moment], unit: SpeedUnit) -> None:
        """`moment_at` tells what is known of a moment of CLOCK_MONOTONIC, in nanoseconds."""
        self._moment_at = moment_at
        self._unit = unit
        self.due_ns = 0
        """Until the video is there nothing has to be asked."""

    def sample(self, media_ns: int, duration_ns: int, captured_monotonic_ns: int) -> Sample:
        """The sample of the second that holds this frame, which is the first in it.

        It begins with the second, and where frames are missing before it with the frame. Whatever it raises, the next
        one is due a second later.
        """
        second_ns = media_ns // NANOSECONDS * NANOSECONDS
        self.due_ns = second_ns + NANOSECONDS
        begin_ns = second_ns if media_ns - second_ns <= duration_ns else media_ns
        moment = self._moment_at(captured_monotonic_ns)
        return Sample(begin_ns, self.due_ns - begin_ns, subtitle(moment, self._unit), gps_sample(moment))
