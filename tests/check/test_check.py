"""The camera is tried, a running recorder is asked instead, and the exit code says whether it could record."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from dashcam.camera.base import CameraCallbacks, CameraFacts, Packet, Picture
from dashcam.camera.choose import OpenedCamera
from dashcam.check import camera as camera_check
from dashcam.check.camera import check_camera, findings_of_running
from dashcam.check.finding import Finding, verdict
from dashcam.check.program import findings
from dashcam.errors import CameraAbsent, CameraError
from dashcam.link.messages import Message, RecorderRequest
from dashcam.link.server import LinkServer
from dashcam.options import ProgramOptions
from dashcam.settings import load_settings
from dashcam.settings.schema import CameraSettings
from tests.golden_values import STATUS

FACTS = CameraFacts("usb", "a webcam", 640, 480, 25.0, "its own H.264")
SETTINGS = load_settings(None, [], Path("/absent")).settings


class ToyCamera:
    """A camera that hands on what it is told to, at once."""

    def __init__(self, packets: int, error: Exception | None = None) -> None:
        self.packets = packets
        self.error = error
        self.closed = 0

    def open(self, _settings: Any, callbacks: CameraCallbacks, **_facts: Any) -> OpenedCamera:
        for number in range(self.packets):
            pts_ns = number * 40_000_000
            callbacks.packet(Packet(b"x" * 5000, pts_ns, pts_ns, 40_000_000, number % 25 == 0, pts_ns))
        if self.error is not None:
            callbacks.failed(self.error)
        return OpenedCamera(self, FACTS, is_fallback=False)

    def start(self) -> CameraFacts:
        return FACTS

    def take_photo(self, _limit_seconds: float) -> Picture:
        raise CameraError("a toy takes no photos")

    def close(self) -> None:
        self.closed += 1


def tried(monkeypatch: pytest.MonkeyPatch, open_camera: Callable[..., OpenedCamera]) -> tuple[list[Finding], int]:
    monkeypatch.setattr(camera_check, "open_camera", open_camera)
    return check_camera(SETTINGS)


def test_a_camera_that_delivers_is_ok_and_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    toy = ToyCamera(packets=200)
    found, bits_per_second = tried(monkeypatch, toy.open)
    assert [finding.mark for finding in found] == ["ok", "ok"]
    assert "a webcam, 640x480 at 25 frames/s" in found[0].words
    assert "its own H.264; 50 frames" in found[1].words
    assert bits_per_second == 1_000_000  # 50 packets of 5000 bytes in two seconds
    assert toy.closed == 1


def test_a_camera_without_pictures_could_not_record(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(camera_check, "_START_SECONDS", 0.05)
    toy = ToyCamera(packets=1)
    found, _ = tried(monkeypatch, toy.open)
    assert [finding.mark for finding in found] == ["no"]
    assert "no picture came" in found[0].words
    assert toy.closed == 1


def test_a_camera_that_fails_is_told_and_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    toy = ToyCamera(packets=3, error=CameraError("the cable came off"))
    found, _ = tried(monkeypatch, toy.open)
    assert [(finding.mark, finding.words) for finding in found] == [("no", "a webcam has failed: the cable came off")]
    assert toy.closed == 1


def test_without_a_camera_the_synthetic_drive_is_tried_for_the_encoder(monkeypatch: pytest.MonkeyPatch) -> None:
    toy = ToyCamera(packets=200)

    def open_camera(settings: CameraSettings, callbacks: CameraCallbacks, **facts: Any) -> OpenedCamera:
        if settings.kind == "auto":
            raise CameraAbsent("no camera was found: connect one")
        assert settings.kind == "pattern"
        return toy.open(settings, callbacks, **facts)

    found, bits_per_second = tried(monkeypatch, open_camera)
    words = "would record only the synthetic drive (no camera found): connect one"
    assert found[0] == Finding("no", "camera", words)
    assert [(finding.mark, finding.subject) for finding in found[1:]] == [("ok", "encoder")]
    assert bits_per_second == 8_000_000
    assert verdict(found).startswith("`dashcam record` could not record like this; `dashcam run` would")
    assert "connect a camera, and the next start records" in verdict(found)
    assert verdict([*found, Finding("no", "card", "gone")]) == "It could not record like this."
    assert verdict(found[1:]) == ""


def test_a_camera_that_was_asked_for_by_name_has_no_stand_in(monkeypatch: pytest.MonkeyPatch) -> None:
    def absent(*_positional: Any, **_named: Any) -> OpenedCamera:
        raise CameraAbsent("no webcam found")

    monkeypatch.setattr(camera_check, "open_camera", absent)
    found, bits_per_second = check_camera(load_settings(None, ["camera.kind=usb"], Path("/absent")).settings)
    assert found == [Finding("no", "camera", "no webcam found")]
    assert bits_per_second == 8_000_000


def test_a_camera_that_hangs_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    go_on = threading.Event()

    def hang(*_positional: Any, **_named: Any) -> OpenedCamera:
        go_on.wait(60)
        raise CameraError("late")

    monkeypatch.setattr(camera_check, "_START_SECONDS", 0.02)
    found, _ = tried(monkeypatch, hang)
    go_on.set()
    assert found[0].mark == "no"
    assert "hangs" in found[0].words


def test_the_synthetic_drive_is_tried_for_real() -> None:
    settings = load_settings(None, ["camera.kind=pattern", "camera.speed=10"], Path("/absent")).settings
    found, bits_per_second = check_camera(settings)
    assert found[0] == Finding("ok", "camera", found[0].words)
    assert "1280x720" in found[0].words
    assert bits_per_second > 1_000_000


def test_a_running_recorder_is_asked_instead_of_disturbed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def must_not(*_positional: Any, **_named: Any) -> OpenedCamera:
        raise AssertionError("the camera is in use")

    def answer(_request: Any) -> Message:
        return msgspec.structs.replace(STATUS, is_recording=True)

    monkeypatch.setattr(camera_check, "open_camera", must_not)
    server = LinkServer(tmp_path, "recorder", requests=RecorderRequest, answer=answer)
    server.start()
    options = ProgramOptions(tmp_path, tmp_path, load_settings(None, ["web.port=0"], Path("/absent")))
    found = {finding.subject: finding for finding in findings(options)}
    server.close()
    assert "recording now" in found["camera"].words
    assert found["encoder"].mark == "warn"  # frames were lost
    assert "60 frames were lost" in found["speed"].words


def test_a_recorder_that_does_not_record_could_not(monkeypatch: pytest.MonkeyPatch) -> None:
    found, _ = findings_of_running(msgspec.structs.replace(STATUS, is_recording=False, reason="the card is gone"))
    assert [(finding.mark, finding.words) for finding in found] == [
        ("no", "the recorder runs and does not record: the card is gone")
    ]


def test_a_recorder_that_guards_is_well() -> None:
    guarding = msgspec.structs.replace(STATUS, is_recording=False, state="guarding", open_clip=None, reason="as set")
    found, _ = findings_of_running(guarding)
    assert found[0].mark == "ok"
    assert found[0].words.endswith("guarding now")


# Small and quick, so that no machine is too slow for it.
SMALL = ("camera.kind=pattern", "camera.speed=10", "camera.width=320", "camera.height=240")


def check(data: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "dashcam", "check", "--port", "0", "--data", str(data)]
    command += [f"--set={assignment}" for assignment in SMALL]
    root = Path(__file__).resolve().parents[2]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False, cwd=root)


def test_the_command_prints_a_line_each_and_succeeds_where_it_could_record(tmp_path: Path) -> None:
    result = check(tmp_path / "my card")
    assert result.returncode == 0, result.stdout + result.stderr
    subjects = [line.split()[1] for line in result.stdout.splitlines()]
    assert subjects == [
        "python",
        "libraries",
        "memory",
        "camera",
        "encoder",
        "GPS",
        "motion",
        "card",
        "room",
        "speed",
        "clock",
        "page",
    ]
    # A busy machine may be told so; nothing else is.
    assert all(" WARNING " in line for line in result.stderr.splitlines()), result.stderr
    assert list(tmp_path.iterdir()) == []


def test_the_command_fails_where_it_could_not_record(tmp_path: Path) -> None:
    result = check(tmp_path / "absent" / "card")
    assert result.returncode == 1
    assert "no    card " in result.stdout
    assert result.stdout.endswith("It could not record like this.\n")
