"""Webcams, as far as they can be tested without one: what drivers answer, and which mode is taken.

Opening a device, reading from it and unplugging it are untested: the machine that runs these tests has no V4L2 device.
"""

from __future__ import annotations

import struct
from pathlib import Path

import pytest

from dashcam.camera.usb import UsbCamera, find_device
from dashcam.camera.usb_mode import choose_mode
from dashcam.camera.v4l2 import Mode, list_devices, read_capability, read_rate, read_size
from dashcam.errors import CameraAbsent, CameraError
from dashcam.settings.schema import CameraSettings
from tests.camera.watched import Watched

CAPTURE, STREAMING, METADATA, MEMORY_TO_MEMORY, HAS_OWN = 0x1, 0x04000000, 0x00800000, 0x8000, 0x80000000


def capability(driver: str, name: str, whole: int, own: int = 0) -> bytes:
    """A `struct v4l2_capability` as a driver fills it."""
    return struct.pack("=16s32s32sIII12x", driver.encode(), name.encode(), b"usb-1.2", 0x60100, whole, own)


@pytest.mark.parametrize(
    ("answer", "is_camera"),
    [
        (capability("uvcvideo", "HD Webcam", HAS_OWN | CAPTURE | STREAMING | METADATA, CAPTURE | STREAMING), True),
        (capability("uvcvideo", "HD Webcam", HAS_OWN | CAPTURE | STREAMING | METADATA, METADATA | STREAMING), False),
        (capability("old", "Old Webcam", CAPTURE | STREAMING), True),
        (capability("old", "Reads only", CAPTURE), False),
        (capability("bcm2835-codec", "encoder", HAS_OWN, MEMORY_TO_MEMORY | STREAMING), False),
        (capability("unicam", "imx708", HAS_OWN, CAPTURE | STREAMING), False),
        (capability("rp1-cfe", "imx708", HAS_OWN, CAPTURE | STREAMING), False),
    ],
)
def test_only_webcams_count_as_cameras(answer: bytes, is_camera: bool) -> None:
    """Not their metadata nodes, not encoders, and not the Pi camera's parts, which only libcamera can drive."""
    assert read_capability(answer).is_camera == is_camera


def test_names_end_at_the_first_zero_and_may_be_anything() -> None:
    found = read_capability(capability("uvcvideo", "Caméra\0rubbish", CAPTURE | STREAMING))
    assert (found.driver, found.name) == ("uvcvideo", "Caméra")


def test_sizes_are_read_as_one_or_as_a_range() -> None:
    one = struct.pack("=I4sI6I8x", 0, b"MJPG", 1, 1280, 720, 0, 0, 0, 0)
    steps = struct.pack("=I4sI6I8x", 0, b"YUYV", 3, 320, 1920, 2, 240, 1080, 2)
    assert read_size(one) == [(1280, 720)]
    assert read_size(steps) == [(640, 480), (1280, 720), (1920, 1080)]


def test_an_interval_is_read_as_a_rate() -> None:
    assert read_rate(struct.pack("=I4sIII6I8x", 0, b"MJPG", 1280, 720, 1, 1, 30, 0, 0, 0, 0)) == 30
    ntsc = read_rate(struct.pack("=I4sIII6I8x", 0, b"MJPG", 1280, 720, 1, 1001, 30000, 0, 0, 0, 0))
    assert ntsc == pytest.approx(29.97, abs=0.001)
    assert read_rate(struct.pack("=I4sIII6I8x", 0, b"MJPG", 1280, 720, 1, 0, 0, 0, 0, 0, 0)) == 0


def test_a_node_that_is_no_device_is_left_out(tmp_path: Path) -> None:
    (tmp_path / "video0").write_bytes(b"")
    (tmp_path / "video12").mkdir()
    assert list_devices(tmp_path) == []


