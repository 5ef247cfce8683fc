"""Videos and pictures whose content says which second they show."""

from __future__ import annotations

import io
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from PIL import Image

FPS = 10
WIDTH, HEIGHT = 320, 180
# Far enough apart to be told from each other after encoding and colour conversion.
_STEP = 20


def luma_of_second(second: int) -> int:
    """The grey that every picture of a second has."""
    return 40 + _STEP * second


def write_clip(path: Path, seconds: int) -> None:
    """An H.264 MP4 with a keyframe a second; each second has its own grey."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with av.open(str(path), "w", format="mp4", options={"movflags": "hybrid_fragmented"}) as container:
        stream = container.add_stream("libx264", rate=FPS)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        stream.codec_context.time_base = Fraction(1, FPS)
        stream.options = {"preset": "ultrafast", "tune": "zerolatency", "g": str(FPS)}
        for number in range(seconds * FPS):
            grey = np.full((HEIGHT, WIDTH, 3), luma_of_second(number // FPS), np.uint8)
            frame = av.VideoFrame.from_ndarray(grey, format="rgb24")
            frame.pts = number
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def jpeg(colour: tuple[int, int, int], width: int = WIDTH, height: int = HEIGHT) -> bytes:
    """A picture of one colour."""
    content = io.BytesIO()
    Image.new("RGB", (width, height), colour).save(content, "JPEG")
    return content.getvalue()
