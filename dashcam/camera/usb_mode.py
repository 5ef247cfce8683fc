"""Which of a webcam's modes to use: a pure choice."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from dashcam.camera.base import Mode as Size
from dashcam.camera.v4l2 import Mode
from dashcam.errors import CameraError
from dashcam.settings.schema import CameraSettings

# What FFmpeg calls the formats we can use; the first is passed on as it is, the others are encoded.
H264_FOURCC = "H264"
INPUT_FORMATS = {H264_FOURCC: "h264", "MJPG": "mjpeg", "JPEG": "mjpeg", "NV12": "nv12", "YU12": "yuv420p",
                 "YUYV": "yuyv422", "UYVY": "uyvy422"}  # fmt: skip

DEFAULT_FPS = 30.0
# Without a wish: what the webcam encodes itself costs nothing, what we encode costs half a core of a PC at 1080p.
_OWN_H264_SIZE = (1920, 1080)
_ENCODED_SIZE = (1280, 720)
# Webcams say 30 and mean 29.97, or the other way round.
_FPS_TOLERANCE = 0.97


@dataclass(frozen=True, slots=True)
class Choice:
    """A mode, the name of its format for FFmpeg, and what of the wishes it cannot fulfil."""

    mode: Mode
    input_format: str
    notes: tuple[str, ...]

    @property
    def is_h264(self) -> bool:
        """True when its packets are passed on as they are."""
        return self.mode.fourcc == H264_FOURCC


def choose_mode(modes: Iterable[Mode], settings: CameraSettings) -> Choice:
    """The mode nearest to the wishes: first the frame rate (30 if none is wished), then the size, then the format.

    The camera's own H.264 is taken before others at the same size, unless pictures have to be turned. Raises
    CameraError when there is no mode that we can read.
    """
    modes = list(modes)
    usable = [mode for mode in modes if mode.fourcc in INPUT_FORMATS]
    if settings.rotation:
        usable = [mode for mode in usable if mode.fourcc != H264_FOURCC]
    if not usable:
        offered = ", ".join(sorted({mode.fourcc for mode in modes})) or "nothing"
        raise CameraError(f"the webcam offers {offered}; needed is one of {', '.join(INPUT_FORMATS)}")
    mode = min(usable, key=lambda mode: _distance(mode, settings))
    return Choice(mode, INPUT_FORMATS[mode.fourcc], tuple(_notes(mode, settings)))


def sizes_of(modes: Iterable[Mode], *, is_turned: bool) -> tuple[Size, ...]:
    """Each size that can be recorded, with its highest frame rate; the largest first."""
    highest: dict[tuple[int, int], float] = {}
    for mode in modes:
        if mode.fourcc in INPUT_FORMATS and not (is_turned and mode.fourcc == H264_FOURCC):
            size = (mode.width, mode.height)
            # An unknown rate is most likely the usual one.
            highest[size] = max(highest.get(size, 0.0), mode.fps or DEFAULT_FPS)
    return tuple(Size(width=size[0], height=size[1], fps=highest[size]) for size in sorted(highest, reverse=True))


def _wished_size(mode: Mode, settings: CameraSettings) -> tuple[int, int]:
    if settings.width or settings.height:
        width, height = settings.width, settings.height
        if settings.rotation in (90, 270):
            width, height = height, width
        return width or round(height * 16 / 9), height or round(width * 9 / 16)
    return _OWN_H264_SIZE if mode.fourcc == H264_FOURCC else _ENCODED_SIZE


def _distance(mode: Mode, settings: CameraSettings) -> tuple[float, float, int]:
    wished_fps = settings.fps or DEFAULT_FPS
    # An unknown rate (0) may be the right one, but a known one is better.
    missing_fps = max(wished_fps * _FPS_TOLERANCE - mode.fps, 0)
    width, height = _wished_size(mode, settings)
    size_difference = abs(mode.width - width) + abs(mode.height - height)
    return round(missing_fps), size_difference, list(INPUT_FORMATS).index(mode.fourcc)


def _notes(mode: Mode, settings: CameraSettings) -> Iterable[str]:
    if settings.width or settings.height:
        wished = _wished_size(mode, settings)
        if (mode.width, mode.height) != wished:
            yield f"the webcam has no {wished[0]}x{wished[1]}; recording {mode.width}x{mode.height}"
    if settings.fps and mode.fps and abs(mode.fps - settings.fps) > settings.fps * (1 - _FPS_TOLERANCE):
        yield f"the webcam has no {settings.fps:g} frames/s at this size; it delivers {mode.fps:g}"
    if mode.fourcc == H264_FOURCC and settings.bitrate:
        yield "the webcam chooses the bit rate of its H.264 itself"
