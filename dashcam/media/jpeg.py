"""JPEG pictures straight from yuv420p frames, without a detour over RGB.

JPEG has full-range colours, video as a rule 16 to 235: the conversion follows the frame's own `color_range`.
"""

from __future__ import annotations

from bisect import bisect_right
from fractions import Fraction

from av.codec.context import CodecContext
from av.error import FFmpegError
from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame
from av.video.reformatter import ColorRange, VideoReformatter

from dashcam.errors import BadMedia

_FULL_RANGE_FORMAT = "yuvj420p"

# Quality as people know it from libjpeg, and the encoder's quantiser that makes pictures of about that size (measured
# on the driving pictures of the test data; the encoder goes from 1, best, to 31).
_QUANTISER_FROM_QUALITY = ((10, 31), (20, 24), (30, 14), (40, 9), (50, 7), (60, 5), (70, 4), (78, 3), (85, 2), (92, 1))
_QUALITIES = [quality for quality, _ in _QUANTISER_FROM_QUALITY]


def quantiser_of(quality: int) -> int:
    """The encoder's quantiser (1 best, 31 smallest) for a quality of 10 to 100."""
    return _QUANTISER_FROM_QUALITY[max(bisect_right(_QUALITIES, quality) - 1, 0)][1]


def encode_jpeg(frame: VideoFrame, quality: int) -> bytes:
    """The frame as a JPEG with colours in 4:2:0, any size, odd ones too. Raises BadMedia when it cannot be encoded.

    `quality` is 10 to 100. May be called from any thread; the frame is only read.
    """
    try:
        full = full_range_copy(frame)  # encoding changes a frame's time stamp
        encoder = _encoder_for(full, quantiser_of(quality))
        full.pts = 0
        packets = encoder.encode(full) + encoder.encode(None)
    except (FFmpegError, ValueError) as error:
        raise BadMedia(f"the picture cannot be made a JPEG: {error}") from error
    return b"".join(bytes(packet) for packet in packets)


def full_range_copy(frame: VideoFrame) -> VideoFrame:
    """The picture with the colours of a JPEG, in a frame of the caller's own. Raises BadMedia."""
    try:
        full = VideoReformatter().reformat(frame, format=_FULL_RANGE_FORMAT, dst_color_range=ColorRange.JPEG, threads=1)
        if full is not frame:
            return full
        # The other name of the same format makes libswscale copy.
        return VideoReformatter().reformat(
            frame, format="yuv420p", src_color_range=ColorRange.JPEG, dst_color_range=ColorRange.JPEG, threads=1
        )
    except (FFmpegError, ValueError) as error:
        raise BadMedia(f"the picture cannot be made a JPEG: {error}") from error


def _encoder_for(frame: VideoFrame, quantiser: int) -> VideoCodecContext:
    encoder = CodecContext.create("mjpeg", "w")
    assert isinstance(encoder, VideoCodecContext)
    encoder.width, encoder.height = frame.width, frame.height
    encoder.pix_fmt = _FULL_RANGE_FORMAT
    encoder.color_range = ColorRange.JPEG
    encoder.time_base = Fraction(1, 25)  # demanded, without meaning for a single picture
    encoder.thread_count = 1
    encoder.qmin = encoder.qmax = quantiser
    return encoder
