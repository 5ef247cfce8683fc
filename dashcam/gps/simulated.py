"""A receiver that is none: it drives a round trip at the machine's date, beside the synthetic camera."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from dashcam.clock import NANOSECONDS
from dashcam.gps.base import Fix, GpsState
from dashcam.gps.route import Route
from dashcam.gps.tracker import FixSink, Tracker
from dashcam.worker import Worker

_INTERVAL_SECONDS = 1.0
_SATELLITES, _HDOP = 9, 0.9
_JOIN_SECONDS = 5.0


class SimulatedReceiver:
    """A fix a second, always good; its time is the machine's, so it can set no clock."""

    def __init__(
        self,
        on_fix: FixSink,
        *,
        is_fallback: bool = False,
        utc_ns: Callable[[], int] = time.time_ns,
        interval_seconds: float = _INTERVAL_SECONDS,
    ) -> None:
        self._utc_ns = utc_ns
        self._interval_seconds = interval_seconds
        self._tracker = Tracker("simulated", on_fix, is_real=False, is_fallback=is_fallback)
        self._worker = Worker("simulated GPS", self._drive, self._tracker.died)

    def start(self) -> None:
        """Drives off."""
        self._tracker.connected("simulated drive")
        self._worker.start()

    def state(self) -> GpsState:
        """How it is at this moment."""
        return self._tracker.state()

    def close(self) -> None:
        """Stops; may be called twice."""
        self._worker.stop(_JOIN_SECONDS)

    def _drive(self, stopping: threading.Event) -> None:
        route = Route()
        began_ns = time.monotonic_ns()
        number = 0
        while True:
            due_ns = began_ns + round(number * self._interval_seconds * NANOSECONDS)
            if stopping.wait(max(0, due_ns - time.monotonic_ns()) / NANOSECONDS):
                break
            now_ns = time.monotonic_ns()
            self._tracker.take(self._fix(route, (now_ns - began_ns) / NANOSECONDS, now_ns))
            # On a machine that was asleep moments are left out, not made up for.
            number = max(number + 1, int((now_ns - began_ns) / NANOSECONDS / self._interval_seconds))
        self._tracker.disconnected("stopped")

    def _fix(self, route: Route, seconds: float, now_ns: int) -> Fix:
        place = route.at(seconds)
        return Fix(
            received_monotonic_ns=now_ns,
            verdict="good",
            quality="simulated",
            utc_ns=self._utc_ns(),
            latitude=place.latitude,
            longitude=place.longitude,
            altitude_m=place.altitude_m,
            speed_mps=place.speed_mps,
            course_degrees=place.course_degrees,
            hdop=_HDOP,
            satellites=_SATELLITES,
            satellites_in_view=_SATELLITES,
        )
