"""Settings change while it records: what can is in force at once, what needs the camera waits, and no frame goes."""

from __future__ import annotations

import os
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import av
import pytest
from PIL import Image
from PIL.JpegImagePlugin import JpegImageFile

from dashcam.camera.base import CameraCallbacks
from dashcam.camera.choose import OpenedCamera, open_camera
from dashcam.clips.names import CardFolders, sidecar_of
from dashcam.clips.sidecar import Sidecar, read_sidecar
from dashcam.errors import CameraError, TooManyViewers
from dashcam.link import messages as m
from dashcam.link.client import watch
from dashcam.recorder.camera_duty import CameraWish
from dashcam.recorder.tuning import waiting_for_camera
from dashcam.settings import Settings, load_settings
from dashcam.settings.describe import every_setting
from dashcam.settings.save import save_changes
from dashcam.settings.schema import CameraSettings
from tests.camera.watched import numbers_in
from tests.packets import FPS
from tests.recorder.cameras import Cameras
from tests.recorder.rig import clips_of
from tests.recorder.running import RunningRecorder
from tests.recorder.test_service import check_whole

CLIP_FRAMES = 2 * FPS
REFUSED_FPS, FAILING_FPS = 99, 98
# A second is what counts as slow.
HELD_UP_SECONDS = 1.5


class ChoosyCameras(Cameras):
    """Remembers what each was opened with; one rate is refused, with another the camera fails after some frames."""

    def __init__(self) -> None:
        super().__init__()
        self.wishes: list[CameraWish] = []

    def __call__(
        self, settings: CameraSettings, callbacks: CameraCallbacks, *, small_width: int, or_pattern: bool
    ) -> OpenedCamera:
        self.wishes.append(CameraWish(settings, small_width))
        self.error = CameraError("no such rate") if settings.fps == REFUSED_FPS else None
        self.fails_after = 3 if settings.fps == FAILING_FPS else 0
        return super().__call__(settings, callbacks, small_width=small_width, or_pattern=or_pattern)


class RealCameras(Cameras):
    """The product's own."""

    def __call__(
        self, settings: CameraSettings, callbacks: CameraCallbacks, *, small_width: int, or_pattern: bool
    ) -> OpenedCamera:
        return open_camera(settings, callbacks, small_width=small_width, or_pattern=or_pattern)


def save(recorder: RunningRecorder, changes: dict[str, Any], *, may_interrupt: bool = False) -> tuple[str, ...]:
    """Saves and tells, as the page does; gives what waits."""
    save_changes(recorder.state, changes, Path("/nonexistent"))
    return recorder.ask(m.SettingsChanged(may_interrupt=may_interrupt), m.SettingsTaken).pending


def coarseness(data: Path, photo: m.PhotoTaken) -> int:
    """How much a JPEG leaves out: the sum of what its coefficients are divided by."""
    with Image.open(CardFolders(data).dcim / photo.path) as image:
        assert isinstance(image, JpegImageFile)
        return sum(sum(table) for table in image.quantization.values())


def sidecars(data: Path) -> list[Sidecar]:
    return [read_sidecar(sidecar_of(clip)) for clip in clips_of(data)]


def test_what_needs_no_camera_is_in_force_at_once_and_costs_no_frame(tmp_path: Path) -> None:
    cameras = ChoosyCameras()
    with RunningRecorder(tmp_path, cameras, "clock.zone=UTC") as recorder:
        recorder.wait_until_recording(CLIP_FRAMES)
        first = recorder.ask(m.TakePhoto(), m.PhotoTaken)
        pending = save(
            recorder,
            {
                "photo.quality": 10,
                "preview.rate": 30,
                "preview.quality": 95,
                "preview.max_viewers": 1,
                "recording.queue": "4 MB",
                "recording.autostart": False,
                "storage.loop_quota": "50 %",
            },
        )
        assert pending == ()
        status = recorder.wait_until_recording(3 * CLIP_FRAMES)
        assert (status.queue.limit_bytes, status.pending_settings, status.warnings) == (4_000_000, (), ())
        second = recorder.ask(m.TakePhoto(), m.PhotoTaken)
        with watch(recorder.state, "recorder", m.WatchPreview(), m.PreviewPicture, 30.0) as pictures:
            next(pictures)
            with (
                pytest.raises(TooManyViewers, match="1 viewers watch already"),
                watch(recorder.state, "recorder", m.WatchPreview(), m.PreviewPicture, 30.0) as more,
            ):
                next(more)
    assert coarseness(tmp_path, second) > coarseness(tmp_path, first)
    assert len(cameras.wishes) == 1
    assert check_whole(tmp_path) == cameras.newest.frames_sent


