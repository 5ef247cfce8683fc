"""Real H.264 packets for tests of what comes behind a camera."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from functools import lru_cache

import av
import numpy as np

from dashcam.camera.base import CameraFacts, Packet
from dashcam.clock import NANOSECONDS

WIDTH, HEIGHT, FPS = 320, 180, 10
FACTS = CameraFacts("test", "test packets", WIDTH, HEIGHT, float(FPS), "libx264 ultrafast")


@lru_cache(maxsize=2)
def encoded_frames(count: int) -> tuple[tuple[bytes, bool], ...]:
    """`count` access units in Annex B, a keyframe with parameter sets every second (FPS frames), no B-frames."""
    encoder = av.CodecContext.create("libx264", "w")
    assert isinstance(encoder, av.VideoCodecContext)
    encoder.width, encoder.height, encoder.pix_fmt = WIDTH, HEIGHT, "yuv420p"
    encoder.time_base, encoder.framerate, encoder.gop_size = Fraction(1, FPS), Fraction(FPS), FPS
    encoder.options = {"preset": "ultrafast", "tune": "zerolatency", "x264-params": "scenecut=0:repeat-headers=1"}
    rows = np.arange(HEIGHT * 3 // 2, dtype=np.uint16)[:, None]
    columns = np.arange(WIDTH, dtype=np.uint16)[None, :]
    units: list[tuple[bytes, bool]] = []
    for number in range(count):
        picture = ((rows * 3 + columns + number * 5) % 251).astype(np.uint8)
        frame = av.VideoFrame.from_ndarray(picture, format="yuv420p")
        frame.pts = number
        units.extend((bytes(unit), unit.is_keyframe) for unit in encoder.encode(frame))
    units.extend((bytes(unit), unit.is_keyframe) for unit in encoder.encode(None))
    return tuple(units)


def packets(count: int, first: int = 0, start_ns: int = 0) -> Iterator[Packet]:
    """Packets number `first` to `first + count` of an endless stream that began at `start_ns`."""
    units = encoded_frames(3 * FPS)
    frame_ns = NANOSECONDS // FPS
    for number in range(first, first + count):
        data, is_keyframe = units[number % len(units)]
        pts_ns = start_ns + number * frame_ns
        yield Packet(data, pts_ns, pts_ns, frame_ns, is_keyframe, pts_ns)
