"""A camera that does what a test tells it, in place of `open_camera`."""

from __future__ import annotations

import dataclasses
import threading
import time

import av
import msgspec

from dashcam.camera.base import CameraCallbacks, CameraFacts, Picture
from dashcam.camera.choose import OpenedCamera
from dashcam.clock import NANOSECONDS
from dashcam.errors import CameraError
from dashcam.settings.schema import CameraSettings
from dashcam.worker import Worker
from tests.packets import FACTS, FPS, HEIGHT, WIDTH, packets

# A second of the stream in a tenth of a second.
SPEED = 10.0
_ENDLESS = 10**9


class ScriptedCamera:
    """Sends real packets, SPEED times as fast as they were made for, until told otherwise."""

    def __init__(self, callbacks: CameraCallbacks, cameras: Cameras) -> None:
        self.is_silent = False
        self.sends_keyframes = True
        self.frames_sent = 0
        self.newest_pts_ns = 0
        self._callbacks = callbacks
        self._cameras = cameras
        self._worker = Worker("scripted camera", self._send)

    def start(self) -> CameraFacts:
        self._worker.start()
        return dataclasses.replace(FACTS)

    def take_photo(self, limit_seconds: float) -> Picture:
        return self._picture()

    def close(self) -> None:
        self._cameras.may_close.wait()
        self._worker.stop()

    def fail(self, reason: str) -> None:
        """Says that no further packet will come, and sends none."""
        self.is_silent = True
        self._callbacks.failed(CameraError(reason))

    def lose(self) -> None:
        """Says that a frame could not be handed on."""
        self._callbacks.lost()

    def _send(self, stop: threading.Event) -> None:
        for packet in packets(_ENDLESS):
            if stop.wait(1 / (FPS * SPEED)):
                return
            if self.is_silent or (packet.is_keyframe and not self.sends_keyframes):
                continue
            self._callbacks.packet(msgspec.structs.replace(packet, captured_monotonic_ns=time.monotonic_ns()))
            self.frames_sent += 1
            self.newest_pts_ns = packet.pts_ns
            if self._callbacks.wishes_pictures(packet.pts_ns):
                self._callbacks.picture(self._picture())
            if self.frames_sent == self._cameras.fails_after:
                self.fail("the cable is loose")

    def _picture(self) -> Picture:
        frame = av.VideoFrame(WIDTH, HEIGHT, "yuv420p")
        for plane in frame.planes:
            plane.update(bytes([90]) * plane.buffer_size)
        return Picture(frame, self.newest_pts_ns, time.monotonic_ns())


class Cameras:
    """To be given to a recorder as its `open_camera`. What is set here holds for every camera, opened or to come."""

    def __init__(self) -> None:
        self.opened: list[ScriptedCamera] = []
        self.attempts = 0
        self.error: CameraError | None = None
        """Raised instead of opening."""
        self.fails_after = 0
        """Each camera fails after so many frames; 0: never."""
        self.sends_nothing = False
        self.may_open = threading.Event()
        self.may_close = threading.Event()
        self.may_open.set()
        self.may_close.set()

    def __call__(
        self, settings: CameraSettings, callbacks: CameraCallbacks, *, small_width: int, or_pattern: bool
    ) -> OpenedCamera:
        """A running camera."""
        self.attempts += 1
        self.may_open.wait()
        if self.error is not None:
            raise self.error
        camera = ScriptedCamera(callbacks, self)
        camera.is_silent = self.sends_nothing
        self.opened.append(camera)
        return OpenedCamera(camera, camera.start(), is_fallback=False)

    @property
    def newest(self) -> ScriptedCamera:
        """The camera opened last."""
        return self.opened[-1]

    def let_go(self) -> None:
        """Nothing hangs any longer."""
        self.may_open.set()
        self.may_close.set()


def media_seconds(frames: int) -> float:
    """How long so many frames are shown."""
    return frames / FPS


FRAME_NS = NANOSECONDS // FPS
