"""Which sizes a camera says it can send: what the page offers is made of these."""

from __future__ import annotations

import pytest

from dashcam.camera.base import Mode
from dashcam.camera.pattern import PatternCamera
from dashcam.camera.picamera import modes_of
from dashcam.camera.usb_mode import sizes_of
from dashcam.camera.v4l2 import Mode as WebcamMode
from dashcam.settings.resolutions import STANDARD_SIZES
from dashcam.settings.schema import CameraSettings
from tests.camera.watched import Watched

WEBCAM = [
    WebcamMode("YUYV", 640, 480, 30.0),
    WebcamMode("YUYV", 1920, 1080, 5.0),
    WebcamMode("MJPG", 1920, 1080, 30.0),
    WebcamMode("H264", 1280, 720, 60.0),
    WebcamMode("YUYV", 1280, 720, 10.0),
    WebcamMode("RGB3", 3840, 2160, 30.0),
    WebcamMode("MJPG", 320, 240, 0.0),
]


def sizes(modes: tuple[Mode, ...]) -> list[tuple[int, int, float]]:
    return [(mode.width, mode.height, mode.fps) for mode in modes]


def test_a_webcam_has_each_size_once_with_its_highest_rate() -> None:
    # Formats that nobody can read do not count, and an unknown rate is the usual one.
    assert sizes(sizes_of(WEBCAM, is_turned=False)) == [
        (1920, 1080, 30.0),
        (1280, 720, 60.0),
        (640, 480, 30.0),
        (320, 240, 30.0),
    ]


def test_turned_pictures_cannot_come_from_its_own_encoder() -> None:
    assert (1280, 720, 10.0) in sizes(sizes_of(WEBCAM, is_turned=True))


@pytest.mark.parametrize(
    ("sensor", "has_hardware_encoder", "expected"),
    [
        ((4608, 2592), True, [(640, 480, 60.0), (1280, 720, 60.0), (1920, 1080, 30.0)]),
        ((4608, 2592), False, [(*size, 60.0) for size in STANDARD_SIZES]),
        ((1456, 1088), False, [(640, 480, 60.0), (1280, 720, 60.0)]),
        (None, True, []),
    ],
)
def test_a_pi_camera_has_what_its_sensor_fills_and_the_encoder_can(
    sensor: tuple[int, int] | None, has_hardware_encoder: bool, expected: list[tuple[int, int, float]]
) -> None:
    assert sizes(modes_of(sensor, has_hardware_encoder=has_hardware_encoder)) == expected


def test_the_synthetic_drive_has_every_usual_size() -> None:
    camera = PatternCamera(CameraSettings(kind="pattern", width=160, height=90), Watched().callbacks(), 160)
    facts = camera.start()
    camera.close()
    assert [(mode.width, mode.height) for mode in facts.modes] == list(STANDARD_SIZES)
