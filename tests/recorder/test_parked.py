"""A whole recorder while the car is parked: only what happens is on the card, with what was before it."""

from __future__ import annotations

import errno
import os
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from dashcam.clips.names import CardFolders, sidecar_of
from dashcam.clips.save_request import SaveRequests
from dashcam.clips.sidecar import Sidecar, read_sidecar
from dashcam.clock import NANOSECONDS
from dashcam.errors import CardError
from dashcam.link import messages as m
from dashcam.recorder import saving
from dashcam.recorder.card import Card, NewPlace
from dashcam.settings.save import save_changes
from tests.gps.made import second
from tests.made_videos import write_video
from tests.recorder.asked import wait_until
from tests.recorder.cameras import Cameras
from tests.recorder.rig import clips_of
from tests.recorder.running import RunningRecorder
from tests.recorder.test_service import check_whole
from tests.recorder.test_tuning import RealCameras, save

RATE, SECONDS = 10, 16.0
WALKS_FROM, WALKS_TO = 8.0, 11.0
SPEED = 4.0


def walk() -> Iterator[tuple[float, NDArray[np.uint8]]]:
    """A grey wall with grain; something dark crosses it."""
    made = np.random.default_rng(5)
    wall = made.integers(110, 130, (180, 320)).astype(np.int16)
    for number in range(round(SECONDS * RATE)):
        seconds = number / RATE
        picture = wall + made.normal(0, 1.5, wall.shape)
        if WALKS_FROM <= seconds < WALKS_TO:
            left = 20 + round((seconds - WALKS_FROM) / (WALKS_TO - WALKS_FROM) * 240)
            picture[60:140, left : left + 36] = 40
        yield seconds, np.clip(picture, 16, 235).astype(np.uint8)


@pytest.fixture(scope="module")
def street(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("street") / "walk.mp4"
    write_video(path, walk(), rate=RATE, crf="18")
    return path


def events_of(data: Path) -> list[Sidecar]:
    """Closed event clips in their order."""
    folder = CardFolders(data).of_kind("event")
    found = (sidecar_of(clip) for clip in folder.rglob("*.mp4"))
    return sorted(
        (read_sidecar(path) for path in found if path.exists()), key=lambda one: one.started_monotonic_ns or 0
    )


def test_what_moves_is_kept_with_what_was_before_and_nothing_else_is(tmp_path: Path, street: Path) -> None:
    settings = (
        "camera.kind=replay",
        f"camera.source={street}",
        f"camera.speed={SPEED}",
        "recording.mode=park",
        "events.before_seconds=0.5",
        "events.after_seconds=0.5",
        "gps.kind=none",
    )
    with RunningRecorder(tmp_path, RealCameras(), *settings, with_defaults=False) as recorder:
        guarding = recorder.wait_for(lambda now: now.state == "guarding", "the guard")
        assert not guarding.is_recording
        during = recorder.wait_for(lambda now: now.event is not None and now.is_recording, "an event")
        assert (during.state, during.mode.mode, during.motion.state) == ("recording", "park", "moving")
        assert during.event is not None
        assert during.event.cause == "motion"
        recorder.wait_for(lambda now: now.state == "guarding" and now.events == 1, "calm again")
        wait_until(lambda: len(events_of(tmp_path)) == 1, "the event's sidecar")
        assert clips_of(tmp_path) == []
        assert max(point.score for point in recorder.ask(m.GetMotionHistory(), m.MotionHistory).points) > 0
    event = events_of(tmp_path)[0]
    assert event.event is not None
    assert (event.event.cause, event.event.loop_id, event.locked) == ("motion", "", None)
    # Half a second before, of ours, is two of the street; and it begins at a keyframe.
    assert 0.5 * SPEED - 0.2 <= event.event.at_seconds <= 0.5 * SPEED + 2 * SPEED
    assert event.motion is not None
    assert event.motion.seen == "live"
    (window, *_) = event.motion.windows
    moved = window.to_seconds - window.from_seconds
    assert 1.5 <= moved <= WALKS_TO - WALKS_FROM + 1.5
    assert window.from_seconds == pytest.approx(event.event.at_seconds, abs=0.5)


def test_a_press_while_parked_keeps_what_memory_holds_and_locks_it(tmp_path: Path) -> None:
    with RunningRecorder(tmp_path, Cameras(), "recording.mode=park", "events.before_seconds=1") as recorder:
        recorder.wait_for(lambda now: now.ring.seconds >= 1, "a ring that is full")
        saved = recorder.ask(m.Save(cause="button", after_seconds=0.3), m.Saved)
        (request,) = SaveRequests(recorder.state).waiting()
        recorder.wait_for(lambda now: now.event is None, "the end of the event")
        wait_until(lambda: len(events_of(tmp_path)) == 1, "its sidecar")
    assert (request.id, request.kind, request.clip_ids) == (saved.id, "lock", saved.clip_ids)
    assert 1 <= saved.before_seconds < 59
    assert saved.words == "not all of the 60 s asked for: while parked, memory holds no more"
    event = events_of(tmp_path)[0]
    assert (event.id,) == saved.clip_ids
    assert event.event is not None
    assert event.event.cause == "button"
    assert event.locked is not None


def test_a_press_while_parked_on_a_full_card_is_an_error_that_names_the_cure_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_asked: object) -> NewPlace:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(Card, "place_for_event", full)
    monkeypatch.setattr(saving, "_EVENT_SECONDS", 1.0)
    with RunningRecorder(tmp_path, Cameras(), "recording.mode=park") as recorder:
        recorder.wait_for(lambda now: now.ring.seconds > 0.5, "something in the ring")
        with pytest.raises(CardError, match=r"nothing can be kept now: the card at .* is full"):
            recorder.ask(m.Save(cause="button", after_seconds=30), m.Saved)
        assert SaveRequests(recorder.state).waiting() == []
        assert recorder.status().state == "card_full"


