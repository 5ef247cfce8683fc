"""An event is one clip with the seconds before and after it, whatever camera, card and loop do meanwhile."""

from __future__ import annotations

import errno
import os
import shutil
import time
from pathlib import Path

import pytest

from dashcam.clips.event import EventFacts, MotionTrace
from dashcam.clips.names import sidecar_of
from dashcam.clips.sidecar import Lock, tag_in
from dashcam.errors import NotRecording
from dashcam.settings.schema import EventsSettings
from tests.packets import FPS
from tests.recorder.event_rig import EventRig, at
from tests.recorder.rig import frames_in


def in_drive(data: Path, **more: object) -> EventRig:
    rig = EventRig(data, **more)  # type: ignore[arg-type]
    rig.feed.open_loop()
    rig.feed.open_events()
    return rig


def in_park(data: Path, **more: object) -> EventRig:
    rig = EventRig(data, **more)  # type: ignore[arg-type]
    rig.feed.open_events()
    return rig


def facts_of(rig: EventRig) -> list[EventFacts]:
    found = [sidecar.event for sidecar in rig.sidecars()]
    assert None not in found
    return [event for event in found if event is not None]


def test_an_event_holds_the_seconds_before_and_after_and_the_loop_goes_on(tmp_path: Path) -> None:
    rig = in_drive(tmp_path)
    rig.run_to(10.5)
    event_id = rig.trigger(10.4)
    rig.run_to(20)
    rig.write()
    assert rig.frames() == [range(80, 135)]
    assert rig.frames("VIDEO") == [range(40), range(40, 80), range(80, 120), range(120, 160), range(160, 200)]
    (sidecar,) = rig.sidecars()
    assert (sidecar.id, sidecar.kind, sidecar.integrity, sidecar.locked) == (event_id, "event", "closed", None)
    assert sidecar.event == EventFacts(
        cause="motion",
        id=event_id,
        at_seconds=2.4,
        peak_seconds=2.4,
        loop_id=rig.sidecars("VIDEO")[2].id,
        loop_seconds=2.4,
    )
    assert sidecar.dropped_frames == 0
    assert len(frames_in(rig.clips()[0])) == 55


def test_it_knows_its_id_at_once_and_says_how_it_stands(tmp_path: Path) -> None:
    rig = in_park(tmp_path)
    rig.run_to(5)
    assert rig.duty.status() is None
    event_id = rig.trigger(4.9, cause="button", score=40.0)
    status = rig.duty.status()
    assert status is not None
    assert (status.id, status.cause, status.score, status.triggers, status.is_durable) == (
        event_id, "button", 40.0, 1, False,
    )  # fmt: skip
    assert not rig.duty.wait_durable(0.0)
    rig.run_to(7)
    rig.write_some(rig.duty.writer)
    assert rig.duty.wait_durable(0.0)
    rig.run_to(10)
    assert rig.duty.status() is None
    assert rig.duty.count == 1


def test_overlapping_triggers_are_one_longer_event_with_its_strongest_moment(tmp_path: Path) -> None:
    rig = in_park(tmp_path)
    rig.run_to(6)
    ids = {rig.trigger(5.9, score=20.0)}
    rig.run_to(8)
    ids.add(rig.trigger(7.5, score=70.0))
    ids.add(rig.trigger(7.9, score=30.0))
    rig.run_to(20)
    rig.write()
    assert len(ids) == 1
    assert rig.frames() == [range(30, 110)]
    (event,) = facts_of(rig)
    assert (event.at_seconds, event.peak_seconds, event.score, event.triggers) == (2.9, 4.5, 70.0, 3)


def test_a_second_event_soon_after_has_its_own_seconds_before(tmp_path: Path) -> None:
    rig = in_park(tmp_path)
    rig.run_to(6)
    first = rig.trigger(5.9)
    rig.run_to(10)
    second = rig.trigger(9.9)
    rig.run_to(20)
    rig.write()
    assert first != second
    assert rig.frames() == [range(30, 90), range(70, 130)]


