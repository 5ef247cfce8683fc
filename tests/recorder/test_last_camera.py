"""A change of the camera that turns out bad at the next start costs no recording."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from dashcam.recorder.camera_duty import CameraWish
from dashcam.recorder.last_camera import LastCamera, decode_memory
from dashcam.settings import LoadedSettings, load_settings
from dashcam.settings.load import BOOT_FILE_VARIABLE
from dashcam.settings.save import save_changes
from dashcam.settings.schema import CameraSettings
from tests.packets import FPS
from tests.recorder.asked import wait_until
from tests.recorder.running import RunningRecorder
from tests.recorder.test_tuning import FAILING_FPS, REFUSED_FPS, ChoosyCameras

NOWHERE = Path("/nonexistent")
WORKED = CameraWish(CameraSettings(fps=15, speed=10), 640)


def loaded(state: Path, *assignments: str) -> LoadedSettings:
    return load_settings(state, ("camera.speed=10", *assignments), NOWHERE)


@pytest.mark.parametrize("bad_fps", [REFUSED_FPS, FAILING_FPS])
def test_it_starts_with_what_worked_when_what_was_saved_since_does_not(tmp_path: Path, bad_fps: int) -> None:
    state, cameras = tmp_path / ".state", ChoosyCameras()
    LastCamera(state).note(WORKED)
    save_changes(state, {"camera.fps": bad_fps}, NOWHERE)
    with RunningRecorder(tmp_path, cameras) as recorder:
        status = recorder.wait_for(lambda now: bool(now.warnings) and now.is_recording, "the former settings")
        assert (status.pending_settings, status.camera is not None) == (("camera.fps",), True)
        assert "former ones" in status.warnings[0]
        recorder.wait_until_recording(status.frames_written + FPS)
    assert [wish.camera.fps for wish in cameras.wishes] == [bad_fps, 15]


def test_it_does_so_when_the_boot_partition_asks_for_what_does_not_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    boot_file = tmp_path / "of the boot partition.toml"
    boot_file.write_text(f"[override]\ncamera.fps = {REFUSED_FPS}\n")
    monkeypatch.setenv(BOOT_FILE_VARIABLE, str(boot_file))
    cameras = ChoosyCameras()
    LastCamera(tmp_path / ".state").note(WORKED)
    with RunningRecorder(tmp_path, cameras) as recorder:
        status = recorder.wait_for(lambda now: bool(now.warnings) and now.is_recording, "the former settings")
        assert "former ones" in status.warnings[0]
    assert [wish.camera.fps for wish in cameras.wishes] == [REFUSED_FPS, 15]


def test_a_camera_that_fails_either_way_is_tried_as_it_is_wished_for(tmp_path: Path) -> None:
    state, cameras = tmp_path / ".state", ChoosyCameras()
    LastCamera(state).note(CameraWish(CameraSettings(fps=REFUSED_FPS, speed=10), 320))
    save_changes(state, {"camera.fps": REFUSED_FPS, "preview.width": 640}, NOWHERE)
    with RunningRecorder(tmp_path, cameras) as recorder:
        status = recorder.wait_for(lambda now: len(cameras.wishes) >= 3, "three attempts")
        assert status.state == "camera_failed"
    assert [wish.small_width for wish in cameras.wishes[:3]] == [640, 320, 640]


def test_what_works_is_remembered_over_a_restart(tmp_path: Path) -> None:
    last = LastCamera(tmp_path)
    assert last.differing_from(loaded(tmp_path)) is None
    last.note(WORKED)
    save_changes(tmp_path, {"camera.fps": 25}, NOWHERE)
    assert LastCamera(tmp_path).differing_from(loaded(tmp_path)) == WORKED
    save_changes(tmp_path, {"camera.fps": 15}, NOWHERE)
    assert LastCamera(tmp_path).differing_from(loaded(tmp_path)) is None


def test_what_was_asked_for_on_the_command_line_is_never_replaced(tmp_path: Path) -> None:
    LastCamera(tmp_path).note(WORKED)
    assert LastCamera(tmp_path).differing_from(loaded(tmp_path, "camera.fps=25")) is None
    save_changes(tmp_path, {"camera.bitrate": 10**6}, NOWHERE)
    assert LastCamera(tmp_path).differing_from(loaded(tmp_path, "camera.fps=25")) is None


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff", msgspec.json.encode({"camera": {"fps": "x"}})])
def test_a_damaged_memory_is_none(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "camera.json").write_bytes(content)
    save_changes(tmp_path, {"camera.fps": 25}, NOWHERE)
    last = LastCamera(tmp_path)
    assert last.differing_from(loaded(tmp_path)) is None
    last.note(WORKED)
    assert LastCamera(tmp_path).differing_from(loaded(tmp_path)) == WORKED


def test_a_state_that_takes_nothing_is_tried_again(tmp_path: Path) -> None:
    state = tmp_path / "state"
    state.touch()
    last = LastCamera(state)
    last.note(WORKED)
    state.unlink()
    last.note(WORKED)
    assert (state / "camera.json").exists()


def test_settings_with_which_a_camera_runs_for_a_while_are_remembered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dashcam.recorder.camera_duty._STEADY_SECONDS", 0.5)
    with RunningRecorder(tmp_path, ChoosyCameras(), "camera.fps=15") as recorder:
        wait_until((recorder.state / "camera.json").exists, "a memory")
    wish = decode_memory((recorder.state / "camera.json").read_bytes()).worked
    assert wish is not None
    assert (wish.camera.fps, wish.small_width) == (15, 640)
