"""What is known of a moment while recording: the time by the best clock, and the place by the newest fixes."""

from __future__ import annotations

import threading
from collections import deque
from typing import TYPE_CHECKING

from dashcam.clock import NANOSECONDS, zone_of
from dashcam.moment import Moment

if TYPE_CHECKING:
    from dashcam.clock import WallClock
    from dashcam.place import Place

# Receivers send once a second; a picture is at most half of that from a fix, and late by what the encoder takes.
_NEAR_NS = 2 * NANOSECONDS
# A slow card keeps pictures waiting for some seconds, and they are to get the place where they were taken.
_REMEMBERED = 600


class Moments:
    """Any thread may tell and ask."""

    def __init__(self, clock: WallClock, zone_name: str) -> None:
        self._clock = clock
        self._zone = zone_of(zone_name)
        self._lock = threading.Lock()
        self._places: deque[tuple[int, Place]] = deque(maxlen=_REMEMBERED)

    def take_zone(self, name: str) -> None:
        """The time zone from now on. Raises SettingsError."""
        self._zone = zone_of(name)

    def put(self, monotonic_ns: int, place: Place) -> None:
        """A good fix, by when it was received."""
        with self._lock:
            self._places.append((monotonic_ns, place))

    def at(self, monotonic_ns: int) -> Moment:
        """The moment as it is known now: with a time if one is trusted, with a place if a good fix is near."""
        anchor = self._clock.anchor()
        return Moment(
            monotonic_ns=monotonic_ns,
            utc_ns=anchor.utc_ns_at(monotonic_ns) if anchor.is_trusted else None,
            zone=self._zone,
            place=self.place_at(monotonic_ns),
        )

    def place_at(self, monotonic_ns: int) -> Place | None:
        """The place of the nearest good fix, None when none is near: after a tunnel, before the first one."""
        nearest, distance_ns = None, _NEAR_NS + 1
        with self._lock:
            for then_ns, place in reversed(self._places):
                if then_ns < monotonic_ns - _NEAR_NS:
                    break  # all before it are farther away
                if abs(then_ns - monotonic_ns) < distance_ns:
                    nearest, distance_ns = place, abs(then_ns - monotonic_ns)
        return nearest
