"""H.264 encoding of raw pictures, for cameras that do not bring their own encoder.

What comes out can be cut at every keyframe: Annex B, a closed GOP of one second, no B-frames, parameter sets before
each keyframe, one packet out for one picture in. A V4L2 hardware encoder is taken where one really works, else libx264.
"""

from __future__ import annotations

import logging
import os
import platform
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from av.codec.context import CodecContext
from av.error import FFmpegError
from av.packet import Packet as CodecPacket
from av.video.codeccontext import VideoCodecContext
from av.video.frame import PictureType, VideoFrame
from av.video.reformatter import ColorPrimaries, ColorRange, Colorspace, ColorTrc

from dashcam.camera.base import Packet
from dashcam.clock import NANOSECONDS
from dashcam.errors import CameraError
from dashcam.media.h264 import HeaderRepeater
from dashcam.settings.bit_rate import bits_per_second_for

if TYPE_CHECKING:
    from av.video.stream import VideoStream

log = logging.getLogger(__name__)

HARDWARE_CODEC = "h264_v4l2m2m"
SOFTWARE_CODEC = "libx264"

# One libx264 thread does this many pixels a second with room to spare on a slow PC; more threads are more memory.
_PIXELS_PER_SECOND_OF_ONE_THREAD = 1280 * 720 * 30
# Pictures given to a hardware encoder before it must have answered with a packet.
_TRIAL_PICTURES = 8


def software_preset(machine: str, cores: int) -> str:
    """libx264's preset for a machine: ultrafast where cores are slow or few, one step better where there are plenty.

    Measured at 720p25 on a PC: ultrafast 0.09, superfast 0.2, veryfast 0.36 CPU seconds a second.
    """
    is_pc = machine in ("x86_64", "AMD64")
    return "superfast" if is_pc and cores >= 8 else "ultrafast"


@dataclass(frozen=True, slots=True)
class _Times:
    pts_ns: int
    duration_ns: int
    captured_monotonic_ns: int


class Encoder:
    """One running encoder; used by one thread. `name` says in words which it is."""

    def __init__(self, context: VideoCodecContext, name: str) -> None:
        self.name = name
        self._context = context
        self._headers = HeaderRepeater()
        self._count = 0
        self._times: dict[int, _Times] = {}
        self._keyframe_ns: int | None = None
        frame_ns = NANOSECONDS / float(context.framerate or 30)
        # Half a frame early is nearer to a second than half a frame late.
        self._gop_ns = NANOSECONDS - round(frame_ns / 2)

    def encode(self, frame: VideoFrame, *, pts_ns: int, duration_ns: int, captured_monotonic_ns: int) -> list[Packet]:
        """Encodes one yuv420p picture of the size the encoder was opened with; changes the frame's time stamp.

        The packets are usually the one of this picture; hardware may hand them on a few pictures later. Raises
        CameraError when the encoder fails.
        """
        frame.pts, frame.time_base = self._count, self._context.time_base
        is_due = self._keyframe_ns is None or pts_ns - self._keyframe_ns >= self._gop_ns
        frame.pict_type = PictureType.I if is_due else PictureType.NONE
        if is_due:
            self._keyframe_ns = pts_ns
        self._times[self._count] = _Times(pts_ns, duration_ns, captured_monotonic_ns)
        self._count += 1
        return self._packets(frame)

    def finish(self) -> list[Packet]:
        """The packets still inside; nothing can be encoded afterwards."""
        return self._packets(None)

    def _packets(self, frame: VideoFrame | None) -> list[Packet]:
        try:
            return [self._packet(encoded) for encoded in self._context.encode(frame)]
        except FFmpegError as error:
            raise CameraError(f"the encoder ({self.name}) failed: {error}; the camera is opened again") from error

    def _packet(self, encoded: CodecPacket[VideoStream]) -> Packet:
        times = self._times.pop(encoded.pts or 0)
        data = bytes(encoded)
        if encoded.is_keyframe:
            data = self._headers.complete(data)
        return Packet(
            data=data,
            pts_ns=times.pts_ns,
            dts_ns=times.pts_ns,
            duration_ns=times.duration_ns,
            is_keyframe=encoded.is_keyframe,
            captured_monotonic_ns=times.captured_monotonic_ns,
        )


