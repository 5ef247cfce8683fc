"""What a camera hands on, collected; and small videos whose pictures are numbered."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import av
import numpy as np

from dashcam.camera import frame_code
from dashcam.camera.base import CameraCallbacks, Packet, Picture
from dashcam.camera.planes import new_picture, planes_of

# Reached only if nothing comes at all.
LIMIT_SECONDS = 60.0


@dataclass
class Watched:
    """The sink of a camera; `wishes` decides which pictures it asks for."""

    wishes: Callable[[int], bool] = lambda _pts_ns: False
    packets: list[Packet] = field(default_factory=list)
    pictures: list[Picture] = field(default_factory=list)
    failures: list[Exception] = field(default_factory=list)
    changed: threading.Condition = field(default_factory=threading.Condition)

    def callbacks(self) -> CameraCallbacks:
        return CameraCallbacks(
            packet=self._put_packet, picture=self._put_picture, wishes_pictures=self.wishes, failed=self._fail
        )

    def wait_for(self, is_reached: Callable[[], bool]) -> None:
        with self.changed:
            assert self.changed.wait_for(is_reached, LIMIT_SECONDS), self.failures

    def wait_for_packets(self, count: int) -> list[Packet]:
        """The first `count` packets."""
        self.wait_for(lambda: len(self.packets) >= count)
        return self.packets[:count]

    def _put_packet(self, packet: Packet) -> None:
        with self.changed:
            self.packets.append(packet)
            self.changed.notify_all()

    def _put_picture(self, picture: Picture) -> None:
        with self.changed:
            self.pictures.append(picture)
            self.changed.notify_all()

    def _fail(self, error: Exception) -> None:
        with self.changed:
            self.failures.append(error)
            self.changed.notify_all()


def wait_until(is_reached: Callable[[], bool]) -> None:
    """For what nobody announces."""
    pause = threading.Event()
    for _ in range(round(LIMIT_SECONDS * 1000)):
        if is_reached():
            return
        pause.wait(0.001)
    raise AssertionError("not reached in time")


def decoded(packets: Iterable[bytes], extradata: bytes | None = None) -> list[av.VideoFrame]:
    """All frames of H.264 packets, in the order they are shown."""
    decoder = av.CodecContext.create("h264", "r")
    assert isinstance(decoder, av.VideoCodecContext)
    decoder.extradata = extradata
    frames = [frame for data in packets for frame in decoder.decode(av.Packet(data))]
    return [*frames, *decoder.decode(None)]


def number_in(frame: av.VideoFrame) -> int | None:
    """The number in a frame's block."""
    code = frame_code.read(planes_of(frame).y)
    return code.number if code else None


def numbers_in(frames: Iterable[av.VideoFrame]) -> list[int | None]:
    """The number in each frame's block."""
    return [number_in(frame) for frame in frames]


def ends_meet(packets: Sequence[Packet]) -> bool:
    """True when each picture's time ends where the next one's begins; the last few may lack one before them."""
    shown = sorted(packets, key=lambda packet: packet.pts_ns)[:-8]
    return all(first.pts_ns + first.duration_ns == second.pts_ns for first, second in pairwise(shown))


def make_video(
    path: Path,
    *,
    frames: int = 40,
    fps: int = 20,
    size: tuple[int, int] = (320, 180),
    codec: str = "libx264",
    x264: str = "keyint=20:min-keyint=20:scenecut=0:bframes=2",
    times: Sequence[int] | None = None,
) -> Path:
    """A video whose pictures carry their numbers; `times` (in 1/fps) makes the frame rate vary."""
    options = {"preset": "ultrafast", "x264-params": x264} if codec == "libx264" else {}
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=fps, options=options)
        assert isinstance(stream, av.VideoStream)
        stream.width, stream.height = size
        stream.pix_fmt = "yuvj420p" if codec == "mjpeg" else "yuv420p"
        stream.codec_context.bit_rate = 1_000_000
        for number in range(frames):
            frame, planes = new_picture(*size)
            planes.y[:] = ((np.arange(size[0]) + number * 3) % 200 + 20).astype(np.uint8)
            frame_code.draw(planes.y, number, 0)
            frame.pts, frame.time_base = (times[number] if times else number), Fraction(1, fps)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path