def test_length_name_and_zone_are_those_of_the_next_clip(tmp_path: Path) -> None:
    cameras = ChoosyCameras()
    with RunningRecorder(tmp_path, cameras) as recorder:
        recorder.wait_until_recording(CLIP_FRAMES + 1)
        # What was given with --set stays on top of what is saved.
        assert save(recorder, {"recording.segment_seconds": 1, "camera.name": "rear", "clock.zone": "Asia/Tokyo"}) == ()
        recorder.wait_until_recording(3 * CLIP_FRAMES)
    assert check_whole(tmp_path) == cameras.newest.frames_sent
    found = sidecars(tmp_path)
    assert (found[0].camera, found[0].zone) == ("front", "")
    assert (found[-1].camera, found[-1].zone) == ("rear", "Asia/Tokyo")
    assert {sidecar.frames for sidecar in found[:-1]} == {CLIP_FRAMES}
    with av.open(str(clips_of(tmp_path)[-1])) as container:
        assert '"zone":"Asia/Tokyo"' in container.metadata["comment"].replace(" ", "")


def test_clips_of_another_length_begin_without_a_gap(tmp_path: Path) -> None:
    cameras = ChoosyCameras()
    data, state = tmp_path / "card", tmp_path / "state"
    save_changes(state, {"camera.speed": 10, "recording.segment_seconds": 2}, Path("/nonexistent"))
    with RunningRecorder(data, cameras, state=state, with_defaults=False) as recorder:
        recorder.wait_until_recording(2 * CLIP_FRAMES)
        save(recorder, {"recording.segment_seconds": 5})
        recorder.wait_until_recording(10 * CLIP_FRAMES)
        save(recorder, {"recording.segment_seconds": 1})
        recorder.wait_until_recording(recorder.status().frames_written + 3 * CLIP_FRAMES)
    assert check_whole(data) == cameras.newest.frames_sent
    lengths = [sidecar.frames for sidecar in sidecars(data)]
    assert {2 * FPS, 5 * FPS, FPS} <= set(lengths)
    assert max(lengths) == 5 * FPS
    assert lengths[-2] == FPS


def test_what_needs_the_camera_waits_until_recording_may_be_interrupted(tmp_path: Path) -> None:
    cameras = ChoosyCameras()
    with RunningRecorder(tmp_path, cameras) as recorder:
        recorder.wait_until_recording(CLIP_FRAMES)
        waiting = ("camera.fps", "camera.bitrate", "preview.width")
        assert save(recorder, {"camera.fps": 15, "camera.bitrate": 10**6, "preview.width": 320}) == waiting
        assert recorder.status().pending_settings == waiting
        assert len(cameras.wishes) == 1
        first_camera = cameras.newest
        assert recorder.ask(m.SettingsChanged(may_interrupt=True), m.SettingsTaken).pending == ()
        status = recorder.wait_for(
            lambda now: now.state == "recording" and now.frames_written >= first_camera.frames_sent + CLIP_FRAMES,
            "clips of the second camera",
        )
        assert (status.pending_settings, status.warnings, status.queue.dropped_frames) == ((), (), 0)
        pid = status.pid
    assert (cameras.wishes[1].camera.fps, cameras.wishes[1].small_width) == (15, 320)
    assert len(cameras.opened) == 2
    assert (pid, recorder.ends) == (os.getpid(), [])
    # Nothing is lost of either, and the clip of the first has its proper end.
    found = sidecars(tmp_path)
    assert all(sidecar.integrity == "closed" and not sidecar.dropped_frames for sidecar in found)
    assert sum(sidecar.frames for sidecar in found) == sum(camera.frames_sent for camera in cameras.opened)
    assert [sidecar.media_start_ns for sidecar in found].count(0) == 2


