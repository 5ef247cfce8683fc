"""The virtual camera is good enough to test ours on: frames, two streams, packets in order, start and stop again."""

from __future__ import annotations

import mmap
import threading
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.virtual_camera.camera import VirtualPicamera2

# Generous: reached only if no frame comes at all.
LIMIT_SECONDS = 60.0
MAIN = {"size": (640, 360), "format": "YUV420"}
SMALL = {"size": (320, 180), "format": "YUV420"}


@pytest.fixture
def camera(virtual_picamera2: type[VirtualPicamera2]) -> Iterator[Any]:
    """A camera with two streams, faster than real time; not started."""
    opened = virtual_picamera2(fps=120)
    opened.configure(opened.create_video_configuration(main=dict(MAIN), lores=dict(SMALL)))
    yield opened
    opened.close()


def test_both_streams_have_the_size_and_layout_that_was_asked(camera: Any) -> None:
    config = camera.camera_configuration()
    assert (config["main"]["size"], config["main"]["format"]) == ((640, 360), "YUV420")
    assert (config["lores"]["size"], config["lores"]["format"]) == ((320, 180), "YUV420")
    camera.start()
    with camera.captured_request(wait=LIMIT_SECONDS) as request:
        assert request.make_array("main").shape == (540, 640)
        assert request.make_array("lores").shape == (270, 320)


def test_a_size_that_is_not_offered_becomes_the_largest(camera: Any) -> None:
    camera.configure(camera.create_video_configuration(main={"size": (800, 600), "format": "YUV420"}))
    assert camera.camera_configuration()["main"]["size"] == (1920, 1080)


def test_chroma_is_put_into_planes_of_its_own(virtual_picamera2: type[VirtualPicamera2]) -> None:
    from tests.virtual_camera.memory import chroma_to_planes

    luma, blue, red = bytes(range(8)), b"\x10\x11", b"\x20\x21"
    memory = mmap.mmap(-1, 12)
    memory.write(luma + b"\x10\x20\x11\x21")
    chroma_to_planes(memory, SimpleNamespace(stride=4, size=SimpleNamespace(height=2)))
    assert memory[:12] == luma + blue + red


def test_frames_are_counted_and_their_times_rise(camera: Any) -> None:
    times: list[int] = []
    enough = threading.Event()

    def note(request: Any) -> None:
        times.append(request.get_metadata()["SensorTimestamp"])
        if len(times) >= 60:
            enough.set()

    camera.pre_callback = note
    camera.start()
    assert enough.wait(LIMIT_SECONDS)
    camera.stop()
    assert np.all(np.diff(times) >= 1_000_000), "distinct even in the encoder's microseconds"
    assert camera.frames >= len(times)


@pytest.mark.parametrize("rounds", [3])
def test_an_encoder_delivers_packets_in_order_after_every_start(camera: Any, rounds: int) -> None:
    from picamera2.encoders import LibavH264Encoder
    from picamera2.outputs import Output

    class Collector(Output):  # type: ignore[misc]
        """Notes what it is handed and says when that is enough."""

        def __init__(self) -> None:
            super().__init__()
            self.enough = threading.Event()
            self.packets: list[tuple[int, bool]] = []

        def outputframe(self, frame: bytes, keyframe: bool = True, timestamp: int = 0, *_more: object) -> None:
            self.packets.append((timestamp, keyframe))
            if len(self.packets) >= 31:
                self.enough.set()

    for _ in range(rounds):
        collector = Collector()
        encoder = LibavH264Encoder(bitrate=1_000_000, iperiod=15, framerate=30)
        camera.start_encoder(encoder, collector, name="main")
        camera.start()
        assert collector.enough.wait(LIMIT_SECONDS)
        camera.stop_encoder(encoder)
        camera.stop()
        timestamps = [timestamp for timestamp, _ in collector.packets]
        keyframes = [index for index, (_, keyframe) in enumerate(collector.packets) if keyframe]
        assert timestamps == sorted(set(timestamps))
        assert keyframes[:3] == [0, 15, 30]
