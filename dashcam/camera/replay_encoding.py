"""A file whose packets cannot be passed on: its pictures are decoded and encoded again."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from itertools import count

from av.error import FFmpegError
from av.video.frame import VideoFrame

from dashcam.camera.base import CameraCallbacks, CameraFacts, Picture
from dashcam.camera.encoder import open_encoder
from dashcam.camera.frames import FramePipeline
from dashcam.camera.pacing import Pacer
from dashcam.camera.replay_file import VideoFile
from dashcam.camera.upright import Upright
from dashcam.errors import CameraError
from dashcam.settings.schema import CameraSettings

log = logging.getLogger(__name__)


class PicturePlayer:
    """Decodes the file and encodes its pictures again, each with its own time."""

    def __init__(
        self,
        file: VideoFile,
        settings: CameraSettings,
        callbacks: CameraCallbacks,
        small_width: int,
        reasons: list[str],
    ) -> None:
        self._file = file
        self._settings = settings
        self._reasons = reasons
        self._upright = Upright(settings.rotation, file.width, file.height)
        self._encoder = open_encoder(self._upright.width, self._upright.height, file.fps, settings.bitrate)
        self._pipeline = FramePipeline(self._encoder, callbacks, small_width)

    def facts(self) -> CameraFacts:
        """What is played, and why it is encoded again."""
        return CameraFacts(
            kind="replay",
            description=f"replay of {self._file.path.name}",
            width=self._upright.width,
            height=self._upright.height,
            fps=self._file.fps,
            encoder=self._encoder.name,
            notes=(f"encoded again, because {'; '.join(self._reasons)}",),
        )

    def play(self, stopping: threading.Event) -> None:
        """Plays until it is told to stop. Raises CameraError when the file cannot be read or decoded any more."""
        pacer = Pacer(self._settings.speed, stopping)
        file = self._file
        try:
            for loop in count():
                has_picture = False
                for frame, pts in self._frames():
                    pts_ns = file.time_ns(loop, pts)
                    if not pacer.wait(pts_ns):
                        return
                    has_picture = True
                    self._pipeline.take(
                        self._upright.turn(frame),
                        pts_ns=pts_ns,
                        duration_ns=file.duration_ns(loop, pts),
                        captured_monotonic_ns=pacer.moment_ns(pts_ns),
                    )
                if not has_picture:
                    raise CameraError(f"nothing in {file.path} can be decoded; choose another file")
        finally:
            self._pipeline.finish()

    def take_photo(self, limit_seconds: float) -> Picture:
        """The next picture that is played."""
        return self._pipeline.desk.wait(limit_seconds)

    def close(self) -> None:
        """Nothing is held open between two loops."""

    def _frames(self) -> Iterator[tuple[VideoFrame, int]]:
        """The pictures of one loop in rising order of their times; damaged ones are left out."""
        newest = self._file.first_pts - 1
        for packet in self._file.packets():
            try:
                frames = packet.decode()
            except FFmpegError as error:
                log.debug("a damaged picture is left out: %s", error)
                continue
            for frame in frames:
                if isinstance(frame, VideoFrame) and frame.pts is not None and frame.pts > newest:
                    newest = frame.pts
                    yield frame, frame.pts
