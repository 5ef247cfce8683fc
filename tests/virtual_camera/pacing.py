"""A frame clock for the virtual camera, which has none and would deliver as fast as the processor can."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Mapping
from typing import Any

# A request that was given to libcamera comes back within this, or the camera hangs and nothing is waited for.
_ANSWER_SECONDS = 1.0
# Timestamps are taken when libcamera gets to a request. At least this far apart, so that no two are the same even in
# the microseconds that encoders count in.
_LEAST_DISTANCE_SECONDS = 0.002


class PacedCamera:
    """libcamera's Camera, which hands it the queued requests on a grid of frame times, one at a time.

    One at a time, because on a busy machine two that wait together are stamped a few microseconds apart. Whoever keeps
    requests back loses frames, as on a real camera. Everything but start, stop and queue_request is libcamera's own.
    """

    def __init__(self, camera: Any, completed: threading.Event, fps: float | None) -> None:
        self._camera = camera
        self._completed = completed
        self._fps = fps
        self._stopping = threading.Event()
        self._requests: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None

    def __getattr__(self, name: str) -> Any:
        return getattr(self._camera, name)

    def __eq__(self, other: object) -> bool:
        return bool(self._camera == getattr(other, "_camera", other))

    def __hash__(self) -> int:
        return hash(self._camera)

    def start(self, controls: Mapping[Any, Any] | None = None) -> None:
        """Starts the camera with libcamera's controls and begins to hand on requests."""
        controls = controls or {}
        self._stopping = threading.Event()
        self._requests = queue.SimpleQueue()
        self._camera.start(controls)
        arguments = (self._stopping, self._requests, 1 / (self._fps or _fps_asked_for(controls)))
        self._thread = threading.Thread(target=self._hand_on, args=arguments, name="virtual-camera", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stops the camera. Requests that were not handed on are forgotten."""
        self._stopping.set()
        self._requests.put(None)
        if self._thread is not None:
            self._thread.join()
        self._camera.stop()

    def queue_request(self, request: Any) -> None:
        """Takes a request, to be handed on when its turn has come."""
        self._requests.put(request)

    def _hand_on(self, stopping: threading.Event, requests: queue.SimpleQueue[Any], period_seconds: float) -> None:
        due = time.monotonic()
        while (request := requests.get()) is not None:
            # A late one starts a new grid, as frames that nobody had a buffer for are gone.
            due = max(due, time.monotonic())
            if stopping.wait(due - time.monotonic()):
                return
            self._completed.clear()
            self._camera.queue_request(request)
            self._completed.wait(_ANSWER_SECONDS)
            due = max(due + period_seconds, time.monotonic() + _LEAST_DISTANCE_SECONDS)


def _fps_asked_for(controls: Mapping[Any, Any]) -> float:
    """What picamera2's FrameRate became: the shortest frame duration, in microseconds. 30 when it was not asked."""
    for control, value in controls.items():
        if control.name == "FrameDurationLimits":
            return float(1e6 / value[0])
    return 30.0
