"""Pictures out of packets that are passed on: decoded only for whoever wishes them, never in the camera's thread."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterable
from typing import TYPE_CHECKING

import msgspec
from av.codec.context import CodecContext
from av.error import FFmpegError
from av.packet import Packet as CodecPacket
from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame

from dashcam.camera.base import CameraCallbacks, Packet, Picture
from dashcam.camera.frames import Shrinker, as_yuv420p
from dashcam.clock import NANOSECONDS
from dashcam.errors import CameraError
from dashcam.worker import Worker

if TYPE_CHECKING:
    from av.stream import Stream

log = logging.getLogger(__name__)

# Without a wish for so long (media time) decoding stops; it begins again at a keyframe.
_IDLE_NS = 2 * NANOSECONDS
# Some webcams send a keyframe only once: their packets are not kept for ever.
_MOST_PACKETS = 900
_JOIN_SECONDS = 5.0


class GopPictures:
    """Keeps the packets of the present GOP and decodes them when pictures are wished.

    `take` is called by the camera's thread, decoding happens in a thread of its own, photos in the caller's.
    """

    def __init__(self, extradata: bytes | None, callbacks: CameraCallbacks, small_width: int) -> None:
        self._extradata = extradata
        self._callbacks = callbacks
        self._shrinker = Shrinker(small_width)
        # Guards the three below: held for lines only.
        self._changed = threading.Condition()
        self._gop: list[Packet] = []
        self._taken = 0
        self._is_awake = False
        self._worker = Worker("replay pictures", self._work)

    def start(self) -> None:
        """Starts the decoding thread, which sleeps until pictures are wished."""
        self._worker.start()

    def close(self) -> None:
        """Stops it; may be called twice."""
        self._worker.stopping.set()
        with self._changed:
            self._changed.notify_all()
        self._worker.stop(_JOIN_SECONDS)

    def take(self, coded: Packet) -> None:
        """Keeps a packet, and wakes the decoding thread when somebody wishes pictures."""
        is_wished = self._is_awake or self._callbacks.wishes_pictures(coded.pts_ns)
        with self._changed:
            self._taken += 1
            if coded.is_keyframe:
                self._gop = [coded]
            elif self._gop:
                self._gop.append(coded)
            if len(self._gop) > _MOST_PACKETS:
                self._gop = []  # no pictures until the next keyframe
            if is_wished:
                self._is_awake = True
                self._changed.notify_all()

    def newest(self, limit_seconds: float) -> Picture:
        """The newest picture at full size, decoded in the caller's thread. Raises CameraError beyond the limit."""
        until = time.monotonic() + limit_seconds
        with self._changed:
            gop = list(self._gop)
        decoder = _Decoder(self._extradata)
        newest = None
        for coded in gop:
            newest = decoder.decode(coded) or newest
            if time.monotonic() > until:
                raise CameraError("the picture was not decoded in time; try again when the machine is less busy")
        newest = decoder.finish() or newest
        if newest is None:
            raise CameraError("there is no picture yet; try again in a second")
        return Picture(as_yuv420p(newest.frame), newest.coded.pts_ns, newest.coded.captured_monotonic_ns)

    def _work(self, stopping: threading.Event) -> None:
        decoder = _Decoder(self._extradata)
        next_number = -1
        wished_ns: int | None = None
        while not stopping.is_set():
            pending, first = self._pending(stopping, next_number)
            if not pending:
                continue
            if first != next_number:
                decoder = _Decoder(self._extradata)
                wished_ns = None
            next_number = first + len(pending)
            newest = _last(decoder, pending)
            now_ns = pending[-1].pts_ns
            # The wish that woke this thread up is answered, later ones are asked for.
            if newest and (wished_ns is None or self._callbacks.wishes_pictures(newest.coded.pts_ns)):
                wished_ns = now_ns
                self._hand_on(newest)
            elif wished_ns is not None and now_ns - wished_ns > _IDLE_NS:
                self._is_awake = False

    def _pending(self, stopping: threading.Event, next_number: int) -> tuple[list[Packet], int]:
        """The packets from `next_number` on, or the whole GOP when those before it were missed; the first's number."""
        with self._changed:
            self._changed.wait_for(lambda: stopping.is_set() or self._has_news(next_number))
            if stopping.is_set():
                return [], 0
            gop_number = self._taken - len(self._gop)
            first = max(next_number, gop_number)
            return self._gop[first - gop_number :], first

    def _has_news(self, next_number: int) -> bool:
        return self._is_awake and bool(self._gop) and self._taken > next_number

    def _hand_on(self, decoded: DecodedPicture) -> None:
        small = self._shrinker.shrink(decoded.frame)
        self._callbacks.picture(Picture(small, decoded.coded.pts_ns, decoded.coded.captured_monotonic_ns))


class DecodedPicture(msgspec.Struct, frozen=True):
    """A frame and the packet it came from."""

    frame: VideoFrame
    coded: Packet


def _last(decoder: _Decoder, pictures: Iterable[Packet]) -> DecodedPicture | None:
    newest = None
    for coded in pictures:
        newest = decoder.decode(coded) or newest
    return newest


class _Decoder:
    """H.264 to frames, beginning at a keyframe; one thread, because the other cores have other work."""

    def __init__(self, extradata: bytes | None) -> None:
        context = CodecContext.create("h264", "r")
        assert isinstance(context, VideoCodecContext)
        context.extradata = extradata
        context.thread_count = 1
        self._context = context
        self._coded: dict[int, Packet] = {}

    def decode(self, coded: Packet) -> DecodedPicture | None:
        """The newest frame that came out; None when there is none yet, or the packet is damaged."""
        packet = CodecPacket(coded.data)
        packet.pts = coded.pts_ns
        # What comes out is found again by its time stamp.
        self._coded[coded.pts_ns] = coded
        return self._newest(packet)

    def finish(self) -> DecodedPicture | None:
        """The newest frame of those still inside."""
        return self._newest(None)

    def _newest(self, packet: CodecPacket[Stream] | None) -> DecodedPicture | None:
        try:
            frames = self._context.decode(packet)
        except FFmpegError as error:
            log.debug("a damaged picture is left out: %s", error)
            return None
        decoded = None
        for frame in frames:
            coded = self._coded.get(frame.pts or 0)
            if coded is not None:
                decoded = DecodedPicture(frame, coded)
                self._forget_before(coded.pts_ns)
        return decoded

    def _forget_before(self, pts_ns: int) -> None:
        self._coded = {number: coded for number, coded in self._coded.items() if coded.pts_ns > pts_ns}