def test_a_long_event_goes_on_in_other_files_without_a_gap(tmp_path: Path) -> None:
    rig = in_park(tmp_path, events=EventsSettings(before_seconds=2, after_seconds=3, longest_seconds=10))
    rig.run_to(5)
    event_id = rig.trigger(4.5)
    for second in range(6, 28):
        rig.run_to(second)
        rig.trigger(second - 0.5, score=second)
    rig.run_to(40)
    rig.write()
    assert rig.frames() == [range(20, 120), range(120, 220), range(220, 296)]
    events = facts_of(rig)
    assert [(event.id, event.part) for event in events] == [(event_id, 1), (event_id, 2), (event_id, 3)]
    assert [(event.at_seconds, event.peak_seconds, event.score) for event in events] == [
        (2.5, 9.5, 12.0), (0.0, 9.5, 22.0), (0.0, 4.5, 27.0),
    ]  # fmt: skip
    assert rig.sidecars()[0].id == event_id


def test_before_the_ring_is_full_an_event_has_what_there_is_and_says_so(tmp_path: Path) -> None:
    rig = in_drive(tmp_path)
    rig.run_to(0.6)
    rig.trigger(0.5)
    rig.run_to(8)
    rig.write()
    assert rig.frames() == [range(36)]
    (event,) = facts_of(rig)
    assert event.at_seconds == 0.5
    assert event.words == "0.5 of 2 seconds before it: the camera has not sent for longer"


def test_before_the_first_picture_an_event_begins_with_that(tmp_path: Path) -> None:
    rig = in_drive(tmp_path)
    rig.trigger(0.0)
    rig.run_to(8)
    rig.write()
    assert rig.frames() == [range(31)]


def test_when_the_memory_is_too_small_bytes_win_and_the_clip_says_so(tmp_path: Path) -> None:
    rig = in_park(tmp_path, events=EventsSettings(before_seconds=30, after_seconds=1, ring="0.5 MB"))
    rig.run_to(30)
    status = rig.duty.ring()
    assert status.bytes <= status.limit_bytes == 500_000
    assert status.words.endswith("of 30 seconds: the memory for them is full")
    rig.trigger(29.9)
    rig.run_to(40)
    rig.write()
    (event,) = facts_of(rig)
    assert 0 < event.at_seconds < 29
    assert event.words == f"{event.at_seconds:g} of 30 seconds before it: the memory for them is full"


def test_a_press_and_an_impact_lock_it_whenever_they_come(tmp_path: Path) -> None:
    rig = in_park(tmp_path)
    rig.run_to(6)
    rig.trigger(5.9, cause="impact", is_saved=True, words="1.4 g")
    rig.run_to(20)
    rig.trigger(19.9)
    rig.run_to(21)
    rig.write_some(rig.duty.writer)
    rig.trigger(20.9, cause="button", is_saved=True)
    rig.run_to(40)
    rig.write()
    sidecars = rig.sidecars()
    assert [sidecar.locked for sidecar in sidecars] == [
        Lock(cause="impact", utc="2026-11-20T12:00:05.900Z"),
        Lock(cause="button", utc="2026-11-20T12:00:20.900Z"),
    ]
    assert [event.cause for event in facts_of(rig)] == ["impact", "button"]
    assert facts_of(rig)[0].words == "1.4 g"
    tags = [tag_in(path) for path in rig.clips()]
    assert [tag.locked is not None for tag in tags if tag is not None] == [True, False]


def test_asked_for_more_seconds_before_than_are_kept_it_says_so(tmp_path: Path) -> None:
    rig = in_park(tmp_path)
    rig.run_to(30)
    rig.trigger(29.9, before_seconds=20.0, after_seconds=1.0)
    rig.run_to(33)
    rig.write()
    (event,) = facts_of(rig)
    assert event.words == f"{event.at_seconds:g} of 20 seconds before it: no more are kept in memory"


