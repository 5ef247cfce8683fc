"""Which camera is taken, and what is said when there is none."""

from __future__ import annotations

import logging
import sys
from pathlib import Path
from types import ModuleType
from typing import ClassVar

import pytest

from dashcam.camera.base import CameraCallbacks, CameraFacts, Picture
from dashcam.camera.choose import open_camera
from dashcam.errors import CameraAbsent, CameraError
from dashcam.settings.schema import CameraSettings
from tests.camera.watched import Watched, make_video


class StandIn:
    """A camera that is there, absent or broken, as the test says."""

    error: ClassVar[Exception | None] = None
    asked: ClassVar[list[str]] = []

    def __init__(self, settings: CameraSettings, _callbacks: CameraCallbacks, _small_width: int) -> None:
        self.asked.append(settings.kind)
        self._kind = settings.kind

    def start(self) -> CameraFacts:
        if self.error is not None:
            raise self.error
        return CameraFacts(self._kind, "stand-in", 640, 480, 30.0, "none")

    def take_photo(self, limit_seconds: float) -> Picture:
        raise CameraError("a stand-in takes no photos")

    def close(self) -> None:
        pass


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> dict[str, type[StandIn]]:
    """A machine whose Pi camera and webcam are both absent; a test changes what `error` they raise."""
    kinds: dict[str, type[StandIn]] = {}
    for module_name, class_name in (("picamera", "PiCamera"), ("usb", "UsbCamera")):
        stand_in = type(class_name, (StandIn,), {"error": CameraAbsent(f"no {module_name} here"), "asked": []})
        module = ModuleType(f"dashcam.camera.{module_name}")
        setattr(module, class_name, stand_in)
        monkeypatch.setitem(sys.modules, module.__name__, module)
        kinds[module_name] = stand_in
    return kinds


def opened_kind(settings: CameraSettings, *, or_pattern: bool) -> tuple[str, bool]:
    opened = open_camera(settings, Watched().callbacks(), small_width=320, or_pattern=or_pattern)
    opened.camera.close()
    return opened.facts.kind, opened.is_fallback


def test_a_pi_camera_comes_before_a_webcam(machine: dict[str, type[StandIn]]) -> None:
    machine["picamera"].error = machine["usb"].error = None
    assert opened_kind(CameraSettings(), or_pattern=True) == ("picamera", False)
    assert machine["usb"].asked == []


@pytest.mark.parametrize("absence", [CameraAbsent("no camera connected"), ImportError("No module named 'picamera2'")])
def test_a_webcam_is_taken_without_a_pi_camera(machine: dict[str, type[StandIn]], absence: Exception) -> None:
    machine["picamera"].error, machine["usb"].error = absence, None
    assert opened_kind(CameraSettings(), or_pattern=True) == ("usb", False)


def test_without_any_camera_the_drive_is_drawn_only_when_allowed(
    machine: dict[str, type[StandIn]], caplog: pytest.LogCaptureFixture
) -> None:
    settings = CameraSettings(width=320, height=180, speed=100.0)
    with pytest.raises(CameraAbsent, match=r"no picamera here; no usb here.*camera\.kind=pattern"):
        opened_kind(settings, or_pattern=False)
    with caplog.at_level(logging.WARNING):
        opened = open_camera(settings, Watched().callbacks(), small_width=320, or_pattern=True)
    opened.camera.close()
    assert (opened.facts.kind, opened.is_fallback) == ("pattern", True)
    assert "no usb here" in caplog.text
    assert "stands in" in caplog.text


@pytest.mark.parametrize("kind", ["picamera", "usb"])
def test_a_camera_that_is_there_and_fails_is_never_covered_up(machine: dict[str, type[StandIn]], kind: str) -> None:
    machine[kind].error = CameraError("the sensor does not answer")
    with pytest.raises(CameraError, match="does not answer") as raised:
        opened_kind(CameraSettings(), or_pattern=True)
    assert not isinstance(raised.value, CameraAbsent)


def test_what_was_chosen_by_hand_is_never_replaced(machine: dict[str, type[StandIn]]) -> None:
    machine["picamera"].error = None
    with pytest.raises(CameraAbsent, match="no usb here"):
        opened_kind(CameraSettings(kind="usb"), or_pattern=True)
    assert machine["picamera"].asked == []


def test_a_kind_whose_library_is_missing_is_absent(machine: dict[str, type[StandIn]]) -> None:
    machine["picamera"].error = ImportError("No module named 'picamera2'")
    with pytest.raises(CameraAbsent, match="picamera2"):
        opened_kind(CameraSettings(kind="picamera"), or_pattern=True)


def test_pattern_and_replay_are_no_fallback(tmp_path: Path) -> None:
    path = make_video(tmp_path / "video.mp4")
    assert opened_kind(CameraSettings(kind="replay", source=str(path)), or_pattern=False) == ("replay", False)
    drive = CameraSettings(kind="pattern", width=320, height=180, speed=100.0)
    assert opened_kind(drive, or_pattern=False) == ("pattern", False)


def test_a_replay_without_its_file_says_which(tmp_path: Path) -> None:
    with pytest.raises(CameraError, match=r"gone\.mp4"):
        opened_kind(CameraSettings(kind="replay", source=str(tmp_path / "gone.mp4")), or_pattern=True)
