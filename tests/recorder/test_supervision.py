"""What the recorder does about a camera or a card that fails it, and what systemd hears of that."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from dashcam.errors import CameraAbsent, CameraError
from dashcam.link import messages as m
from dashcam.link.client import watch
from dashcam.media.durable_file import SyncPolicy
from dashcam.recorder.watch import Sighting, Verdict, judge
from tests.packets import FPS
from tests.recorder.asked import wait_until
from tests.recorder.cameras import Cameras
from tests.recorder.rig import clips_of, frames_in
from tests.recorder.running import RunningRecorder, Systemd


@pytest.fixture
def systemd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Systemd]:
    listening = Systemd(tmp_path_factory.mktemp("run"))
    yield listening
    listening.close()


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Limits that a test can wait for. A busy machine can only make the alarms come sooner."""
    monkeypatch.setattr("dashcam.recorder.watch.KEYFRAME_SECONDS", 1.0)
    monkeypatch.setattr("dashcam.recorder.watch.FIRST_PACKET_SECONDS", 1.0)
    monkeypatch.setattr("dashcam.recorder.watch.OPENING_SECONDS", 0.5)
    monkeypatch.setattr("dashcam.recorder.report.SLOW_SECONDS", 0.3)
    monkeypatch.setattr("dashcam.recorder.watch.STUCK_SECONDS", 1.5)
    monkeypatch.setattr("dashcam.recorder.camera_duty._RETRY_SECONDS", (0.05,))
    monkeypatch.setattr("dashcam.recorder.camera_duty._CLOSE_SECONDS", 0.2)


class StallingCard:
    """Syncs as the system does, but not while it stalls."""

    def __init__(self) -> None:
        self.answers = threading.Event()
        self.answers.set()

    @property
    def sync(self) -> SyncPolicy:
        def wait_and_sync(descriptor: int) -> None:
            self.answers.wait()
            os.fdatasync(descriptor)

        return wait_and_sync


def test_a_camera_that_falls_silent_is_opened_anew(tmp_path: Path) -> None:
    cameras = Cameras()
    with RunningRecorder(tmp_path, cameras) as recorder:
        recorder.wait_until_recording(FPS)
        cameras.error = CameraError("it does not come back yet")
        cameras.newest.is_silent = True
        silent = recorder.wait_for(lambda status: status.state == "camera_failed", "an alarm")
        assert not silent.is_recording
        cameras.error = None
        again = recorder.wait_until_recording(silent.frames_written + FPS)
        assert again.pid == silent.pid
    assert len(cameras.opened) > 1
    assert recorder.ends == []
    assert sum(len(frames_in(clip)) for clip in clips_of(tmp_path)) == sum(one.frames_sent for one in cameras.opened)