def modes(*lines: str) -> list[Mode]:
    """`MJPG 1280x720 30` as a mode."""
    found = []
    for line in lines:
        fourcc, size, fps = line.split()
        width, _, height = size.partition("x")
        found.append(Mode(fourcc, int(width), int(height), float(fps)))
    return found


C920 = modes("YUYV 640x480 30", "YUYV 1280x720 10", "YUYV 1920x1080 5", "H264 640x480 30", "H264 1280x720 30",
             "H264 1920x1080 30", "MJPG 640x480 30", "MJPG 1280x720 30", "MJPG 1920x1080 30")  # fmt: skip
PLAIN = modes("MJPG 640x480 30", "MJPG 1280x720 30", "MJPG 1920x1080 30", "YUYV 640x480 30", "YUYV 1280x720 10")
OLD = modes("YUYV 320x240 30", "YUYV 640x480 30", "YUYV 1280x960 7.5")
STRANGE = modes("BA81 640x480 30")


@pytest.mark.parametrize(
    ("offered", "wishes", "chosen"),
    [
        (C920, CameraSettings(), "H264 1920x1080 30"),
        (C920, CameraSettings(width=1280, height=720), "H264 1280x720 30"),
        (C920, CameraSettings(rotation=180), "MJPG 1280x720 30"),
        (PLAIN, CameraSettings(), "MJPG 1280x720 30"),
        (PLAIN, CameraSettings(height=1080), "MJPG 1920x1080 30"),
        (PLAIN, CameraSettings(width=640, height=480), "MJPG 640x480 30"),
        (PLAIN, CameraSettings(width=480, height=640, rotation=90), "MJPG 640x480 30"),
        (PLAIN, CameraSettings(fps=10, width=1280, height=720), "MJPG 1280x720 30"),
        (OLD, CameraSettings(), "YUYV 640x480 30"),
        (OLD, CameraSettings(fps=7.5, width=1280, height=960), "YUYV 1280x960 7.5"),
        (modes("MJPG 1280x720 29.97", "MJPG 640x480 30"), CameraSettings(fps=30), "MJPG 1280x720 29.97"),
        (modes("MJPG 1280x720 0"), CameraSettings(), "MJPG 1280x720 0"),
        (STRANGE + OLD, CameraSettings(width=640), "YUYV 640x480 30"),
    ],
)
def test_the_mode_nearest_to_the_wishes_is_taken(offered: list[Mode], wishes: CameraSettings, chosen: str) -> None:
    for order in (offered, offered[::-1]):
        assert [choose_mode(order, wishes).mode] == modes(chosen)


def test_only_h264_is_passed_on() -> None:
    assert choose_mode(C920, CameraSettings()).is_h264
    assert not choose_mode(PLAIN, CameraSettings()).is_h264
    assert choose_mode(PLAIN, CameraSettings()).input_format == "mjpeg"


def test_what_cannot_be_had_is_noted() -> None:
    assert choose_mode(C920, CameraSettings()).notes == ()
    (size,) = choose_mode(OLD, CameraSettings(width=1920, height=1080)).notes
    assert "1920x1080" in size
    (rate,) = choose_mode(PLAIN, CameraSettings(fps=60, width=1280, height=720)).notes
    assert "60" in rate
    assert "30" in rate
    (bits,) = choose_mode(C920, CameraSettings(bitrate=10**6)).notes
    assert "bit rate" in bits


def test_formats_that_nobody_can_read_are_named() -> None:
    with pytest.raises(CameraError, match="BA81"):
        choose_mode(STRANGE, CameraSettings())
    with pytest.raises(CameraError, match="nothing"):
        choose_mode([], CameraSettings())


def test_no_webcam_is_said_with_what_to_look_at() -> None:
    if list_devices():
        pytest.skip("this machine has a webcam")
    with pytest.raises(CameraAbsent, match="group video"):
        find_device("")
    camera = UsbCamera(CameraSettings(kind="usb"), Watched().callbacks(), 640)
    with pytest.raises(CameraAbsent):
        camera.start()
    camera.close()
    camera.close()
