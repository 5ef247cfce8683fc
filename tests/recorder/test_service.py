"""The whole recorder as the page sees it: it records by itself, and does what it is asked over its link."""

from __future__ import annotations

import gc
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from dashcam.clips.anchors import ANCHORS_NAME, read_boot_times
from dashcam.clips.names import CardFolders, sidecar_of
from dashcam.clips.sidecar import read_sidecar
from dashcam.clock import RELEASE_UTC_NS, WallClock
from dashcam.errors import AlreadyRunning, CameraAbsent, NotRecording
from dashcam.link import messages as m
from dashcam.link.client import watch
from dashcam.recorder.card import Card, NewPlace
from dashcam.system.runtime_folder import socket_folder
from tests.packets import FPS
from tests.recorder.asked import LIMIT_SECONDS, wait_until
from tests.recorder.cameras import Cameras
from tests.recorder.rig import clips_of, frames_in
from tests.recorder.running import RunningRecorder

CLIP_FRAMES = 2 * FPS


def check_whole(data: Path) -> int:
    """Every clip is closed and continues the one before it; gives the number of frames."""
    sidecars = [read_sidecar(sidecar_of(clip)) for clip in clips_of(data)]
    assert all(sidecar.integrity == "closed" and not sidecar.dropped_frames for sidecar in sidecars)
    ends = [(sidecar.media_start_ns or 0) + round(sidecar.duration_seconds * 10**9) for sidecar in sidecars]
    assert ends[:-1] == [sidecar.media_start_ns for sidecar in sidecars[1:]]
    assert [len(frames_in(clip)) for clip in clips_of(data)] == [sidecar.frames for sidecar in sidecars]
    return sum(sidecar.frames for sidecar in sidecars)


def test_it_records_by_itself_and_closes_the_open_clip_when_told_to_stop(tmp_path: Path) -> None:
    cameras = Cameras()
    with RunningRecorder(tmp_path, cameras) as recorder:
        status = recorder.wait_until_recording(3 * CLIP_FRAMES)
    assert status.is_recording
    assert (status.reason, status.warnings, status.boot) == ("", (), 1)
    assert status.camera is not None
    assert (status.camera.description, status.camera.width, status.camera.is_fallback) == ("test packets", 320, False)
    assert (status.queue.dropped_frames, status.started_by_hand) == (0, False)
    assert check_whole(tmp_path) == cameras.newest.frames_sent
    assert recorder.ends == []


def test_the_open_clip_is_named_as_soon_as_it_plays(tmp_path: Path) -> None:
    with RunningRecorder(tmp_path, Cameras(), "recording.segment_seconds=3600") as recorder:
        status = recorder.wait_for(lambda now: now.open_clip is not None and now.open_clip.path != "", "a named clip")
        assert status.open_clip is not None
        path = CardFolders(tmp_path).dcim / status.open_clip.path
        assert len(frames_in(path)) > 0
        assert not sidecar_of(path).exists()


def test_it_is_recording_between_two_clips_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """However long the next one takes to begin: its frames wait in memory."""
    may_begin, waits = threading.Event(), threading.Event()
    place_for_clip = Card.place_for_clip

    def take_long(card: Card, captured_monotonic_ns: int) -> NewPlace:
        place = place_for_clip(card, captured_monotonic_ns)
        if place.id.number == 2:
            waits.set()
            may_begin.wait()
        return place

    monkeypatch.setattr(Card, "place_for_clip", take_long)
    with RunningRecorder(tmp_path, Cameras()) as recorder:
        wait_until(waits.is_set, "the second clip")
        try:
            between = recorder.status()
        finally:
            may_begin.set()
        recorder.wait_until_recording(2 * CLIP_FRAMES)
    assert (between.open_clip, between.state, between.is_recording) == (None, "recording", True)


