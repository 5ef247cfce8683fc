"""A file played by passing its packets on as they are; replay_encoding is for those that cannot be."""

from __future__ import annotations

import threading
from itertools import count, islice
from typing import TYPE_CHECKING

from dashcam.camera.base import CameraCallbacks, CameraFacts, Packet, Picture
from dashcam.camera.pacing import Pacer
from dashcam.camera.replay_file import VideoFile, open_video
from dashcam.camera.replay_pictures import GopPictures
from dashcam.media.h264 import HeaderRepeater, parameter_sets_of, split_annex_b
from dashcam.settings.schema import CameraSettings

if TYPE_CHECKING:
    from av.packet import Packet as FilePacket
    from av.video.stream import VideoStream

# A second or so is read at once: a packet at a time costs three times as much (measured: 150 and 45 microseconds).
_READ_AHEAD_PACKETS = 30
# Pictures are handed on in threes at 30 a second, the first of them late by this: waking up costs more than all else
# that is done with a picture. Encoders are late by as much.
_GRAIN_NS = 67_000_000


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
            stamp_hindrance="the file's own video is passed on as it is; nothing can be written into its pictures",
        )

    def play(self, stopping: threading.Event) -> None:
        """Plays until it is told to stop. Raises CameraError when the file cannot be read any more."""
        pacer = Pacer(self._settings.speed, stopping, grain_ns=_GRAIN_NS)
        file = self._file
        # A packet comes out of an encoder after its picture was taken: all are late by the longest delay.
        delay_ns = file.time_ns(0, file.first_pts + file.delay_ticks)
        for loop in count():
            # The last packet of a file is an empty one.
            packets = (self._packet(coded, loop) for coded in file.packets() if coded.size)
            while ahead := list(islice(packets, _READ_AHEAD_PACKETS)):
                for packet in ahead:
                    if not pacer.wait(packet.dts_ns + delay_ns):
                        return
                    self._hand_on(packet, pacer.moment_ns(packet.pts_ns))

    def take_photo(self, limit_seconds: float) -> Picture:
        """The newest picture, decoded in the caller's thread."""
        return self._pictures.newest(limit_seconds)

    def close(self) -> None:
        """Ends the decoding of pictures; may be called twice."""
        self._pictures.close()

    def _hand_on(self, packet: Packet, captured_ns: int) -> None:
        captured = Packet(
            packet.data, packet.pts_ns, packet.dts_ns, packet.duration_ns, packet.is_keyframe, captured_ns
        )
        self._callbacks.packet(captured)
        self._pictures.take(captured)

    def _packet(self, coded: FilePacket[VideoStream], loop: int) -> Packet:
        """The moment it is captured is known when it is handed on."""
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
            captured_monotonic_ns=0,
        )
