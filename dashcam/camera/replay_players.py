"""The two ways to play a file: its packets as they are, or its pictures encoded again."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from itertools import count
from typing import TYPE_CHECKING

from av.error import FFmpegError
from av.video.frame import VideoFrame

from dashcam.camera.base import CameraCallbacks, CameraFacts, Packet, Picture
from dashcam.camera.encoder import open_encoder
from dashcam.camera.frames import FramePipeline
from dashcam.camera.pacing import Pacer
from dashcam.camera.replay_file import VideoFile, open_video
from dashcam.camera.replay_pictures import CodedPicture, GopPictures
from dashcam.camera.upright import Upright
from dashcam.errors import CameraError
from dashcam.media.h264 import HeaderRepeater, parameter_sets_of, split_annex_b
from dashcam.settings.schema import CameraSettings

if TYPE_CHECKING:
    from av.packet import Packet as FilePacket
    from av.video.stream import VideoStream

log = logging.getLogger(__name__)


class PacketPlayer:
    """Passes packets on untouched. Loop n+1 begins exactly where loop n ended, and dts rise strictly across it."""

    def __init__(self, file: VideoFile, settings: CameraSettings, callbacks: CameraCallbacks, small_width: int) -> None:
        self._file = file
        self._settings = settings
        self._callbacks = callbacks
        # The template of the packets; they are read through another container each loop. It is never closed by us: a
        # writer may still need it for packets in its queue, and it goes when the last one lets go of it.
        _, self._stream = open_video(file.path)
        extradata = self._stream.codec_context.extradata
        sets = parameter_sets_of(split_annex_b(extradata)) if file.is_annex_b and extradata else None
        self._headers = HeaderRepeater(sets)
        self._pictures = GopPictures(extradata, callbacks, small_width)
        self._pictures.start()

    def facts(self) -> CameraFacts:
        """What is played."""
        wishes = self._settings
        notes: tuple[str, ...] = ()
        if wishes.width or wishes.height or wishes.fps or wishes.bitrate:
            notes = ("the packets are passed on as they are in the file, with its size, frame rate and bit rate",)
        return CameraFacts(
            kind="replay",
            description=f"replay of {self._file.path.name}",
            width=self._file.width,
            height=self._file.height,
            fps=self._file.fps,
            encoder="as it is in the file",
            notes=notes,
            template=None if self._file.is_annex_b else self._stream,
        )

    def play(self, stopping: threading.Event) -> None:
        """Plays until it is told to stop. Raises CameraError when the file cannot be read any more."""
        pacer = Pacer(self._settings.speed, stopping)
        file = self._file
        number = 0
        for loop in count():
            for coded in file.packets():
                if coded.dts is None or coded.pts is None:
                    continue  # the empty one at the end
                # A packet comes out of an encoder after its picture was taken: all are late by the longest delay.
                if not pacer.wait(file.time_ns(loop, coded.dts + file.delay_ticks)):
                    return
                captured_monotonic_ns = pacer.moment_ns(file.time_ns(loop, coded.pts))
                packet = self._packet(coded, loop, captured_monotonic_ns)
                self._callbacks.packet(packet)
                self._pictures.take(
                    CodedPicture(number, packet.data, packet.pts_ns, captured_monotonic_ns, packet.is_keyframe)
                )
                number += 1

    def take_photo(self, limit_seconds: float) -> Picture:
        """The newest picture, decoded in the caller's thread."""
        return self._pictures.newest(limit_seconds)

    def close(self) -> None:
        """Ends the decoding of pictures; may be called twice."""
        self._pictures.close()

    def _packet(self, coded: FilePacket[VideoStream], loop: int, captured_monotonic_ns: int) -> Packet:
        assert coded.dts is not None
        assert coded.pts is not None
        data = bytes(coded)
        if self._file.is_annex_b and coded.is_keyframe:
            data = self._headers.complete(data)
        return Packet(
            data=data,
            pts_ns=self._file.time_ns(loop, coded.pts),
            dts_ns=self._file.time_ns(loop, coded.dts),
            duration_ns=self._file.duration_ns(loop, coded.pts),
            is_keyframe=coded.is_keyframe,
            captured_monotonic_ns=captured_monotonic_ns,
        )


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
