"""The synthetic drive as a camera: drawn, encoded for real, and numbered, so that a lost frame cannot hide."""

from __future__ import annotations

import logging
import threading
import time

from dashcam.camera import frame_code
from dashcam.camera.base import CameraCallbacks, CameraFacts, Mode, Picture
from dashcam.camera.drive.scene import Scene
from dashcam.camera.encoder import open_encoder
from dashcam.camera.frames import FramePipeline, even
from dashcam.camera.guard import guarded
from dashcam.camera.pacing import Pacer
from dashcam.camera.planes import new_picture, rotate_into
from dashcam.clock import NANOSECONDS
from dashcam.errors import CameraError
from dashcam.settings.resolutions import STANDARD_SIZES
from dashcam.settings.schema import CameraSettings
from dashcam.worker import Worker

log = logging.getLogger(__name__)

# Larger costs a PC more than a quarter of a core.
DEFAULT_HEIGHT = 720
DEFAULT_FPS = 30.0
# It draws any size at any rate; these are what it is offered at.
_MOST_FPS = 60.0
_LEAST_PIXELS = 32
_JOIN_SECONDS = 5.0
_NANOSECONDS_A_MILLISECOND = 1_000_000


def pattern_size(width: int, height: int) -> tuple[int, int]:
    """The even size to draw for wished width and height; a 0 follows from the other one at 16:9."""
    if not width and not height:
        height = DEFAULT_HEIGHT
    width = width or round(height * 16 / 9)
    height = height or round(width * 9 / 16)
    return max(even(width), _LEAST_PIXELS), max(even(height), _LEAST_PIXELS)


def _code_rows(width: int, height: int) -> int:
    """How many rows at the lower edge the machine-readable block and what is written beside it take."""
    place = frame_code.block_place(width, height)
    return 0 if place is None else height - place.top + place.cell // 2


class PatternCamera:
    """Frame n has media time n/fps and looks the same in every run, apart from the wall time written on it.

    Frames are neither left out nor numbered anew: on a machine that is too slow the drive falls behind real time.
    """

    def __init__(self, settings: CameraSettings, callbacks: CameraCallbacks, small_width: int) -> None:
        self._settings = settings
        self._callbacks = guarded(callbacks)
        self._small_width = small_width
        self._pipeline: FramePipeline | None = None
        self._worker = Worker("pattern camera", self._drive, self._died)
        self._size = pattern_size(settings.width, settings.height)
        self._fps = settings.fps or DEFAULT_FPS

    def start(self) -> CameraFacts:
        """Opens the encoder and begins to draw. Raises CameraError when nothing can encode this size."""
        width, height = self._size
        encoder = open_encoder(width, height, self._fps, self._settings.bitrate)
        self._pipeline = FramePipeline(encoder, self._callbacks, self._small_width, kept_rows=_code_rows(width, height))
        self._worker.start()
        return CameraFacts(
            kind="pattern",
            description="synthetic drive",
            width=width,
            height=height,
            fps=self._fps,
            encoder=encoder.name,
            notes=self._notes(),
            modes=tuple(Mode(width=wide, height=high, fps=_MOST_FPS) for wide, high in STANDARD_SIZES),
        )

    def take_photo(self, limit_seconds: float) -> Picture:
        """The next frame, at the size of the video. Raises CameraError when none comes within the limit."""
        if self._pipeline is None:
            raise CameraError("the camera is not started; start it first")
        return self._pipeline.desk.wait(limit_seconds)

    def close(self) -> None:
        """Stops drawing; may be called twice."""
        self._worker.stop(_JOIN_SECONDS)

    def _notes(self) -> tuple[str, ...]:
        wished = (self._settings.width, self._settings.height)
        notes = []
        if any(wish not in (0, size) for wish, size in zip(wished, self._size, strict=True)):
            notes.append(f"drawn at {self._size[0]}x{self._size[1]}, because sizes are even and at least 32 pixels")
        if frame_code.block_place(*self._size) is None:
            notes.append("the picture is too small for the machine-readable frame number")
        return tuple(notes)

    def _drive(self, stopping: threading.Event) -> None:
        """The camera's thread: draws on a grid until it is told to stop."""
        assert self._pipeline is not None
        try:
            self._draw_until(stopping, self._pipeline)
        finally:
            self._pipeline.finish()

    def _draw_until(self, stopping: threading.Event, pipeline: FramePipeline) -> None:
        width, height = self._size
        frame, planes = new_picture(width, height)
        degrees = self._settings.rotation
        upright = planes
        if degrees:
            scene_size = (height, width) if degrees in (90, 270) else (width, height)
            _, upright = new_picture(*scene_size)
        scene = Scene(upright.y.shape[1], upright.y.shape[0])
        pacer = Pacer(self._settings.speed, stopping)
        number = 0
        while pacer.wait(self._time_ns(number)):
            captured_monotonic_ns, utc_ns = time.monotonic_ns(), time.time_ns()
            scene.draw(upright, number / self._fps, number, utc_ns)
            if degrees:
                rotate_into(planes, upright, degrees)
            frame_code.draw(planes.y, number, utc_ns // _NANOSECONDS_A_MILLISECOND)
            pts_ns = self._time_ns(number)
            pipeline.take(
                frame,
                pts_ns=pts_ns,
                duration_ns=self._time_ns(number + 1) - pts_ns,
                captured_monotonic_ns=captured_monotonic_ns,
                is_drawn_again=True,
            )
            number += 1

    def _time_ns(self, number: int) -> int:
        return round(number * NANOSECONDS / self._fps)

    def _died(self, error: BaseException) -> None:
        failure = error if isinstance(error, Exception) else CameraError(f"the synthetic drive ended: {error}")
        self._callbacks.failed(failure)
