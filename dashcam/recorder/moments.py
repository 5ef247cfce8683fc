"""What is known of a moment while recording: the time by the best clock, and the place by the newest fixes."""

from __future__ import annotations

import threading
from collections import deque
from typing import TYPE_CHECKING, NamedTuple

from dashcam.clock import zone_of
from dashcam.moment import Moment
from dashcam.recorder.rhythm import USUAL, Reach

if TYPE_CHECKING:
    from dashcam.clock import WallClock
    from dashcam.place import Place

# A slow card keeps pictures waiting for some seconds, and they are to get the place where they were taken.
_REMEMBERED = 600


class _Report(NamedTuple):
    """What a receiver has told: a good fix, or that it has none."""

    at_ns: int
    place: Place | None
    reach: Reach

    def reaches(self, monotonic_ns: int) -> bool:
        """Whether it says anything of this moment."""
        later_ns = monotonic_ns - self.at_ns
        return -self.reach.near_ns <= later_ns <= self.reach.near_ns + self.reach.late_ns


class Moments:
    """Any thread may tell and ask."""

    def __init__(self, clock: WallClock, zone_name: str) -> None:
        self._clock = clock
        self._zone = zone_of(zone_name)
        self._lock = threading.Lock()
        self._reports: deque[_Report] = deque(maxlen=_REMEMBERED)

    def take_zone(self, name: str) -> None:
        """The time zone from now on. Raises SettingsError."""
        self._zone = zone_of(name)

    def put(self, monotonic_ns: int, place: Place, reach: Reach = USUAL) -> None:
        """A good fix, by when it was received, and the moments that it is good for."""
        self._add(_Report(monotonic_ns, place, reach))

    def miss(self, monotonic_ns: int, reach: Reach = USUAL) -> None:
        """A fix that is not good: from this moment on nobody knows the place, until the next good one."""
        self._add(_Report(monotonic_ns, None, reach))

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
        """The place of the nearest good fix, None when none is near: in a tunnel, after it, before the first one.

        Reports that something is amiss count from their moment on, and as far as no good fix is nearer.
        """
        earlier, later = self._around(monotonic_ns)
        if earlier is None or later is None or later.place is None:
            nearest = earlier or later
        else:
            nearest = earlier if monotonic_ns - earlier.at_ns <= later.at_ns - monotonic_ns else later
        return None if nearest is None else nearest.place

    def _around(self, monotonic_ns: int) -> tuple[_Report | None, _Report | None]:
        """The reports before and behind a moment that say something of it."""
        earlier, later = None, None
        with self._lock:
            for report in reversed(self._reports):
                if report.at_ns <= monotonic_ns:
                    earlier = report
                    break
                later = report
        return (
            earlier if earlier is not None and earlier.reaches(monotonic_ns) else None,
            later if later is not None and later.reaches(monotonic_ns) else None,
        )

    def _add(self, report: _Report) -> None:
        with self._lock:
            self._reports.append(report)
