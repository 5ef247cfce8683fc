"""Settings that the camera was never opened with do their harm once: a process that ends with them is the last."""

from __future__ import annotations

import contextlib
from pathlib import Path

import msgspec
import pytest

from dashcam.camera.base import CameraCallbacks
from dashcam.camera.choose import OpenedCamera
from dashcam.errors import CameraAbsent, DashcamError
from dashcam.link import messages as m
from dashcam.recorder.camera_duty import CameraWish
from dashcam.recorder.camera_trial import TrialOutcome
from dashcam.recorder.last_camera import CameraTrial, LastCamera, decode_memory, doubt_about, trial_after
from dashcam.settings.save import save_changes
from dashcam.settings.schema import CameraSettings
from tests.packets import FPS
from tests.recorder.asked import wait_until
from tests.recorder.running import RunningRecorder
from tests.recorder.test_last_camera import WORKED, loaded
from tests.recorder.test_tuning import FAILING_FPS, REFUSED_FPS, ChoosyCameras

NOWHERE = Path("/nonexistent")
HANGING_FPS, ABSENT_FPS, SILENT_FPS, GOOD_FPS = 97, 96, 95, 25
TRIED = CameraWish(CameraSettings(fps=GOOD_FPS, speed=10), 640)


class WorseCameras(ChoosyCameras):
    """With one more rate they hang while they are opened, with one they are absent, with one they send nothing."""

    def __call__(
        self, settings: CameraSettings, callbacks: CameraCallbacks, *, small_width: int, or_pattern: bool
    ) -> OpenedCamera:
        self.sends_nothing = settings.fps == SILENT_FPS
        if settings.fps == HANGING_FPS:
            self.may_open.clear()
        if settings.fps == ABSENT_FPS:
            self.wishes.append(CameraWish(settings, small_width))
            raise CameraAbsent("no camera was found")
        return super().__call__(settings, callbacks, small_width=small_width, or_pattern=or_pattern)

    @property
    def rates(self) -> list[float]:
        """The frame rates it was to be opened with, one after the other."""
        return [wish.camera.fps for wish in self.wishes]