def test_the_clip_of_the_loop_that_grew_is_named(tmp_path: Path) -> None:
    rig = in_drive(tmp_path)
    rig.run_to(7)
    rig.write_some(rig.loop)
    rig.trigger(6.5)
    rig.run_to(10)
    rig.trigger(9.5)
    rig.run_to(20)
    rig.write()
    loops = [sidecar.id for sidecar in rig.sidecars("VIDEO")]
    assert [(event.loop_id, event.loop_seconds) for event in facts_of(rig)] == [(loops[1], 2.5), (loops[2], 1.5)]


def test_a_moment_that_lies_in_the_clip_before_is_found_there(tmp_path: Path) -> None:
    rig = in_drive(tmp_path)
    rig.run_to(4.5)
    rig.write_some(rig.loop)
    rig.trigger(3.5)
    rig.run_to(10)
    rig.write()
    (event,) = facts_of(rig)
    assert (event.loop_id, event.loop_seconds) == (rig.sidecars("VIDEO")[0].id, 3.5)


def test_a_camera_that_is_lost_ends_the_file_and_the_event_goes_on_when_it_is_back(tmp_path: Path) -> None:
    rig = in_park(tmp_path, events=EventsSettings(before_seconds=2, after_seconds=10))
    rig.run_to(6)
    event_id = rig.trigger(5.9)
    rig.run_to(7.5)
    ended = rig.close_camera()
    rig.second = 12
    rig.open_camera()
    rig.run_to(20)
    rig.write()
    assert ended.is_set()
    assert rig.frames() == [range(30, 75), range(120, 160)]
    assert [(event.id, event.part) for event in facts_of(rig)] == [(event_id, 1), (event_id, 2)]


def test_what_happens_while_the_camera_fails_still_has_the_seconds_before(tmp_path: Path) -> None:
    rig = in_park(tmp_path)
    rig.run_to(6)
    rig.close_camera()
    rig.trigger(6.2)
    rig.second = 20
    rig.open_camera()
    rig.run_to(25)
    rig.write()
    assert rig.frames() == [range(40, 60)]


def test_two_formats_are_never_mixed(tmp_path: Path) -> None:
    rig = in_park(tmp_path)
    rig.run_to(6)
    rig.close_camera()
    rig.open_camera()
    rig.second = 7
    rig.run_to(8)
    rig.trigger(7.9)
    rig.run_to(15)
    rig.write()
    assert rig.frames() == [range(70, 110)]


def test_without_a_camera_an_event_ends_all_the_same(tmp_path: Path) -> None:
    rig = in_park(tmp_path)
    rig.close_camera()
    now = time.monotonic()
    rig.trigger(now, after_seconds=100.0)
    assert rig.duty.status() is not None
    rig = in_park(tmp_path / "other")
    rig.close_camera()
    rig.trigger(now - 200, after_seconds=100.0)
    assert rig.duty.status() is None


def test_frames_that_never_came_are_counted_in_the_clip(tmp_path: Path) -> None:
    rig = in_drive(tmp_path)
    rig.run_to(4.5)
    rig.feed.miss()
    rig.second += 0.1
    rig.run_to(6)
    rig.trigger(5.9)
    rig.run_to(6.5)
    rig.feed.miss()
    rig.second += 0.1
    rig.run_to(20)
    rig.write()
    (sidecar,) = rig.sidecars()
    assert (sidecar.frames, sidecar.dropped_frames) == (58, 2)
    assert sum(sidecar.dropped_frames for sidecar in rig.sidecars("VIDEO")) == 2


def test_a_card_that_fails_in_the_middle_costs_little_and_the_event_goes_on_in_another_file(tmp_path: Path) -> None:
    left = [1]

    def sync(descriptor: int) -> None:
        left[0] -= 1
        if left[0] == 0:
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        os.fdatasync(descriptor)

    rig = in_park(tmp_path, sync=sync, events=EventsSettings(before_seconds=2, after_seconds=10))
    rig.run_to(6)
    event_id = rig.trigger(5.9)
    rig.run_to(30)
    rig.write()
    clips = rig.clips()
    assert len(clips) == 2
    cut_off, whole = clips
    assert not sidecar_of(cut_off).exists()
    tag = tag_in(cut_off)
    assert tag is not None
    assert tag.event is not None
    assert (tag.id, tag.event.id, tag.event.at_seconds) == (event_id, event_id, 2.9)
    on_card = len(frames_in(cut_off)) + len(frames_in(whole))
    assert on_card >= 130 - FPS - FPS // 2
    tag = tag_in(whole)
    assert tag is not None
    assert tag.event is not None
    assert (tag.event.id, tag.event.part) == (event_id, 2)


