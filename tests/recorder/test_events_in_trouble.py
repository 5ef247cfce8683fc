"""Cameras that go and come, cards that fail, a recording that is stopped or begins: an event has what there was."""

from __future__ import annotations

import errno
import os
import shutil
import time
from pathlib import Path

import pytest

from dashcam.clips.names import sidecar_of
from dashcam.clips.sidecar import tag_in
from dashcam.errors import NotRecording
from dashcam.files import Space
from dashcam.recorder.card import Card
from dashcam.settings.schema import EventsSettings
from tests.packets import FPS
from tests.recorder.event_rig import facts_of, in_drive, in_park
from tests.recorder.rig import frames_in


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


def test_without_a_camera_no_seconds_are_held(tmp_path: Path) -> None:
    rig = in_park(tmp_path)
    rig.run_to(6)
    assert (rig.duty.ring().seconds, rig.duty.ring().words) == (3.9, "")
    rig.close_camera()
    gone = rig.duty.ring()
    assert (gone.seconds, gone.words) == (0.0, "0 of 2 seconds: the camera sends nothing")
    rig.open_camera()
    rig.run_to(7)
    assert rig.duty.ring().words == "0 of 2 seconds: the memory for them is being filled"


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


def test_a_guard_knows_of_the_cards_trouble_before_anything_happens_and_when_it_is_over(tmp_path: Path) -> None:
    data = tmp_path / "card"
    rig = in_park(data)
    data.mkdir(exist_ok=True)
    (data / "DCIM").write_text("in the way")
    rig.duty.guard()
    rig.write_some(rig.duty.writer)
    assert rig.duty.trouble is not None
    (data / "DCIM").unlink()
    rig.duty.writer.try_card()
    assert rig.duty.trouble is None
    assert rig.clips() == []
    assert [path for path in data.rglob("*") if path.is_file() and path.name.startswith(".tmp-")] == []


def test_the_trouble_of_an_event_is_looked_after_soon(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = tmp_path / "card"
    rig = in_park(data)
    rig.duty.guard()
    rig.run_to(6)
    rig.write_some(rig.duty.writer)
    assert rig.duty.trouble is None
    shutil.rmtree(data / "DCIM")
    (data / "DCIM").write_text("in the way")
    rig.trigger(5.9)
    rig.run_to(20)
    rig.write_some(rig.duty.writer)
    assert rig.duty.trouble is not None
    (data / "DCIM").unlink()
    in_a_while = time.monotonic() + 10
    monkeypatch.setattr(time, "monotonic", lambda: in_a_while)
    rig.duty.guard()
    rig.write_some(rig.duty.writer)
    assert rig.duty.trouble is None


def test_a_card_without_room_is_trouble_before_anything_happens(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rig = in_park(tmp_path)
    with monkeypatch.context() as full:
        full.setattr(Card, "space", lambda _card: Space(10**9, 4096))
        rig.duty.writer.try_card()
    assert rig.duty.trouble is not None
    assert rig.duty.trouble.state == "card_full"
    rig.duty.writer.try_card()
    assert rig.duty.trouble is None


def test_the_card_is_not_tried_while_an_event_is_written(tmp_path: Path) -> None:
    rig = in_park(tmp_path)
    rig.run_to(6)
    rig.trigger(5.9)
    rig.duty.guard()
    rig.run_to(7)
    rig.write_some(rig.duty.writer)
    rig.duty.writer.try_card()
    rig.run_to(20)
    rig.write()
    assert rig.frames() == [range(30, 90)]


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