def test_an_alarm_is_believed_at_the_second_look(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A process that was held up itself finds an old packet, and then a new one."""
    cameras, looks = Cameras(), list[Sighting]()

    def once_silent(seen: Sighting) -> list[Verdict]:
        looks.append(seen)
        return [Verdict("camera_silent", "held up")] if len(looks) == 3 else judge(seen)

    monkeypatch.setattr("dashcam.recorder.supervision.judge", once_silent)
    with RunningRecorder(tmp_path, cameras) as recorder:
        wait_until(lambda: len(looks) > 6, "some looks")
        assert recorder.status().state == "recording"
    assert len(cameras.opened) == 1


def test_a_camera_without_keyframes_is_opened_anew(tmp_path: Path, impatient: None) -> None:
    cameras = Cameras()
    with RunningRecorder(tmp_path, cameras) as recorder:
        recorder.wait_until_recording(FPS)
        cameras.newest.sends_keyframes = False
        wait_until(lambda: len(cameras.opened) > 1, "a new camera")
        recorder.wait_until_recording(recorder.status().frames_written + FPS)


def test_a_camera_that_never_sends_anything_is_opened_anew(tmp_path: Path, impatient: None) -> None:
    cameras = Cameras()
    cameras.sends_nothing = True
    with RunningRecorder(tmp_path, cameras) as recorder:
        failed = recorder.wait_for(lambda status: status.state == "camera_failed", "an alarm")
        assert "has sent nothing" in failed.reason
        cameras.sends_nothing = False
        recorder.wait_until_recording()


def test_a_camera_that_cannot_be_closed_ends_the_process_after_the_clip(tmp_path: Path, impatient: None) -> None:
    cameras = Cameras()
    with RunningRecorder(tmp_path, cameras) as recorder:
        recorder.wait_until_recording(FPS)
        cameras.may_close.clear()
        cameras.newest.fail("the cable is loose")
        wait_until(lambda: recorder.has_ended, "the end")
    assert recorder.ends == ["the camera hangs and cannot be closed"]
    assert all(clip.with_suffix(".json").exists() for clip in clips_of(tmp_path))


def test_a_camera_that_hangs_while_it_is_opened_ends_the_process(tmp_path: Path, impatient: None) -> None:
    cameras = Cameras()
    cameras.may_open.clear()
    with RunningRecorder(tmp_path, cameras) as recorder:
        wait_until(lambda: recorder.has_ended, "the end")
    assert recorder.ends[0].startswith("the camera hangs: it has been opened for")


def test_a_camera_that_fails_again_and_again_ends_the_process(tmp_path: Path, impatient: None) -> None:
    cameras = Cameras()
    cameras.fails_after = FPS
    with RunningRecorder(tmp_path, cameras) as recorder:
        wait_until(lambda: recorder.has_ended, "the end")
    assert recorder.ends == ["the camera failed 5 times in a row: the cable is loose"]
    assert len(cameras.opened) == 5
    assert [len(frames_in(clip)) for clip in clips_of(tmp_path)] == [FPS] * 5
    assert all(clip.with_suffix(".json").exists() for clip in clips_of(tmp_path))


def test_one_hiccup_after_a_long_absence_does_not_end_the_process(tmp_path: Path, impatient: None) -> None:
    cameras = Cameras()
    cameras.error = CameraAbsent("no camera was found")
    with RunningRecorder(tmp_path, cameras) as recorder:
        wait_until(lambda: cameras.attempts > 6, "some attempts")
        cameras.error = None
        recorder.wait_until_recording(FPS)
        cameras.newest.fail("the cable is loose")
        recorder.wait_until_recording(recorder.status().frames_written + FPS)
    assert recorder.ends == []


def test_a_camera_that_never_worked_is_tried_again_without_end(tmp_path: Path, impatient: None) -> None:
    cameras = Cameras()
    cameras.error = CameraError("the file is no video; choose another")
    with RunningRecorder(tmp_path, cameras) as recorder:
        wait_until(lambda: cameras.attempts > 8, "some attempts")
        status = recorder.status()
    assert (status.state, status.reason) == ("camera_failed", "the file is no video; choose another")
    assert recorder.ends == []


def test_a_writer_that_is_stuck_ends_the_process(tmp_path: Path, impatient: None) -> None:
    card = StallingCard()
    with RunningRecorder(tmp_path, Cameras(), sync=card.sync) as recorder:
        recorder.wait_until_recording(FPS)
        recorder.on_end = card.answers.set
        card.answers.clear()
        slow = recorder.wait_for(lambda status: status.state == "card_slow", "a slow card")
        # Still recording: into the memory.
        assert (slow.is_recording, slow.queue.dropped_frames) == (True, 0)
        wait_until(lambda: recorder.has_ended, "the end")
    assert recorder.ends[0].startswith("the card has answered nothing for")


def test_systemd_hears_ready_when_the_first_fragment_is_durable(tmp_path: Path, systemd: Systemd) -> None:
    card = StallingCard()
    card.answers.clear()
    with RunningRecorder(tmp_path, Cameras(), sync=card.sync, environment=systemd.environment) as recorder:
        try:
            recorder.wait_for(lambda status: status.frames_received > 2 * FPS, "some frames")
            assert recorder.status().state == "starting"
            assert "READY=1" not in systemd.listen()
        finally:
            card.answers.set()
        systemd.wait_for("READY=1")
        systemd.wait_for("STATUS=recording")
        assert list((tmp_path / "DCIM").rglob("dcp_*.mp4"))
    assert systemd.listen().count("READY=1") == 1
    assert systemd.listen()[-1] == "STOPPING=1"


@pytest.mark.parametrize(
    ("setting", "reason"),
    [("recording.autostart=false", "recording was stopped by hand"), ("camera.name=front", "no camera was found")],
)
def test_systemd_hears_ready_at_once_when_there_is_nothing_to_record(
    tmp_path: Path, systemd: Systemd, setting: str, reason: str
) -> None:
    cameras = Cameras()
    cameras.error = CameraAbsent("no camera was found")
    with RunningRecorder(tmp_path, cameras, setting, environment=systemd.environment):
        systemd.wait_for("READY=1")
        systemd.wait_for("WATCHDOG=1")
    told = [line for line in systemd.listen() if line.startswith(f"STATUS=NOT RECORDING: {reason}")]
    assert len(told) == 1


def test_the_watchdog_is_fed_only_while_frames_arrive(tmp_path: Path, systemd: Systemd) -> None:
    cameras = Cameras()
    with RunningRecorder(tmp_path, cameras, environment=systemd.environment) as recorder:
        recorder.wait_until_recording(FPS)
        systemd.wait_for("WATCHDOG=1")
        cameras.error = CameraError("the library is confused")
        cameras.newest.fail("the cable is loose")
        recorder.wait_for(lambda status: status.state == "camera_failed", "the failure")
        systemd.wait_for("STATUS=NOT RECORDING: the library is confused")
        systemd.forget()
        followed = recorder.status().uptime_seconds
        recorder.wait_for(lambda status: status.uptime_seconds > followed + 1.5, "some turns")
        assert "WATCHDOG=1" not in systemd.listen()
        cameras.error = None
        recorder.wait_until_recording(recorder.status().frames_written + FPS)
        systemd.wait_for("WATCHDOG=1")


def test_a_viewer_gets_pictures_while_it_records(tmp_path: Path) -> None:
    cameras = Cameras()
    with RunningRecorder(tmp_path, cameras, "preview.rate=30") as recorder:
        recorder.wait_until_recording()
        with watch(recorder.state, "recorder", m.WatchPreview(), m.PreviewPicture, 30.0) as pictures:
            seen = [next(pictures) for _ in range(3)]
            assert recorder.status().preview_viewers == 1
        recorder.wait_for(lambda status: status.preview_viewers == 0, "the viewer's leaving")
    assert all(picture.jpeg.startswith(b"\xff\xd8") for picture in seen)
    times = [picture.captured_monotonic_ns for picture in seen]
    assert times == sorted(set(times))
