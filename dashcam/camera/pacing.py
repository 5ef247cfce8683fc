"""Real time for cameras that are none: a grid on the monotonic clock that media time is played along."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

from dashcam.clock import NANOSECONDS

log = logging.getLogger(__name__)

# A delay up to this is caught up by going faster; beyond it the grid is shifted, so that a machine that was busy or
# asleep does not then run at full power to make up for it.
_CAUGHT_UP_NS = NANOSECONDS
# How often a machine that is too slow says so.
_COMPLAINT_INTERVAL_NS = 60 * NANOSECONDS


class Pacer:
    """Plays media time (nanoseconds from 0) at `speed` times real time. Used by one thread.

    Nothing is ever skipped: a machine that is too slow falls behind, which is logged (at most once a minute) and
    counted in `behind_ns`.
    """

    def __init__(
        self,
        speed: float,
        stopping: threading.Event,
        monotonic_ns: Callable[[], int] = time.monotonic_ns,
        grain_ns: int = 0,
    ) -> None:
        """`grain_ns`: who has to wait does so for this much longer, so that what follows soon is due then too."""
        self.behind_ns = 0
        self._speed = speed
        self._grain_ns = grain_ns
        self._stopping = stopping
        self._monotonic_ns = monotonic_ns
        self._start_ns: int | None = None
        self._complained_ns: int | None = None

    def moment_ns(self, media_ns: int) -> int:
        """CLOCK_MONOTONIC of a media time, as the grid lies now; the first call lays it to begin now."""
        if self._start_ns is None:
            self._start_ns = self._monotonic_ns() - round(media_ns / self._speed)
        return self._start_ns + round(media_ns / self._speed)

    def wait(self, media_ns: int) -> bool:
        """Waits until it is time for `media_ns`. False, at once, when the camera is being closed."""
        late_ns = self._monotonic_ns() - self.moment_ns(media_ns)
        if late_ns > _CAUGHT_UP_NS:
            self._shift(late_ns)
        if late_ns >= 0:
            return not self._stopping.is_set()
        return not self._stopping.wait((self._grain_ns - late_ns) / NANOSECONDS)

    def _shift(self, late_ns: int) -> None:
        assert self._start_ns is not None
        self._start_ns += late_ns
        self.behind_ns += late_ns
        now_ns = self._monotonic_ns()
        if self._complained_ns is None or now_ns - self._complained_ns >= _COMPLAINT_INTERVAL_NS:
            self._complained_ns = now_ns
            log.warning(
                "this machine is too slow for the camera's pace: %.1f s behind so far; no frame is left out. "
                "A smaller camera.width, a lower camera.fps or camera.speed helps",
                self.behind_ns / NANOSECONDS,
            )
