"""Videos of given grey pictures at given times, in any kind of file."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.video.frame import VideoFrame
from numpy.typing import NDArray

TICKS = 1000


def write_video(
    path: Path, pictures: Iterable[tuple[float, NDArray[np.uint8]]], *, rate: int = 25, **options: str
) -> None:
    """H.264 with a keyframe a second, unless the options say otherwise; the kind of file is that of its name."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate, options={"g": str(rate), "preset": "ultrafast", **options})
        stream.pix_fmt = "yuv420p"
        stream.codec_context.time_base = Fraction(1, TICKS)
        for seconds, luma in pictures:
            height, width = luma.shape
            if not stream.codec_context.is_open:
                stream.width, stream.height = width, height
            memory = np.full((height * 3 // 2, width), 128, np.uint8)
            memory[:height] = luma
            frame = VideoFrame.from_ndarray(memory, format="yuv420p")
            frame.pts, frame.time_base = round(seconds * TICKS), Fraction(1, TICKS)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def counting(count: int, rate: float, height: int = 180, width: int = 320) -> Iterable[tuple[float, NDArray[np.uint8]]]:
    """Pictures whose brightness tells their number: 20, 22, 24 and so on, a hundred of them."""
    return ((number / rate, np.full((height, width), 20 + 2 * (number % 100), np.uint8)) for number in range(count))