def test_while_the_camera_is_opened_anew_it_says_so_and_answers(tmp_path: Path) -> None:
    cameras = ChoosyCameras()
    with RunningRecorder(tmp_path, cameras) as recorder, ThreadPoolExecutor() as people:
        recorder.wait_until_recording(FPS)
        cameras.may_open.clear()
        applying = people.submit(save, recorder, {"camera.fps": 15}, may_interrupt=True)
        status = recorder.wait_for(lambda now: now.state == "starting", "a pause")
        assert not status.is_recording
        assert "other settings" in status.reason
        cameras.may_open.set()
        assert applying.result() == ()
        recorder.wait_for(lambda now: now.is_recording, "a recording")


@pytest.mark.parametrize("may_interrupt", [True, False])
def test_without_a_camera_other_settings_are_tried_at_once(tmp_path: Path, may_interrupt: bool) -> None:
    cameras = ChoosyCameras()
    save_changes(tmp_path / ".state", {"camera.fps": REFUSED_FPS}, Path("/nonexistent"))
    with RunningRecorder(tmp_path, cameras) as recorder:
        recorder.wait_for(lambda now: now.state == "camera_failed", "a camera that does not open")
        save(recorder, {"camera.fps": 15}, may_interrupt=may_interrupt)
        recorder.wait_until_recording(FPS)
        assert recorder.status().pending_settings == ()


def test_with_settings_that_the_camera_refuses_it_goes_back_to_the_former_ones(tmp_path: Path) -> None:
    cameras = ChoosyCameras()
    with RunningRecorder(tmp_path, cameras) as recorder:
        before = recorder.wait_until_recording(CLIP_FRAMES).frames_written
        with pytest.raises(CameraError, match="former ones: no such rate"):
            save(recorder, {"camera.fps": REFUSED_FPS}, may_interrupt=True)
        status = recorder.wait_until_recording(before + CLIP_FRAMES)
        assert status.pending_settings == ("camera.fps",)
        assert any("no such rate" in warning for warning in status.warnings)
        assert [wish.camera.fps for wish in cameras.wishes] == [0, REFUSED_FPS, 0]
        # Whoever takes it back need not read of it any more.
        assert save(recorder, {"camera.fps": None}) == ()
        assert recorder.status().warnings == ()
    assert recorder.ends == []
    assert sum(sidecar.frames for sidecar in sidecars(tmp_path)) == sum(c.frames_sent for c in cameras.opened)


def test_with_settings_under_which_the_camera_fails_soon_it_goes_back_too(tmp_path: Path) -> None:
    cameras = ChoosyCameras()
    with RunningRecorder(tmp_path, cameras) as recorder:
        recorder.wait_until_recording(CLIP_FRAMES)
        save(recorder, {"camera.fps": FAILING_FPS}, may_interrupt=True)
        status = recorder.wait_for(lambda now: bool(now.warnings) and now.is_recording, "the former settings")
        assert status.pending_settings == ("camera.fps",)
        assert "the cable is loose" in status.warnings[0]
    assert [wish.camera.fps for wish in cameras.wishes] == [0, FAILING_FPS, 0]


def test_a_bad_value_in_the_file_falls_back_is_told_and_recording_goes_on(tmp_path: Path) -> None:
    cameras = ChoosyCameras()
    with RunningRecorder(tmp_path, cameras) as recorder:
        recorder.wait_until_recording(CLIP_FRAMES)
        for text in ('[photo]\nquality = "best"\n[recording]\nqueue = "0"\n[clock]\nzone = "Mars"\n', "[camera"):
            (tmp_path / ".state" / "settings.toml").write_text(text)
            assert recorder.ask(m.SettingsChanged(may_interrupt=True), m.SettingsTaken).pending == ()
            assert len(recorder.status().warnings) == (3 if "photo" in text else 1)
        assert recorder.status().queue.limit_bytes == 16_000_000
        recorder.wait_until_recording(3 * CLIP_FRAMES)
    assert check_whole(tmp_path) == cameras.newest.frames_sent
    assert len(cameras.wishes) == 1


