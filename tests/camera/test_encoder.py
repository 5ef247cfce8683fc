"""What the encoder promises: streams that can be cut at every second."""

from __future__ import annotations

import pytest

from dashcam.camera.base import Packet
from dashcam.camera.encoder import open_encoder, software_preset
from dashcam.camera.planes import new_picture
from dashcam.clock import NANOSECONDS
from dashcam.errors import CameraError
from dashcam.media.h264 import has_idr, nal_type, parameter_sets_of, split_annex_b
from dashcam.settings.bit_rate import bits_per_second_for
from tests.camera.watched import decoded


def encoded(fps: float, seconds: float, times_ns: list[int] | None = None) -> list[Packet]:
    encoder = open_encoder(320, 180, fps)
    frame, planes = new_picture(320, 180)
    count = len(times_ns) if times_ns else round(fps * seconds)
    packets = []
    for number in range(count):
        planes.y[:] = 40 + number % 100
        pts_ns = times_ns[number] if times_ns else round(number * NANOSECONDS / fps)
        packets += encoder.encode(frame, pts_ns=pts_ns, duration_ns=7, captured_monotonic_ns=pts_ns + 5)
    return packets + encoder.finish()


@pytest.mark.parametrize("fps", [5.0, 25.0, 29.97, 30.0, 60.0])
def test_a_keyframe_comes_every_second(fps: float) -> None:
    packets = encoded(fps, 3.2)
    keyframes = [number for number, packet in enumerate(packets) if packet.is_keyframe]
    assert keyframes == [0, round(fps), 2 * round(fps), 3 * round(fps)]


def test_a_keyframe_comes_every_second_when_the_frame_rate_drops() -> None:
    """A webcam in the dark: half the pictures, the same seconds."""
    times_ns = [number * NANOSECONDS // 10 for number in range(35)]
    packets = encoded(20.0, 0, times_ns)
    assert [number for number, packet in enumerate(packets) if packet.is_keyframe] == [0, 10, 20, 30]


def test_every_gop_decodes_by_itself() -> None:
    packets = encoded(10.0, 3)
    for start in (0, 10, 20):
        gop = packets[start : start + 10]
        assert len(decoded(packet.data for packet in gop)) == 10


def test_parameter_sets_stand_before_every_keyframe_and_keyframes_are_idr() -> None:
    for packet in encoded(10.0, 3):
        units = split_annex_b(packet.data)
        assert has_idr(units) == packet.is_keyframe
        assert bool(parameter_sets_of(units)) == packet.is_keyframe
        assert nal_type(units[0]) != 0


def test_one_packet_comes_for_each_picture_at_once_with_its_times() -> None:
    encoder = open_encoder(320, 180, 30.0)
    frame, _ = new_picture(320, 180)
    for number in range(45):
        times = {"pts_ns": 1000 * number, "duration_ns": 999 + number, "captured_monotonic_ns": 10**12 + number}
        (packet,) = encoder.encode(frame, **times)
        assert packet.pts_ns == packet.dts_ns == 1000 * number
        assert (packet.duration_ns, packet.captured_monotonic_ns) == (999 + number, 10**12 + number)
    assert encoder.finish() == []


def test_the_frame_may_be_drawn_into_again_at_once() -> None:
    """The encoder has taken its copy: what is drawn later does not show."""
    encoder = open_encoder(320, 180, 30.0)
    frame, planes = new_picture(320, 180)
    packets = []
    for luma in (50, 100, 150, 200):
        planes.y[:] = luma
        packets += encoder.encode(frame, pts_ns=luma, duration_ns=1, captured_monotonic_ns=0)
        planes.y[:] = 16
    shown = [frame.to_ndarray()[:180].mean() for frame in decoded(packet.data for packet in packets)]
    assert shown == pytest.approx([50, 100, 150, 200], abs=4)


@pytest.mark.parametrize(
    ("size", "fps", "wished", "expected"),
    [
        ((1920, 1080), 30, 0, 8_000_000),
        ((1920, 1080), 60, 0, 16_000_000),
        ((1280, 720), 30, 0, 3_555_556),
        ((320, 180), 30, 0, 1_000_000),
        ((320, 180), 30, 250_000, 250_000),
    ],
)
def test_the_bit_rate_follows_the_picture_unless_it_is_set(
    size: tuple[int, int], fps: float, wished: int, expected: int
) -> None:
    assert bits_per_second_for(*size, fps, wished) == expected


def test_slow_or_few_cores_get_the_fastest_preset() -> None:
    assert software_preset("aarch64", 4) == "ultrafast"
    assert software_preset("x86_64", 2) == "ultrafast"
    assert software_preset("x86_64", 16) == "superfast"


def test_a_size_that_cannot_be_encoded_is_said_so() -> None:
    with pytest.raises(CameraError, match="choose another picture size"):
        open_encoder(321, 180, 30.0)