def test_recording_is_started_and_stopped_by_hand(tmp_path: Path) -> None:
    with RunningRecorder(tmp_path, Cameras(), "recording.autostart=false") as recorder:
        idle = recorder.wait_for(lambda status: status.camera is not None, "a camera")
        assert (idle.state, idle.is_recording, idle.frames_received) == ("stopped", False, 0)
        assert idle.recording_since_seconds == 0
        assert "press Start recording" in idle.reason
        recorder.ask(m.StartRecording(), m.Done)
        assert recorder.wait_until_recording(CLIP_FRAMES + 1).started_by_hand
        recorder.wait_for(lambda status: status.recording_since_seconds > 0, "a while of recording")
        stopped = recorder.ask(m.StopRecording(), m.Stopped)
        assert (recorder.status().state, recorder.status().recording_since_seconds) == ("stopped", 0)
        wait_until(lambda: all(sidecar_of(clip).exists() for clip in clips_of(tmp_path)), "the last sidecar")
        assert [read_sidecar(sidecar_of(clip)).id for clip in clips_of(tmp_path)] == list(stopped.clip_ids)
        assert len(stopped.clip_ids) >= 2
        first = check_whole(tmp_path)
        with pytest.raises(NotRecording, match="stopped already"):
            recorder.ask(m.StopRecording(), m.Stopped)
        recorder.ask(m.StartRecording(), m.Done)
        recorder.wait_until_recording(first + CLIP_FRAMES)
        again = recorder.ask(m.StopRecording(), m.Stopped)
    assert set(again.clip_ids).isdisjoint(stopped.clip_ids)
    assert [clip.name for clip in clips_of(tmp_path) if not sidecar_of(clip).exists()] == []


def test_nobody_is_asked_to_delete_what_was_recorded_since_power_on(tmp_path: Path) -> None:
    with RunningRecorder(tmp_path, Cameras()) as recorder:
        recorder.wait_until_recording()
        assert recorder.ask(m.StopRecording(), m.Stopped).clip_ids == ()


def test_there_is_nothing_to_save_before_anything_was_recorded(tmp_path: Path) -> None:
    with RunningRecorder(tmp_path, Cameras(), "recording.autostart=false") as recorder:
        recorder.status()
        with pytest.raises(NotRecording, match="nothing to save"):
            recorder.ask(m.Save(), m.Saved)


def test_photos_are_taken_while_recording_without_a_lost_frame(tmp_path: Path) -> None:
    cameras = Cameras()
    with RunningRecorder(tmp_path, cameras) as recorder:
        recorder.wait_until_recording(CLIP_FRAMES)
        with ThreadPoolExecutor(4) as pool:
            taken = list(pool.map(lambda _: recorder.ask(m.TakePhoto(), m.PhotoTaken), range(8)))
        recorder.wait_until_recording(recorder.status().frames_written + CLIP_FRAMES)
    assert len({photo.id for photo in taken}) == len({photo.path for photo in taken}) == 8
    for photo in taken:
        path = CardFolders(tmp_path).dcim / photo.path
        assert path.read_bytes().startswith(b"\xff\xd8\xff\xe1")
        assert (read_sidecar(sidecar_of(path)).id, read_sidecar(sidecar_of(path)).kind) == (photo.id, "photo")
    assert check_whole(tmp_path) == cameras.newest.frames_sent
    ids = [read_sidecar(path).id for path in (tmp_path / "DCIM").rglob("*.json")]
    assert len(ids) == len(set(ids))


def test_without_a_camera_it_says_so_and_records_as_soon_as_there_is_one(tmp_path: Path) -> None:
    cameras = Cameras()
    cameras.error = CameraAbsent("no camera was found: connect one")
    with RunningRecorder(tmp_path, cameras) as recorder:
        absent = recorder.wait_for(lambda status: status.state == "no_camera", "no camera")
        assert (absent.is_recording, absent.reason, absent.camera) == (False, "no camera was found: connect one", None)
        cameras.error = None
        assert recorder.wait_until_recording().pid == absent.pid
    assert recorder.ends == []


def test_it_stops_by_itself_after_the_time_it_was_given(tmp_path: Path) -> None:
    with RunningRecorder(tmp_path, Cameras(), for_seconds=1.0) as recorder:
        wait_until(lambda: recorder.has_ended, "its end")
    # Ten times as fast as real time; the clock starts with the first durable fragment.
    assert check_whole(tmp_path) >= FPS


def test_followers_hear_of_every_change(tmp_path: Path) -> None:
    with RunningRecorder(tmp_path, Cameras()) as recorder:
        recorder.wait_until_recording()
        heard: list[str] = []
        with watch(recorder.state, "recorder", m.WatchStatus(), m.RecorderStatus, LIMIT_SECONDS) as statuses:
            for status in statuses:
                if not heard or heard[-1] != status.state:
                    heard.append(status.state)
                if heard == ["recording"]:
                    threading.Thread(target=recorder.ask, args=(m.StopRecording(), m.Stopped), daemon=True).start()
                if heard[-1] == "stopped":
                    break
    assert heard == ["recording", "stopped"]