def open_encoder(width: int, height: int, fps: float, bitrate: int = 0) -> Encoder:
    """The best encoder of this machine for pictures of this (even) size. Raises CameraError when there is none.

    `bitrate` is in bits a second, 0 for what suits the picture.
    """
    bits_per_second = bits_per_second_for(width, height, fps, bitrate)
    if hardware_encoder_works(width, height, fps, bits_per_second):
        context = _hardware_context(width, height, fps, bits_per_second)
        return Encoder(context, "hardware H.264 (V4L2)")
    preset = software_preset(platform.machine(), os.cpu_count() or 1)
    try:
        context = _software_context(width, height, fps, bits_per_second, preset)
        context.open()
    except (FFmpegError, ValueError) as error:
        raise CameraError(f"libx264 cannot encode {width}x{height}: {error}; choose another picture size") from error
    return Encoder(context, f"libx264 {preset}")


def hardware_encoder_works(width: int, height: int, fps: float, bits_per_second: int) -> bool:
    """True when a V4L2 encoder opens and answers with a packet: some open and then never do."""
    if not any(Path("/dev").glob("video*")):
        return False
    try:
        context = _hardware_context(width, height, fps, bits_per_second)
        return any(context.encode(_grey_picture(width, height, index)) for index in range(_TRIAL_PICTURES))
    except (FFmpegError, ValueError) as error:
        log.info("no hardware encoder is used: %s", error)
        return False


def _grey_picture(width: int, height: int, index: int) -> VideoFrame:
    planes = np.full((height * 3 // 2, width), 128, np.uint8)
    frame = VideoFrame.from_ndarray(planes, format="yuv420p")
    frame.pts = index
    return frame


def _context(codec: str, width: int, height: int, fps: float, bits_per_second: int) -> VideoCodecContext:
    context = CodecContext.create(codec, "w")
    assert isinstance(context, VideoCodecContext)
    rate = Fraction(fps).limit_denominator(1001)  # 30000/1001 is the finest rate in use
    context.width, context.height = width, height
    context.pix_fmt = "yuv420p"
    context.framerate, context.time_base = rate, 1 / rate
    context.gop_size = max(round(fps), 1)
    context.max_b_frames = 0
    context.bit_rate = bits_per_second
    return context


def _hardware_context(width: int, height: int, fps: float, bits_per_second: int) -> VideoCodecContext:
    return _context(HARDWARE_CODEC, width, height, fps, bits_per_second)


def _software_context(width: int, height: int, fps: float, bits_per_second: int, preset: str) -> VideoCodecContext:
    context = _context(SOFTWARE_CODEC, width, height, fps, bits_per_second)
    # The colours of all our pictures: BT.601, limited range, which JPEGs of them share.
    context.color_range = ColorRange.MPEG
    context.colorspace = Colorspace.SMPTE170M
    context.color_primaries, context.color_trc = ColorPrimaries.SMPTE170M, ColorTrc.SMPTE170M
    is_heavy = width * height * fps > _PIXELS_PER_SECOND_OF_ONE_THREAD * 1.1
    context.thread_count = min(2, os.cpu_count() or 1) if is_heavy else 1
    context.options = {
        "preset": preset,
        "tune": "zerolatency",  # one packet for each picture at once; threads are slices of it
        "forced-idr": "1",  # keyframes that are asked for close the GOP
        "refs": "1",  # memory
        # At most a second's worth of bits ahead: no burst that a card or a viewer must swallow.
        "maxrate": str(bits_per_second),
        "bufsize": str(bits_per_second),
        "x264-params": "scenecut=0",  # keyframes come by time only
    }
    return context