def test_a_press_during_an_event_makes_that_one_longer_and_locks_it(tmp_path: Path) -> None:
    with RunningRecorder(tmp_path, Cameras(), "recording.mode=park") as recorder:
        recorder.wait_for(lambda now: now.ring.seconds > 0.5, "something in the ring")
        first = recorder.ask(m.Save(cause="api", after_seconds=30), m.Saved)
        second = recorder.ask(m.Save(cause="button", after_seconds=30), m.Saved)
        assert (first.clip_ids, first.id == second.id) == (second.clip_ids, False)
        event = recorder.status().event
        assert event is not None
        assert (event.triggers, recorder.status().events) == (2, 1)


def test_a_press_just_after_parking_keeps_the_loops_last_clips_too(tmp_path: Path) -> None:
    save_changes(tmp_path / ".state", {"recording.mode": "drive"}, Path("/nonexistent"))
    with RunningRecorder(tmp_path, Cameras(), "events.before_seconds=0.5", "events.after_seconds=1") as recorder:
        recorder.wait_until_recording(250)
        save(recorder, {"recording.mode": "park"})
        recorder.wait_for(lambda now: now.state == "guarding", "the guard")
        saved = recorder.ask(m.Save(cause="button", after_seconds=0), m.Saved)
        (request,) = SaveRequests(recorder.state).waiting()
    loop = [read_sidecar(sidecar_of(path)) for path in clips_of(tmp_path)]
    assert {clip.id for clip in loop} < set(saved.clip_ids)
    assert request.clip_ids == saved.clip_ids
    assert request.from_monotonic_ns == pytest.approx(min(clip.started_monotonic_ns or 0 for clip in loop), abs=1e6)
    # More than memory held.
    assert saved.before_seconds > 1.8


def test_from_guarding_to_driving_the_loop_begins_with_what_was_in_memory(tmp_path: Path) -> None:
    save_changes(tmp_path / ".state", {"recording.mode": "park"}, Path("/nonexistent"))
    with RunningRecorder(tmp_path, Cameras(), "events.before_seconds=1") as recorder:
        recorder.wait_for(lambda now: now.ring.seconds >= 1, "a ring that is full")
        driven_at_ns = time.monotonic_ns()
        save(recorder, {"recording.mode": "drive"})
        recorder.wait_for(lambda now: now.open_clip is not None and now.open_clip.path != "", "the loop")
    first = read_sidecar(sidecar_of(clips_of(tmp_path)[0]))
    assert first.started_monotonic_ns is not None
    # A GOP of these is a tenth of a second.
    assert driven_at_ns - first.started_monotonic_ns >= 0.8 * NANOSECONDS
    check_whole(tmp_path)


def drive_and_stand(folder: Path) -> Path:
    """Half a minute of driving, two of standing, and on it goes."""
    began, east = datetime(2026, 11, 21, 8, 0, tzinfo=UTC), 13.4
    path = folder / "parked.nmea"
    with path.open("wb") as file:
        for number in range(210):
            kmh = 0.0 if 30 <= number < 150 else 14.0  # a stop from any faster is an impact
            east += 0.00015 * kmh / 36
            file.write(second(began + timedelta(seconds=number), east=east, kmh=kmh))
    return path


def test_by_itself_it_guards_once_gps_has_seen_the_car_stand_and_records_as_it_drives_on(tmp_path: Path) -> None:
    log = drive_and_stand(tmp_path)
    # Quicker, a busy machine's pauses would be gaps of its fixes: five seconds of these are half a one of ours.
    settings = ("gps.kind=replay", f"gps.source={log}", "camera.speed=10", "recording.park_after_minutes=1")
    with RunningRecorder(tmp_path, Cameras(), *settings) as recorder:
        recorder.wait_until_recording()
        parked = recorder.wait_for(lambda now: now.state == "guarding", "the guard")
        assert (parked.mode.wanted, parked.mode.mode) == ("auto", "park")
        assert parked.mode.words == "the car has stood for 1 minute"
        driving = recorder.wait_for(lambda now: now.state == "recording", "the drive")
        assert (driving.mode.mode, driving.motion.state) == ("drive", "off")
    assert recorder.ends == []
