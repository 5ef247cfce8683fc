"""An event is one clip with the seconds before and after it, and says how it came to be."""

from __future__ import annotations

from pathlib import Path

import pytest

from dashcam.clips.event import EventFacts, MotionTrace
from dashcam.clips.sidecar import Lock, tag_in
from dashcam.settings.schema import EventsSettings
from tests.recorder.event_rig import FRAME_NS, at, facts_of, in_drive, in_park
from tests.recorder.rig import frames_in


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
    ids.add(rig.trigger(7.7, score=30.0, cause="button"))
    ids.add(rig.trigger(7.9, score=30.0))
    rig.run_to(20)
    rig.write()
    assert len(ids) == 1
    assert rig.frames() == [range(30, 110)]
    (event,) = facts_of(rig)
    assert (event.at_seconds, event.peak_seconds, event.score, event.triggers) == (2.9, 4.5, 70.0, 2)


def test_what_moves_for_long_is_one_trigger_and_what_moves_again_another(tmp_path: Path) -> None:
    rig = in_park(tmp_path)
    rig.run_to(6)
    for second in (5.0, 5.2, 5.9, 7.8, 9.8, 9.9):
        rig.trigger(second, after_seconds=10.0)
    rig.run_to(30)
    rig.write()
    assert [event.triggers for event in facts_of(rig)] == [2]


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


def test_what_was_seen_in_an_event_and_is_told_just_after_its_end_makes_that_one_longer(tmp_path: Path) -> None:
    rig = in_park(tmp_path)
    rig.run_to(6)
    first = rig.trigger(5.9)
    rig.run_to(9.3)
    rig.feed.miss()
    rig.second += 0.1
    rig.run_to(9.6)
    assert rig.duty.status() is None
    assert rig.trigger(8.7) == first
    assert rig.duty.status() is not None
    rig.run_to(11)
    assert rig.trigger(10.8) == first
    rig.run_to(20)
    rig.write()
    assert [(sidecar.frames, sidecar.dropped_frames) for sidecar in rig.sidecars()] == [(138 - 30, 1)]
    assert len(frames_in(rig.clips()[0])) == 108


def test_frames_missing_after_its_end_are_not_missing_in_it(tmp_path: Path) -> None:
    rig = in_park(tmp_path)
    rig.run_to(6)
    rig.trigger(5.9)
    rig.run_to(9.3)
    rig.feed.miss()
    rig.second += 0.1
    rig.run_to(20)
    rig.write()
    assert [(sidecar.frames, sidecar.dropped_frames) for sidecar in rig.sidecars()] == [(60, 0)]


def test_a_long_event_goes_on_in_other_files_without_a_gap(tmp_path: Path) -> None:
    rig = in_park(tmp_path, events=EventsSettings(before_seconds=2, after_seconds=3, longest_seconds=10))
    rig.run_to(5)
    event_id = rig.trigger(4.5)
    for second in range(6, 28):
        rig.run_to(second)
        rig.trigger(second - 0.5, score=second)
    rig.run_to(40)
    rig.write()
    assert rig.frames() == [range(20, 150), range(150, 250), range(250, 296)]
    events = facts_of(rig)
    assert [(event.id, event.part) for event in events] == [(event_id, 1), (event_id, 2), (event_id, 3)]
    assert [(event.at_seconds, event.peak_seconds, event.score) for event in events] == [
        (2.5, 12.5, 15.0), (0.0, 9.5, 25.0), (0.0, 1.5, 27.0),
    ]  # fmt: skip
    assert rig.sidecars()[0].id == event_id


def test_its_trigger_is_in_its_first_file_however_long_was_before_it(tmp_path: Path) -> None:
    rig = in_park(tmp_path, events=EventsSettings(before_seconds=15, after_seconds=12, longest_seconds=10))
    rig.run_to(20)
    rig.trigger(19.9, score=40.0)
    rig.run_to(35)
    rig.write()
    assert rig.frames() == [range(40, 300), range(300, 320)]
    assert [(event.part, event.at_seconds, event.peak_seconds, event.score) for event in facts_of(rig)] == [
        (1, 15.9, 15.9, 40.0), (2, 0.0, 0.0, 0.0),
    ]  # fmt: skip


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
    rig.trigger(9.6)
    rig.run_to(20)
    rig.write()
    loops = [sidecar.id for sidecar in rig.sidecars("VIDEO")]
    assert [(event.loop_id, event.loop_seconds) for event in facts_of(rig)] == [(loops[1], 2.5), (loops[2], 1.6)]


def test_a_moment_that_lies_in_the_clip_before_is_found_there(tmp_path: Path) -> None:
    rig = in_drive(tmp_path)
    rig.run_to(4.5)
    rig.write_some(rig.loop)
    rig.trigger(3.5)
    rig.run_to(10)
    rig.write()
    (event,) = facts_of(rig)
    assert (event.loop_id, event.loop_seconds) == (rig.sidecars("VIDEO")[0].id, 3.5)


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


def test_what_is_on_the_card_of_an_event_is_known_while_it_lasts(tmp_path: Path) -> None:
    rig = in_park(tmp_path, events=EventsSettings(before_seconds=2, after_seconds=30, longest_seconds=10))
    rig.run_to(6)
    event_id = rig.trigger(5.9)
    rig.run_to(20)
    rig.write_some(rig.duty.writer)
    first, growing = rig.duty.spans()
    assert (first.id, first.from_ns, growing.from_ns - first.to_ns) == (event_id, at(3), FRAME_NS)
    assert growing.to_ns == at(20) - FRAME_NS


def test_an_event_is_told_once_in_the_log(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    rig = in_park(tmp_path)
    rig.run_to(6)
    with caplog.at_level("INFO"):
        for second in (5.5, 5.7, 5.9):
            rig.trigger(second)
    status = rig.duty.status()
    assert status is not None
    assert [record.getMessage() for record in caplog.records] == [f"event {status.id} (motion)"]