def test_an_event_that_begins_without_a_card_is_written_when_it_is_back(tmp_path: Path) -> None:
    data = tmp_path / "card"
    rig = in_park(data)
    data.mkdir(exist_ok=True)
    (data / "DCIM").write_text("in the way")
    rig.run_to(6)
    event_id = rig.trigger(5.9)
    rig.run_to(7)
    rig.write_some(rig.duty.writer)
    assert rig.duty.trouble is not None
    (data / "DCIM").unlink()
    rig.run_to(20)
    rig.write()
    assert rig.duty.trouble is None
    assert rig.frames() == [range(70, 90)]
    (event,) = facts_of(rig)
    assert (event.id, event.part, event.at_seconds, rig.sidecars()[0].id) == (event_id, 1, 0.0, event_id)
    assert event.words == "0 of 2 seconds before it: the card was too slow for more"


def test_stopped_in_the_middle_the_clip_is_closed_and_nothing_is_kept(tmp_path: Path) -> None:
    rig = in_drive(tmp_path)
    rig.run_to(6)
    rig.trigger(5.9)
    rig.run_to(7)
    loop_ended, events_ended = rig.feed.end_loop(), rig.feed.end_events()
    rig.run_to(8)
    assert rig.duty.status() is None
    assert rig.duty.ring().bytes == 0
    with pytest.raises(NotRecording, match="nothing is recorded now"):
        rig.trigger(7.9)
    rig.write()
    assert loop_ended.is_set()
    assert events_ended.is_set()
    assert rig.frames() == [range(30, 70)]
    assert rig.sidecars()[0].event is not None


def test_driving_away_the_loop_begins_with_what_the_ring_holds(tmp_path: Path) -> None:
    rig = in_park(tmp_path)
    rig.run_to(20.5)
    rig.feed.open_loop()
    rig.run_to(23)
    rig.write()
    assert rig.frames("VIDEO") == [range(170, 210), range(210, 230)]


def test_parked_for_a_moment_only_no_frame_is_missing_in_the_loop(tmp_path: Path) -> None:
    rig = in_drive(tmp_path)
    rig.run_to(10.5)
    ended = rig.feed.end_loop()
    rig.run_to(12.5)
    rig.feed.open_loop()
    rig.run_to(14)
    rig.write()
    assert ended.is_set()
    held = rig.frames("VIDEO")
    assert held[-2:] == [range(80, 105), range(100, 140)]


def test_a_frame_that_is_just_on_its_way_is_in_the_loop_once(tmp_path: Path) -> None:
    rig = in_park(tmp_path)
    rig.run_to(5)
    put = rig.duty.put

    def put_and_drive_away(packet: object) -> None:
        put(packet)  # type: ignore[arg-type]
        rig.duty.put = put  # type: ignore[method-assign]
        rig.feed.open_loop()

    rig.duty.put = put_and_drive_away  # type: ignore[method-assign]
    rig.run_to(8)
    rig.write()
    assert rig.frames("VIDEO") == [range(20, 60), range(60, 80)]


def test_of_two_events_close_together_none_takes_the_name_of_a_loop_clip(tmp_path: Path) -> None:
    rig = in_drive(tmp_path)
    rig.run_to(6)
    rig.trigger(5.9)
    rig.run_to(20)
    rig.write()
    stems = [path.stem for kind in ("EVENT", "VIDEO") for path in rig.clips(kind)]
    assert len(set(stems)) == len(stems)