def test_a_second_recorder_on_the_same_card_ends_at_once_and_clearly(tmp_path: Path) -> None:
    with RunningRecorder(tmp_path / "card", Cameras()) as first:
        first.wait_until_recording()
        second = RunningRecorder(tmp_path / "card", Cameras(), state=tmp_path / "other state")
        with pytest.raises(AlreadyRunning, match=r"another dashcam already uses .*; stop it, or use another --data"):
            leave_when_over(second)
        assert second.cameras.attempts == 0
        with pytest.raises(AlreadyRunning, match="another"):
            leave_when_over(RunningRecorder(tmp_path / "card", Cameras()))
        assert first.wait_until_recording().queue.dropped_frames == 0
    assert check_whole(tmp_path / "card") == first.cameras.newest.frames_sent


def leave_when_over(recorder: RunningRecorder) -> None:
    with recorder:
        wait_until(lambda: recorder.has_ended, "the refused recorder's end")


def test_two_recorders_on_different_folders_record_at_once(tmp_path: Path) -> None:
    with RunningRecorder(tmp_path / "a", Cameras()) as one, RunningRecorder(tmp_path / "b", Cameras()) as other:
        one.wait_until_recording(CLIP_FRAMES)
        other.wait_until_recording(CLIP_FRAMES)
    assert check_whole(tmp_path / "a") == one.cameras.newest.frames_sent
    assert check_whole(tmp_path / "b") == other.cameras.newest.frames_sent


def test_it_records_even_if_nobody_can_ask_it_anything(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dashcam.recorder.service._LINK_AGAIN_SECONDS", 0.1)
    place = socket_folder(tmp_path / ".state")
    place.write_text("in the way")
    try:
        with RunningRecorder(tmp_path, Cameras()) as recorder:
            wait_until(lambda: len(list((tmp_path / "DCIM").rglob("dcp_*.json"))) >= 2, "two closed clips")
            place.unlink()
            recorder.wait_until_recording()
    finally:
        if place.is_file():
            place.unlink()
    check_whole(tmp_path)


def test_a_frame_that_the_camera_could_not_hand_on_is_counted(tmp_path: Path) -> None:
    with RunningRecorder(tmp_path, Cameras()) as recorder:
        recorder.wait_until_recording()
        recorder.cameras.newest.lose()
        recorder.wait_until_recording(recorder.status().frames_written + CLIP_FRAMES)
        assert recorder.status().queue.dropped_frames == 1
    assert sum(read_sidecar(sidecar_of(clip)).dropped_frames for clip in clips_of(tmp_path)) == 1


def test_the_moment_the_clock_becomes_right_is_written_down_once(tmp_path: Path) -> None:
    utc_ns = [0]
    clock = WallClock(system_utc_ns=lambda: utc_ns[0])
    with RunningRecorder(tmp_path, Cameras(), clock=clock) as recorder:
        recorder.wait_until_recording(CLIP_FRAMES + 1)
        anchors = recorder.state / ANCHORS_NAME
        wait_until(anchors.exists, "the line of this boot")
        assert not read_boot_times(anchors)
        utc_ns[0] = RELEASE_UTC_NS + 10**12
        wait_until(lambda: bool(read_boot_times(anchors)), "the anchor")
        recorder.wait_until_recording(recorder.status().frames_written + 2 * CLIP_FRAMES)
    line = read_boot_times(anchors)[1].best
    assert len(anchors.read_bytes().splitlines()) == 2
    assert (line.boot, line.utc_ns, line.source) == (1, utc_ns[0], "system")
    names = [clip.stem for clip in clips_of(tmp_path)]
    assert names[0] == "boot0001_000001"
    assert names[-1].startswith("dcp_")
    assert check_whole(tmp_path) == recorder.cameras.newest.frames_sent


def test_the_collector_walks_no_more_through_what_was_loaded_before_the_recording(tmp_path: Path) -> None:
    gc.unfreeze()
    try:
        with RunningRecorder(tmp_path, Cameras()):
            wait_until(lambda: gc.get_freeze_count() > 0, "the freezing")
    finally:
        gc.unfreeze()