def test_a_camera_that_is_absent_with_the_new_settings_is_no_end(tmp_path: Path) -> None:
    absent = {"camera.kind": "usb", "camera.source": "none of that name"}
    save_changes(tmp_path / ".state", absent, Path("/nonexistent"))
    with RunningRecorder(tmp_path, RealCameras(), "camera.height=90", "camera.speed=2") as recorder:
        recorder.wait_for(lambda now: now.state == "no_camera", "no camera")
        save(recorder, {"camera.kind": "pattern", "camera.source": None})
        recorder.wait_until_recording(FPS)
        with pytest.raises(CameraError, match="former ones"):
            save(recorder, absent, may_interrupt=True)
        recorder.wait_until_recording(recorder.status().frames_written + FPS)


def test_another_resolution_begins_another_clip_and_no_picture_is_missing_in_either(tmp_path: Path) -> None:
    save_changes(tmp_path / ".state", {"camera.width": 320, "camera.height": 180}, Path("/nonexistent"))
    with RunningRecorder(tmp_path, RealCameras(), "camera.kind=pattern", "camera.speed=3") as recorder:
        recorder.wait_until_recording(3 * 30)
        save(recorder, {"camera.width": 480, "camera.height": 270}, may_interrupt=True)
        status = recorder.wait_until_recording(recorder.status().frames_written + 3 * 30)
        assert status.camera is not None
        assert (status.camera.width, status.camera.height) == (480, 270)
        assert m.CameraMode(width=1280, height=720, fps=60.0) in status.camera.modes
        recorder.wait_for(lambda now: now.bytes_per_second > 0, "a rate")
    runs: dict[int, list[int | None]] = {}
    for clip in clips_of(tmp_path):
        with av.open(str(clip)) as container:
            runs.setdefault(container.streams.video[0].width, []).extend(numbers_in(container.decode(video=0)))
    assert list(runs) == [320, 480]
    for numbers in runs.values():
        assert numbers == list(range(len(numbers)))
        assert len(numbers) >= 3 * 30


def test_a_card_that_holds_the_writer_up_for_a_second_is_counted(tmp_path: Path) -> None:
    is_slow, pause = threading.Event(), threading.Event()

    def sync(descriptor: int) -> None:
        if is_slow.is_set():
            is_slow.clear()
            pause.wait(HELD_UP_SECONDS)
        os.fdatasync(descriptor)

    with RunningRecorder(tmp_path, Cameras(), sync=sync) as recorder:
        # On a busy machine its card may be slow by itself.
        before = recorder.wait_until_recording(FPS).queue.slow_writes
        is_slow.set()
        status = recorder.wait_for(lambda now: now.queue.slow_writes > before, "a slow write")
        assert not is_slow.is_set()
        assert status.queue.longest_stall_seconds >= HELD_UP_SECONDS


def test_what_waits_for_the_camera_is_what_the_schema_says() -> None:
    defaults = Settings()
    changed = load_settings(
        None,
        [
            "camera.kind=usb",
            "camera.source=1",
            "camera.name=rear",
            "camera.width=640",
            "camera.height=480",
            "camera.fps=15",
            "camera.bitrate=1000000",
            "camera.rotation=180",
            "camera.speed=2",
            "preview.width=320",
        ],
        Path("/nonexistent"),
    ).settings
    expected = tuple(fact.name for fact in every_setting() if fact.applies == "camera")
    assert waiting_for_camera(changed, CameraWish.of(defaults)) == expected
    assert waiting_for_camera(defaults, CameraWish.of(defaults)) == ()