def test_what_moved_stands_in_the_sidecars_of_both(tmp_path: Path) -> None:
    asked: list[tuple[int, int, float]] = []

    def motion_of(from_ns: int, to_ns: int, seconds: float) -> MotionTrace | None:
        asked.append((from_ns, to_ns, seconds))
        return MotionTrace(seen="live", step_seconds=1.0)

    rig = in_drive(tmp_path, motion_of=motion_of)
    rig.run_to(3)
    rig.trigger(2.9, after_seconds=0.0)
    rig.run_to(4)
    rig.write()
    assert [sidecar.motion for kind in ("EVENT", "VIDEO") for sidecar in rig.sidecars(kind)] == [
        MotionTrace(seen="live", step_seconds=1.0)
    ] * 2
    assert sorted(asked) == [(0, at(2.9), 3.0), (0, at(3.9), 4.0)]


def test_who_cannot_say_what_moved_costs_no_sidecar(tmp_path: Path) -> None:
    def broken(_from_ns: int, _to_ns: int, _seconds: float) -> MotionTrace | None:
        raise ValueError("of no use")

    rig = in_drive(tmp_path, motion_of=broken)
    rig.run_to(3)
    rig.write()
    assert [sidecar.motion for sidecar in rig.sidecars("VIDEO")] == [None]


def test_other_settings_count_from_the_next_trigger_on(tmp_path: Path) -> None:
    rig = in_park(tmp_path)
    rig.run_to(3)
    settings = rig.settings
    events = EventsSettings(before_seconds=1, after_seconds=1, ring="4 MB")
    rig.duty.take(type(settings)(recording=settings.recording, events=events))
    assert rig.duty.ring().limit_bytes == 4_000_000
    assert rig.duty._queue.limit_bytes == 20_000_000
    rig.run_to(10)
    rig.trigger(9.9)
    rig.run_to(20)
    rig.write()
    assert rig.frames() == [range(80, 110)]


def test_after_the_state_was_lost_an_event_of_before_the_card_was_met_gets_an_id_of_this_boot(tmp_path: Path) -> None:
    first = in_park(tmp_path)
    first.run_to(3)
    first.trigger(2.9)
    first.run_to(8)
    first.write()
    shutil.rmtree(tmp_path / ".state")
    rig = in_park(tmp_path)
    rig.run_to(3)
    promised = rig.trigger(2.9)
    rig.run_to(8)
    rig.write()
    assert (promised, rig.numbering.boot) == ("1-1", 2)
    assert {sidecar.id for sidecar in rig.sidecars()} == {"1-1", "2-1"}
    assert [event.id for event in facts_of(rig)] == [sidecar.id for sidecar in rig.sidecars()]


def test_what_the_memory_cannot_hold_of_an_event_is_counted_in_its_clip(tmp_path: Path) -> None:
    rig = in_drive(tmp_path, events=EventsSettings(before_seconds=2, after_seconds=30))
    rig.run_to(6)
    rig.trigger(5.9)
    rig.duty._queue.limit_bytes = rig.duty._queue.used_bytes
    rig.run_to(12)
    rig.duty._queue.limit_bytes = 10**9
    rig.write_some(rig.duty.writer)
    rig.run_to(20)
    rig.write()
    (sidecar,) = rig.sidecars()
    assert sidecar.dropped_frames == rig.duty._queue.dropped_frames > 0
    assert sidecar.frames + sidecar.dropped_frames == 200 - 30
    assert sum(sidecar.dropped_frames for sidecar in rig.sidecars("VIDEO")) == 0


def test_all_that_an_event_begins_with_is_durable_at_once(tmp_path: Path) -> None:
    """A power cut a moment later would cost as many seconds as the ring holds."""
    synced: list[int] = []

    def sync(descriptor: int) -> None:
        os.fdatasync(descriptor)
        synced.append(os.fstat(descriptor).st_size)

    rig = in_park(tmp_path, sync=sync, events=EventsSettings(before_seconds=20, after_seconds=30))
    rig.run_to(25)
    rig.trigger(24.9)
    rig.write_some(rig.duty.writer)
    growing = rig.duty.writer.growing
    assert growing is not None
    assert growing.clip.frames_in_file > 19 * FPS
    assert synced[-1] == growing.file.end
    rig.write()
