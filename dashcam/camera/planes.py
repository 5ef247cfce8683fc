"""The planes of a yuv420p picture as numpy arrays: luma, and two of colour at half its width and height."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import numpy as np
from av.video.frame import VideoFrame
from av.video.plane import VideoPlane
from av.video.reformatter import ColorRange, Colorspace
from numpy.typing import NDArray

Plane = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Planes:
    """One picture: `y` is rows by columns, `chroma` (U and V) two by half the rows by half the columns."""

    y: Plane
    chroma: Plane


def new_picture(width: int, height: int) -> tuple[VideoFrame, Planes]:
    """A black frame of an even size, and its planes to draw into: what is drawn is in the frame at once."""
    memory = np.full((height * 3 // 2, width), 128, np.uint8)
    memory[:height] = 16
    frame = VideoFrame.from_numpy_buffer(memory, format="yuv420p")
    frame.color_range, frame.colorspace = ColorRange.MPEG, Colorspace.SMPTE170M
    return frame, Planes(memory[:height], memory[height:].reshape(2, height // 2, width // 2))


def planes_of(frame: VideoFrame) -> Planes:
    """The planes of a yuv420p frame, without the padding of its rows; only to be read."""
    y, u, v = (_without_padding(plane) for plane in frame.planes)
    return Planes(y, np.stack([u, v]))


def luma_of(frame: VideoFrame) -> Plane:
    """The luma rows of a yuv420p frame, to be read and, where the frame has its memory for itself, written."""
    return _without_padding(frame.planes[0])


def _without_padding(plane: VideoPlane) -> Plane:
    padded = np.frombuffer(cast("memoryview[int]", plane), np.uint8).reshape(-1, plane.line_size)
    return padded[: plane.height, : plane.width]


def rotate_into(target: Planes, source: Planes, degrees: int) -> None:
    """Draws `source` turned clockwise by 0, 90, 180 or 270 degrees into `target`, which has the turned size."""
    turns = -(degrees // 90)
    target.y[:] = np.rot90(source.y, turns)
    target.chroma[:] = np.rot90(source.chroma, turns, axes=(1, 2))