class DyingRecorder(RunningRecorder):
    """Leaves the memory as it was at the moment when the process would have ended itself."""

    def __enter__(self) -> DyingRecorder:
        memory = self.state / "camera.json"
        self.left = b""

        def end() -> None:
            self.left = self.left or memory.read_bytes()
            self.cameras.let_go()

        self.on_end = end
        super().__enter__()
        return self

    def die(self) -> None:
        """Returns once it has ended itself."""
        wait_until(lambda: self.has_ended, "the end")
        assert "the camera hangs" in self.ends[0]
        (self.state / "camera.json").write_bytes(self.left)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A busy machine can only make the alarm come sooner."""
    monkeypatch.setattr("dashcam.recorder.watch.OPENING_SECONDS", 0.5)


def saved(state: Path, fps: int) -> None:
    """The page has saved another frame rate, and it waits for the next start."""
    save_changes(state, {"camera.fps": fps}, NOWHERE)


def check_that_it_begins_with_what_worked(data: Path, words: str) -> None:
    cameras = WorseCameras()
    with RunningRecorder(data, cameras) as recorder:
        status = recorder.wait_until_recording(FPS)
        assert status.pending_settings == ("camera.fps",)
        assert words in status.warnings[0]
        assert "Apply the new ones" in status.warnings[0]
    assert cameras.rates == [15]


def test_a_process_that_ended_while_it_opened_the_camera_is_followed_by_one_that_records(
    tmp_path: Path, impatient: None
) -> None:
    state = tmp_path / ".state"
    LastCamera(state).note(WORKED)
    saved(state, HANGING_FPS)
    with DyingRecorder(tmp_path, WorseCameras()) as recorder:
        recorder.die()
    check_that_it_begins_with_what_worked(tmp_path, "ended while it opened the camera")
    # And so does every later one.
    check_that_it_begins_with_what_worked(tmp_path, "ended while it opened the camera")


def test_so_is_one_that_ended_when_the_settings_were_applied(tmp_path: Path, impatient: None) -> None:
    """It had run too short a time to be remembered for that."""
    cameras, state = WorseCameras(), tmp_path / ".state"
    saved(state, 15)
    with DyingRecorder(tmp_path, cameras) as recorder:
        recorder.wait_until_recording(FPS)
        saved(state, HANGING_FPS)
        # Whether there is still an answer is a race with the end.
        with contextlib.suppress(DashcamError):
            recorder.ask(m.SettingsChanged(may_interrupt=True), m.SettingsTaken)
        recorder.die()
    assert cameras.rates[:2] == [15, HANGING_FPS]
    check_that_it_begins_with_what_worked(tmp_path, "ended while it opened the camera")


@pytest.mark.parametrize("bad_fps", [REFUSED_FPS, FAILING_FPS, SILENT_FPS])
def test_what_did_not_work_once_costs_the_next_start_nothing(
    tmp_path: Path, bad_fps: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dashcam.recorder.watch.FIRST_PACKET_SECONDS", 0.5)
    state, cameras = tmp_path / ".state", WorseCameras()
    LastCamera(state).note(WORKED)
    saved(state, bad_fps)
    with RunningRecorder(tmp_path, cameras) as recorder:
        recorder.wait_for(lambda now: bool(now.warnings) and now.is_recording, "the former settings")
    assert cameras.rates == [bad_fps, 15]
    trial = decode_memory((state / "camera.json").read_bytes()).trial
    assert trial is not None
    check_that_it_begins_with_what_worked(tmp_path, trial.refusal)


def test_a_camera_that_was_not_there_is_looked_for_again(tmp_path: Path) -> None:
    state = tmp_path / ".state"
    LastCamera(state).note(WORKED)
    saved(state, ABSENT_FPS)
    for _ in range(2):
        cameras = WorseCameras()
        with RunningRecorder(tmp_path, cameras) as recorder:
            recorder.wait_until_recording(FPS)
        assert cameras.rates == [ABSENT_FPS, 15]


def test_if_what_worked_does_not_work_either_what_was_doubted_is_tried(tmp_path: Path) -> None:
    state, cameras = tmp_path / ".state", WorseCameras()
    LastCamera(state).note(CameraWish(CameraSettings(fps=REFUSED_FPS, speed=10), 640))
    saved(state, GOOD_FPS)
    last = LastCamera(state)
    last.differing_from(loaded(state))
    last.begin(TRIED)
    with RunningRecorder(tmp_path, cameras) as recorder:
        status = recorder.wait_until_recording(FPS)
        assert (status.pending_settings, status.warnings) == ((), ())
    assert cameras.rates == [REFUSED_FPS, GOOD_FPS]


def test_applying_tries_again_what_was_doubted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dashcam.recorder.camera_duty._STEADY_SECONDS", 0.5)
    state, cameras = tmp_path / ".state", WorseCameras()
    LastCamera(state).note(WORKED)
    saved(state, GOOD_FPS)
    last = LastCamera(state)
    last.differing_from(loaded(state))
    last.begin(TRIED)
    with RunningRecorder(tmp_path, cameras) as recorder:
        recorder.wait_until_recording(FPS)
        assert recorder.ask(m.SettingsChanged(may_interrupt=True), m.SettingsTaken).pending == ()
        recorder.wait_until_recording(recorder.status().frames_written + FPS)
        assert recorder.status().warnings == ()
        wait_until(lambda: decode_memory((state / "camera.json").read_bytes()).worked == TRIED, "a memory")
    assert cameras.rates == [15, GOOD_FPS]
    assert decode_memory((state / "camera.json").read_bytes()).trial is None


def test_short_trips_are_no_reason_to_doubt_but_many_are(tmp_path: Path) -> None:
    LastCamera(tmp_path).note(WORKED)
    saved(tmp_path, GOOD_FPS)
    doubts = []
    for _ in range(5):
        last = LastCamera(tmp_path)
        assert last.differing_from(loaded(tmp_path)) == WORKED
        doubts.append(last.doubt(TRIED))
        if not doubts[-1]:
            last.begin(TRIED)
            last.note_outcome(TrialOutcome(TRIED, "sends"))
    assert doubts[:3] == ["", "", ""]
    assert "each of the 3 times" in doubts[3]
    assert doubts[4] == doubts[3]


@pytest.mark.parametrize(
    ("trial", "words"),
    [
        (CameraTrial(wish=TRIED), "ended while it opened"),
        (CameraTrial(wish=TRIED, has_sent=True), ""),
        (CameraTrial(wish=TRIED, has_sent=True, starts=2), ""),
        (CameraTrial(wish=TRIED, has_sent=True, starts=3), "each of the 3 times"),
        (CameraTrial(wish=TRIED, has_sent=True, refusal="no such rate"), "no such rate"),
    ],
)
def test_what_is_doubted(trial: CameraTrial, words: str) -> None:
    assert words in doubt_about(trial)
    assert bool(doubt_about(trial)) == bool(words)


def test_what_became_of_a_trial_is_remembered() -> None:
    trial = CameraTrial(wish=TRIED, starts=2)
    assert trial_after(trial, TrialOutcome(TRIED, "sends")) == msgspec.structs.replace(trial, has_sent=True)
    assert trial_after(trial, TrialOutcome(TRIED, "refused", "no")) == msgspec.structs.replace(trial, refusal="no")
    assert trial_after(trial, TrialOutcome(TRIED, "innocent", "no")) is None


def test_what_is_nobodys_trial_changes_nothing(tmp_path: Path) -> None:
    last = LastCamera(tmp_path)
    last.begin(TRIED)
    assert not (tmp_path / "camera.json").exists()
    last.note(WORKED)
    before = (tmp_path / "camera.json").read_bytes()
    last.begin(WORKED)
    last.note_outcome(TrialOutcome(TRIED, "refused", "no"))
    assert (tmp_path / "camera.json").read_bytes() == before


def test_another_name_makes_no_other_camera_of_it(tmp_path: Path) -> None:
    last = LastCamera(tmp_path)
    last.note(WORKED)
    last.begin(TRIED)
    renamed = CameraWish(msgspec.structs.replace(TRIED.camera, name="rear"), TRIED.small_width)
    assert last.doubt(renamed) == last.doubt(TRIED) != ""
    last.note(renamed)
    assert last.doubt(TRIED) == ""
