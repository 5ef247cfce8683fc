"""Videos in which every picture carries its number, as the pattern camera's do."""

from __future__ import annotations

import base64
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

import av
import numpy as np

from dashcam.camera import frame_code
from tests.browser.looking import LUMA_OF

if TYPE_CHECKING:
    from playwright.sync_api import Locator

CODED_FPS = 10
CODED_WIDTH, CODED_HEIGHT = 640, 360
# Stops it, and waits until the picture of just then is shown: a busy machine is behind while it plays.
STOP = """video => new Promise((resolve) => {
    video.pause();
    video.addEventListener("seeked", () => requestAnimationFrame(() => resolve(video.currentTime)), {once: true});
    video.currentTime = video.currentTime;
})"""


def write_coded_clip(path: Path, seconds: int, first_number: int) -> None:
    """An H.264 MP4 with a keyframe a second, whose pictures are numbered from `first_number` on."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with av.open(str(path), "w", format="mp4", options={"movflags": "hybrid_fragmented"}) as container:
        stream = container.add_stream("libx264", rate=CODED_FPS)
        stream.width, stream.height, stream.pix_fmt = CODED_WIDTH, CODED_HEIGHT, "yuv420p"
        stream.codec_context.time_base = Fraction(1, CODED_FPS)
        stream.options = {"preset": "ultrafast", "tune": "zerolatency", "g": str(CODED_FPS)}
        for number in range(seconds * CODED_FPS):
            # Luma over two planes of chroma without colour.
            picture = np.full((CODED_HEIGHT * 3 // 2, CODED_WIDTH), 128, np.uint8)
            frame_code.draw(picture[:CODED_HEIGHT], first_number + number, number * 1000 // CODED_FPS)
            frame = av.VideoFrame.from_ndarray(picture, format="yuv420p")
            frame.pts = number
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def number_shown(video: Locator) -> int:
    """The number in the picture that a video shows."""
    luma = np.frombuffer(base64.b64decode(video.evaluate(LUMA_OF)), np.uint8).reshape(CODED_HEIGHT, CODED_WIDTH)
    code = frame_code.read(luma)
    assert code is not None
    return code.number
