"""A recorded drive, NMEA or GPX, as a receiver: at its own pace, without end, with the time running on."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import msgspec

from dashcam.clock import NANOSECONDS
from dashcam.errors import GpsError
from dashcam.gps.base import Fix, GpsState
from dashcam.gps.recording import LONGEST_PAUSE_SECONDS, fixes_of, is_shortened
from dashcam.gps.tracker import FixSink, Tracker
from dashcam.settings.schema import GpsSettings
from dashcam.worker import Worker

_JOIN_SECONDS = 5.0
# Between the end of a recording and its beginning.
_SEAM_NS = NANOSECONDS


class Onward:
    """Keeps the time of a recording from going back, at its seams and within: what follows is moved on. Pure."""

    def __init__(self) -> None:
        self._offset_ns = 0
        self._last_ns: int | None = None

    def move(self, fix: Fix) -> Fix:
        """The fix with a UTC later than that of all before it; one without stays so."""
        if fix.utc_ns is None:
            return fix
        if self._last_ns is not None and fix.utc_ns + self._offset_ns <= self._last_ns:
            self._offset_ns = self._last_ns + _SEAM_NS - fix.utc_ns
        self._last_ns = fix.utc_ns + self._offset_ns
        return msgspec.structs.replace(fix, utc_ns=self._last_ns)


class ReplayReceiver:
    """Plays `gps.source` at `speed` times real time; its dates are those of the recording.

    Long pauses are shortened, and from the first one on the state says so.
    """

    def __init__(self, settings: GpsSettings, on_fix: FixSink, speed: float = 1.0) -> None:
        self._path = Path(settings.source).expanduser() if settings.source else None
        self._speed = speed
        self._tracker = Tracker("replay", on_fix, is_real=False)
        self._worker = Worker("GPS replay", self._play, self._tracker.died)

    def start(self) -> None:
        """Begins to play. Raises GpsError when the file cannot be read, or has nothing in it."""
        if self._path is None:
            raise GpsError("replay needs an NMEA or GPX file; name it in gps.source")
        if next(fixes_of(self._path), None) is None:
            raise GpsError(f"{self._path} has no NMEA sentences with a place in it; name another file in gps.source")
        self._tracker.connected(f"replay of {self._path.name}")
        self._worker.start()

    def state(self) -> GpsState:
        """How it is at this moment."""
        return self._tracker.state()

    def close(self) -> None:
        """Stops playing; may be called twice."""
        self._worker.stop(_JOIN_SECONDS)

    def _play(self, stopping: threading.Event) -> None:
        assert self._path is not None
        onward = Onward()
        began_ns = time.monotonic_ns()
        passed_ns = 0
        while not stopping.is_set():
            media_ns, told = 0, None
            try:
                for fix in fixes_of(self._path):
                    if told is not None and is_shortened(told, fix):
                        self._tracker.remark(f"pauses of over {LONGEST_PAUSE_SECONDS} s are shortened to that")
                    told = told if fix.utc_ns is None else fix
                    media_ns = fix.received_monotonic_ns
                    due_ns = began_ns + round((passed_ns + media_ns) / self._speed)
                    if stopping.wait(max(0, due_ns - time.monotonic_ns()) / NANOSECONDS):
                        break
                    self._tracker.take(
                        msgspec.structs.replace(onward.move(fix), received_monotonic_ns=time.monotonic_ns())
                    )
            except (GpsError, OSError) as error:
                self._tracker.disconnected(f"the replay ended: {error}")
                return
            passed_ns += media_ns + _SEAM_NS
        self._tracker.disconnected("stopped")
