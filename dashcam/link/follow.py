"""The recorder's newest status, kept up to date in the background."""

from __future__ import annotations

import threading
from pathlib import Path

from dashcam.errors import DashcamError
from dashcam.link.client import Watch, watch
from dashcam.link.messages import RecorderStatus, WatchStatus
from dashcam.worker import Worker

# The recorder sends one a second; after this it is busy beyond all measure, or hangs.
_SILENCE_LIMIT_SECONDS = 5.0
# Knocking at a socket that is not there costs nothing, and a restart shall show at once.
_RECONNECT_SECONDS = 0.3


class FollowedStatus:
    """Follows the recorder of a state folder. `status` is None while it cannot be reached; it reconnects by itself."""

    def __init__(self, state: Path) -> None:
        self._state = state
        self._changed = threading.Condition()  # guards everything below
        self._version = 0
        self._status: RecorderStatus | None = None
        self._watch: Watch[RecorderStatus] | None = None
        self._is_closed = False
        self._worker = Worker("follow-status", self._follow)

    def start(self) -> None:
        """Begins to follow; the recorder need not run yet."""
        self._worker.start()

    def close(self) -> None:
        """Stops following and wakes whoever waits. May be called twice."""
        with self._changed:
            self._is_closed = True
            self._changed.notify_all()
            if self._watch is not None:
                self._watch.cancel()
        self._worker.stop()

    @property
    def status(self) -> RecorderStatus | None:
        """The newest status; None while the recorder cannot be reached."""
        return self._status

    @property
    def version(self) -> int:
        """Counts up with every message and every loss of the link."""
        return self._version

    def wait_for_change(self, version: int, limit_seconds: float) -> tuple[int, RecorderStatus | None]:
        """Waits until the version differs from `version`, the limit is over or following ends; then both as they are.

        Start with version -1 to get at once what there is.
        """
        with self._changed:
            self._changed.wait_for(lambda: self._version != version or self._is_closed, limit_seconds)
            return self._version, self._status

    def _follow(self, stop: threading.Event) -> None:
        while not stop.is_set():
            self._follow_once()
            if stop.wait(_RECONNECT_SECONDS):
                return

    def _follow_once(self) -> None:
        watching = watch(self._state, "recorder", WatchStatus(), RecorderStatus, _SILENCE_LIMIT_SECONDS)
        with self._changed:
            if self._is_closed:
                return
            self._watch = watching
        try:
            with watching:
                for status in watching:
                    self._publish(status)
        except DashcamError:
            pass  # it is not there, or not any more: that is what None says
        finally:
            with self._changed:
                self._watch = None
            if self._status is not None:
                self._publish(None)

    def _publish(self, status: RecorderStatus | None) -> None:
        with self._changed:
            self._status = status
            self._version += 1
            self._changed.notify_all()
