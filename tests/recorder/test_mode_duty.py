"""Modes come into force: by hand, by the time of day, by the standing car; and Stop stays stopped."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import msgspec
import pytest

from dashcam.clips.names import sidecar_of
from dashcam.clips.sidecar import read_sidecar
from dashcam.clock import RELEASE_UTC_NS, WallClock
from dashcam.errors import NotRecording
from dashcam.link import messages as m
from dashcam.recorder.mode_duty import ModeDuty
from dashcam.settings.schema import RecordingSettings, Settings
from tests.packets import FPS
from tests.recorder.asked import wait_until
from tests.recorder.cameras import Cameras
from tests.recorder.rig import clips_of
from tests.recorder.running import RunningRecorder, Systemd
from tests.recorder.test_service import check_whole
from tests.recorder.test_tuning import save

_NS_A_HOUR = 3_600_000_000_000
# Midnight, UTC.
_MIDNIGHT_NS = RELEASE_UTC_NS - RELEASE_UTC_NS % (24 * _NS_A_HOUR) + 24 * _NS_A_HOUR


class Switches:
    """Writes down what is switched."""

    def __init__(self) -> None:
        self.done: list[str] = []

    def open_loop(self) -> None:
        self.done.append("loop")

    def end_loop(self) -> threading.Event:
        return self._ended("no loop")

    def open_events(self) -> None:
        self.done.append("events")

    def end_events(self) -> threading.Event:
        return self._ended("no events")

    def take(self) -> list[str]:
        done, self.done = self.done, []
        return done

    def _ended(self, what: str) -> threading.Event:
        self.done.append(what)
        return threading.Event()


class Rig:
    def __init__(self, **recording: Any) -> None:
        self.switches = Switches()
        self.stood: float | None = None
        self.hour = 12.0
        self.changes = 0
        self._recording = RecordingSettings(**recording)
        clock = WallClock(lambda: 0, lambda: _MIDNIGHT_NS + round(self.hour * _NS_A_HOUR))
        self.modes = ModeDuty(
            self._settings(),
            self.switches,
            clock=clock,
            stood_seconds=lambda: self.stood,
            changed=self._count,
        )
        self.modes.turn()

    def take(self, **recording: Any) -> None:
        self._recording = msgspec.structs.replace(self._recording, **recording)
        self.modes.take(self._settings())

    def turn(self, hour: float | None = None, stood: float | None = None) -> str:
        self.hour = self.hour if hour is None else hour
        self.stood = self.stood if stood is None else stood
        self.modes.turn()
        return self.modes.status.mode

    def _settings(self) -> Settings:
        settings = Settings(recording=self._recording)
        return msgspec.structs.replace(settings, clock=msgspec.structs.replace(settings.clock, zone="UTC"))

    def _count(self) -> None:
        self.changes += 1


def test_a_car_that_parks_and_leaves_switches_the_loop_off_and_on() -> None:
    rig = Rig()
    assert rig.switches.take() == ["loop", "events"]
    assert rig.turn(stood=599) == "drive"
    assert rig.switches.take() == []
    assert rig.turn(stood=600) == "park"
    assert rig.switches.take() == ["no loop"]
    assert rig.turn(stood=0) == "drive"
    assert rig.switches.take() == ["loop"]


def test_off_ends_everything_and_watch_begins_everything() -> None:
    rig = Rig(mode="off")
    assert rig.switches.take() == []
    rig.take(mode="watch")
    assert rig.switches.take() == ["loop", "events"]
    rig.take(mode="off")
    assert rig.switches.take() == ["no loop", "no events"]


def test_nothing_is_switched_and_nobody_woken_while_nothing_changes() -> None:
    rig = Rig()
    rig.switches.take()
    changes = rig.changes
    for _ in range(10):
        rig.turn()
    assert (rig.switches.take(), rig.changes) == ([], changes)


def test_stop_by_hand_wins_over_the_car_and_the_clock_until_it_is_started_again() -> None:
    rig = Rig(timetable="22:00-06:00 park")
    rig.switches.take()
    assert len(rig.modes.stop_by_hand()) == 2
    assert rig.switches.take() == ["no loop", "no events"]
    rig.turn(hour=23)
    rig.turn(hour=12, stood=0)
    assert rig.switches.take() == []
    with pytest.raises(NotRecording, match="stopped already"):
        rig.modes.stop_by_hand()
    assert rig.modes.start_by_hand()
    assert not rig.modes.start_by_hand()
    assert rig.switches.take() == ["loop", "events"]


def test_who_chooses_another_mode_after_the_stop_wants_it_to_record() -> None:
    rig = Rig()
    rig.modes.stop_by_hand()
    rig.take(segment_seconds=30.0)
    assert not rig.modes.is_wanted
    rig.take(mode="park")
    assert rig.modes.is_wanted
    assert rig.modes.records_events


def test_without_autostart_another_mode_starts_nothing() -> None:
    rig = Rig(autostart=False)
    rig.take(mode="watch")
    assert (rig.switches.take(), rig.modes.is_wanted) == ([], False)
    assert rig.modes.start_by_hand()
    assert rig.switches.take() == ["loop", "events"]


def test_the_timetable_switches_and_a_choice_by_hand_counts_until_its_span_is_over() -> None:
    rig = Rig(mode="drive", timetable="22:00-06:00 park")
    assert rig.turn(hour=23) == "park"
    rig.take(mode="watch")
    assert rig.turn(hour=23.5) == "watch"
    assert rig.turn(hour=29.5) == "watch"
    assert rig.turn(hour=31) == "watch"
    assert rig.turn(hour=24 + 23) == "park"


def test_start_by_hand_records_although_the_mode_is_off_and_stop_ends_it() -> None:
    rig = Rig(mode="off")
    with pytest.raises(NotRecording, match="the mode is off"):
        rig.modes.stop_by_hand()
    assert rig.modes.start_by_hand()
    assert rig.switches.take() == ["loop", "events"]
    assert rig.turn() == "drive"
    rig.modes.stop_by_hand()
    assert rig.switches.take() == ["no loop", "no events"]


def test_while_parked_the_loop_rests_calmly_and_driving_on_loses_nothing_more(tmp_path: Path) -> None:
    cameras = Cameras()
    systemd = Systemd(tmp_path)
    with RunningRecorder(tmp_path / "card", cameras, environment=systemd.environment) as recorder:
        recorder.wait_until_recording(3 * FPS)
        save(recorder, {"recording.mode": "park"})
        parked = recorder.wait_for(lambda now: now.state == "guarding", "the guard")
        assert (parked.is_recording, parked.mode.wanted, parked.mode.mode) == (False, "park", "park")
        assert parked.reason == "only events are recorded: as set by hand"
        assert parked.camera is not None
        systemd.wait_for(f"STATUS=guarding: {parked.reason}")
        recorder.wait_for(lambda now: now.open_clip is None, "the end of the open clip")
        clips = len(clips_of(tmp_path / "card"))
        sent = cameras.newest.frames_sent
        wait_until(lambda: cameras.newest.frames_sent > sent + 4 * FPS, "a while of guarding")
        assert recorder.status().state == "guarding"
        assert (len(clips_of(tmp_path / "card")), recorder.ends, len(cameras.opened)) == (clips, [], 1)
        save(recorder, {"recording.mode": "drive"})
        recorder.wait_for(lambda now: now.state == "recording" and now.open_clip is not None, "the loop")
    systemd.close()
    assert len(clips_of(tmp_path / "card")) > clips


def test_off_is_said_plainly_and_the_camera_stays_open(tmp_path: Path) -> None:
    with RunningRecorder(tmp_path, Cameras(), "recording.mode=off") as recorder:
        off = recorder.wait_for(lambda now: now.camera is not None, "the camera")
        assert (off.state, off.is_recording, off.reason) == (
            "off",
            False,
            "the mode is off; choose another one to record",
        )
        assert recorder.ask(m.TakePhoto(), m.PhotoTaken).id
        assert clips_of(tmp_path) == []
        recorder.ask(m.StartRecording(), m.Done)
        recorder.wait_until_recording(FPS)
    assert check_whole(tmp_path) >= FPS


def test_off_by_the_timetable_says_until_when(tmp_path: Path) -> None:
    noon = WallClock(lambda: 0, lambda: _MIDNIGHT_NS + 12 * _NS_A_HOUR)
    timetable = "recording.timetable=08:00-18:00 off"
    with RunningRecorder(tmp_path, Cameras(), timetable, "clock.zone=UTC", clock=noon) as recorder:
        off = recorder.wait_for(lambda now: now.camera is not None and now.state == "off", "the mode")
    assert off.reason == "the mode is off from 08:00 to 18:00; choose another one to record"


def test_only_what_start_began_may_be_deleted_after_stop(tmp_path: Path) -> None:
    with RunningRecorder(tmp_path, Cameras()) as recorder:
        recorder.wait_until_recording(FPS)
        save(recorder, {"recording.mode": "off"})
        off = recorder.wait_for(lambda now: now.state == "off" and now.open_clip is None, "the end")
        by_itself = {clip.name for clip in clips_of(tmp_path)}
        recorder.ask(m.StartRecording(), m.Done)
        recorder.wait_until_recording(off.frames_written + FPS)
        stopped = recorder.ask(m.StopRecording(), m.Stopped)
        wait_until(lambda: all(sidecar_of(clip).exists() for clip in clips_of(tmp_path)), "the last sidecar")
    ids = {clip.name: read_sidecar(sidecar_of(clip)).id for clip in clips_of(tmp_path)}
    assert stopped.clip_ids
    assert set(stopped.clip_ids).isdisjoint(ids[name] for name in by_itself)


def test_a_mode_that_is_chosen_takes_over_what_start_began() -> None:
    rig = Rig(mode="off")
    rig.modes.start_by_hand()
    assert rig.modes.started_by_hand
    rig.take(mode="drive")
    assert (rig.modes.started_by_hand, rig.modes.is_idle) == (False, False)
