"""A save waits for what it needs, and becomes one clip, once, whatever happens in between."""

from __future__ import annotations

import errno
import shutil
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

import pytest

from dashcam.clips.names import sidecar_of
from dashcam.clips.save_request import SaveRequests
from dashcam.clips.sidecar import Sidecar, tag_in
from dashcam.errors import CardError
from dashcam.files import Space
from dashcam.keeper import cut_pieces
from dashcam.keeper.cut_sources import Readiness
from dashcam.keeper.jobs import stop_job
from dashcam.keeper.patience import Patience
from dashcam.keeper.unfinished import MAX_FAILURES
from dashcam.link.messages import CutRange
from dashcam.media.jobs import AnyJob, PlanCut
from dashcam.media.media_child import MediaChild
from dashcam.media.repair import repair
from tests.keeper.power import PowerCut, changes
from tests.keeper.rig import Rig
from tests.keeper.saved import PATIENT, asked, contents, only_cut, save_of
from tests.numbered import (
    numbers_in,
    put_loop,
    put_recorded,
)

T = TypeVar("T")


class Unreadable(MediaChild):
    """Meets a place of the card that cannot be read, whenever it cuts."""

    def ask(self, job: AnyJob, reply: type[T]) -> T:
        if isinstance(job, PlanCut):
            raise CardError("Input/output error")
        return super().ask(job, reply)


def test_the_cut_waits_until_the_last_clip_of_its_range_is_closed(make_rig: Callable[..., Rig]) -> None:
    rig = make_rig(patience=PATIENT)
    put_loop(rig.data, [40, 30])
    grown = put_recorded(rig.data, "42-3", 30, 70, is_closed=False)
    saves = asked(rig, save_of(9, 25, 85, "42-1", "42-2", "42-3", at=75))
    with open(grown.path, "r+b"):
        rig.start().settle(waits_for_growing=True)
        assert [request.id for request in saves.waiting()] == ["42-9"]
        (job,) = rig.session.jobs.statuses()
        assert (job.state, job.words) == ("waiting", "Save of 6 s: waits until its last clip is closed")
    grown.path.unlink()
    put_recorded(rig.data, "42-3", 30, 70)
    rig.scan().assert_whole()
    assert saves.waiting() == []
    assert numbers_in(rig.path(only_cut(rig))) == list(range(20, 86))


def test_the_cut_waits_for_a_clip_that_has_not_begun(make_rig: Callable[..., Rig]) -> None:
    """Between two clips there is none that grows; what is asked for has not been recorded yet."""
    rig = make_rig(patience=PATIENT)
    put_loop(rig.data, [40, 30])
    saves = asked(rig, save_of(9, 25, 85, "42-1", "42-2", at=68))
    rig.start().scan()
    assert [request.id for request in saves.waiting()] == ["42-9"]
    put_loop(rig.data, [20], first_number=3, first_frame=70)
    rig.scan().assert_whole()
    assert saves.waiting() == []
    assert numbers_in(rig.path(only_cut(rig))) == list(range(20, 86))


def test_when_a_newer_boot_is_there_it_gets_what_there_is(make_rig: Callable[..., Rig]) -> None:
    """The power went between the press and the end of the range; what was cut off is repaired first."""
    rig = make_rig(patience=PATIENT)
    put_loop(rig.data, [40, 30])
    grown = put_recorded(rig.data, "42-3", 30, 70, is_closed=False)
    put_recorded(rig.data, "43-1", 20, 5000)
    saves = asked(rig, save_of(9, 25, 150, "42-1", "42-2", "42-3", at=95))
    rig.start().scan().assert_whole()
    assert saves.waiting() == []
    kept = rig.reader.get("42-3")
    assert kept.integrity == "repaired"
    assert numbers_in(rig.path(only_cut(rig))) == list(range(20, 70 + kept.frames))
    assert kept.frames >= 20
    assert grown.path.exists()


def test_even_then_it_waits_until_all_on_the_card_is_looked_at(rig: Rig) -> None:
    """The last clip before a crash may not have been noticed yet."""
    put_loop(rig.data, [40, 30])
    rig.start().scan()
    is_looked_at = False
    readiness = Readiness(
        rig.session.cutting.sources,
        newest_boot=lambda: 43,
        is_looked_at=lambda: is_looked_at,
        calm_seconds=3600.0,
        missing_seconds=3600.0,
    )
    cut_off, covered = save_of(9, 25, 150, "42-1", "42-2"), save_of(10, 25, 65, "42-1", "42-2")
    assert [readiness.is_ready(request) for request in (cut_off, covered)] == [False, True]
    is_looked_at = True
    assert readiness.is_ready(cut_off)


def test_a_clip_that_a_repair_has_written_anew_is_waited_for(make_rig: Callable[..., Rig]) -> None:
    """The keeper was killed before it had its sidecar again; nothing in its head tells which clip it is."""
    rig = make_rig(patience=Patience(quiet_seconds=3600.0, lonely_seconds=0.0))
    clips = put_loop(rig.data, [40, 40])
    put_recorded(rig.data, "43-1", 20, 5000)
    like = clips[1].path.with_name("like.mp4")
    repair(clips[1].path, like)
    like.replace(clips[1].path)
    sidecar_of(clips[1].path).unlink()
    assert tag_in(clips[1].path) is None
    saves = asked(rig, save_of(9, 25, 65, "42-1", "42-2"))
    rig.start().settle(waits_for_growing=True)
    assert [request.id for request in saves.waiting()] == ["42-9"]
    again = make_rig(patience=PATIENT)
    again.start().scan().assert_whole()
    assert numbers_in(again.path(only_cut(again))) == list(range(20, 66))


def test_when_the_recording_was_stopped_it_gets_what_there_is(rig: Rig) -> None:
    put_loop(rig.data, [40, 30])
    saves = asked(rig, save_of(9, 25, 150, "42-1", "42-2", at=65))
    rig.start().scan().assert_whole()
    assert saves.waiting() == []
    assert numbers_in(rig.path(only_cut(rig))) == list(range(20, 70))


def test_on_a_full_card_a_save_waits_and_a_range_is_refused(rig: Rig) -> None:
    put_loop(rig.data, [40, 40])
    saves = asked(rig, save_of(9, 25, 65, "42-1", "42-2"))
    space = rig.session.card.space()
    rig.session.cutting.cuts._space = lambda: Space(space.total_bytes, 1000)
    rig.start().scan()
    (job,) = rig.session.jobs.statuses()
    assert (job.id, job.state) == ("42-9", "waiting")
    assert "there is room for 0 B" in job.words
    wanted = CutRange(from_id="42-1", from_seconds=0.0, to_id="42-1", to_seconds=1.0)
    taken = rig.session.cutting.take_range(wanted)
    rig.settle()
    assert [(job.id, job.state) for job in rig.session.jobs.statuses()] == [(taken.id, "failed"), ("42-9", "waiting")]
    assert [request.id for request in saves.waiting()] == ["42-9"]
    rig.session.cutting.cuts._space = lambda: space
    rig.session.cutting.saves._not_before.clear()
    rig.settle().assert_whole()
    assert saves.waiting() == []
    assert numbers_in(rig.path(only_cut(rig))) == list(range(20, 66))


def test_the_loop_makes_room_for_a_save(make_rig: Callable[..., Rig]) -> None:
    rig = make_rig("storage.free_floor=1 kB", "storage.loop_quota=100 %")
    clips = put_loop(rig.data, [40, 40, 40, 40])
    saves = asked(rig, save_of(9, 95, 145, "42-3", "42-4"))
    rig.start()
    sizes = [clip.path.stat().st_size for clip in clips]
    whole = sum(sizes) + 5 * max(sizes) // 2

    def space() -> Space:
        return Space(whole, whole - sum(path.stat().st_size for path in rig.data.rglob("*.mp4")))

    rig.session.cutting.cuts._space = rig.session.cleaner._space = space
    rig.scan()
    assert [request.id for request in saves.waiting()] == ["42-9"]
    assert "42-1" not in rig.rows()
    rig.session.cutting.saves._not_before.clear()
    rig.settle().assert_whole()
    assert saves.waiting() == []
    assert numbers_in(rig.path(only_cut(rig))) == list(range(90, 146))
    assert {"42-2", "42-3", "42-4"} <= set(rig.rows())


def test_a_save_of_what_the_card_does_not_give_is_saved_whole_after_some_tries(rig: Rig) -> None:
    clips = put_loop(rig.data, [40, 40])
    saves = asked(rig, save_of(9, 25, 65, "42-1", "42-2"))
    rig.session.desk._child = Unreadable()
    rig.start().scan()
    assert [request.id for request in saves.waiting()] == ["42-9"]
    for _ in range(MAX_FAILURES):
        rig.session.cutting.saves._not_before.clear()
        rig.settle()
    rig.assert_whole()
    assert saves.waiting() == []
    assert {row.id: row.lock_cause for row in rig.rows().values()} == {clip.id: "button" for clip in clips}


def test_a_save_that_the_card_lets_nobody_put_in_its_place_is_saved_whole_after_some_tries(rig: Rig) -> None:
    clips = put_loop(rig.data, [40, 40])
    saves = asked(rig, save_of(9, 25, 65, "42-1", "42-2"))
    tries: list[Path] = []

    def refuse(path: Path, sidecar: Sidecar) -> Path:
        tries.append(path)
        raise PermissionError(errno.EPERM, "Operation not permitted")

    rig.session._placing.place_made = refuse  # type: ignore[method-assign]
    rig.start().scan()
    for _ in range(MAX_FAILURES):
        rig.session.cutting.saves._not_before.clear()
        rig.settle()
    rig.assert_whole()
    assert len(tries) == MAX_FAILURES
    assert not tries[0].exists()
    assert saves.waiting() == []
    (job,) = rig.session.jobs.statuses()
    assert (job.state, "Operation not permitted" in job.words) == ("failed", True)
    assert {row.id: row.lock_cause for row in rig.rows().values()} == {clip.id: "button" for clip in clips}


def test_a_save_that_no_file_on_a_card_could_hold_is_saved_whole_at_once(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    clips = put_loop(rig.data, [40, 40])
    monkeypatch.setattr(cut_pieces, "LARGEST_CUT_BYTES", clips[0].path.stat().st_size // 2)
    saves = asked(rig, save_of(9, 5, 75, "42-1", "42-2"))
    rig.start().scan().assert_whole()
    assert saves.waiting() == []
    (job,) = rig.session.jobs.statuses()
    assert job.state == "failed"
    assert "it would be a file of about" in job.words
    assert "its clips are saved whole" in job.words
    assert {row.id: row.lock_cause for row in rig.rows().values()} == {clip.id: "button" for clip in clips}


def test_presses_are_one_save_only_as_long_as_it_fits_into_a_file(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    clips = put_loop(rig.data, [40, 40, 40])
    expected_bytes = sum(clip.path.stat().st_size for clip in clips) * 105 // 120
    monkeypatch.setattr(cut_pieces, "LARGEST_CUT_BYTES", expected_bytes)
    saves = asked(rig, save_of(9, 5, 70, "42-1", "42-2"), save_of(10, 60, 115, "42-2", "42-3"))
    rig.start().scan().assert_whole()
    assert saves.waiting() == []
    assert [job.state for job in rig.session.jobs.statuses()] == ["done", "done"]
    made = sorted(numbers_in(rig.path(clip_id)) for clip_id in rig.rows() if "-k" in clip_id)
    assert [(found[0], found[-1]) for found in made] == [(0, 70), (60, 115)]


def test_where_no_room_can_be_made_the_clips_of_a_save_are_locked_whole(rig: Rig) -> None:
    clips = put_loop(rig.data, [40, 40])
    saves = asked(rig, save_of(9, 25, 65, "42-1", "42-2"))
    space = rig.session.card.space()
    rig.session.cutting.cuts._space = lambda: Space(space.total_bytes, 1000)
    rig.start().scan()
    for _ in range(MAX_FAILURES):
        rig.session.cutting.saves._not_before.clear()
        rig.settle()
    rig.assert_whole()
    assert saves.waiting() == []
    assert {row.id: row.lock_cause for row in rig.rows().values()} == {clip.id: "button" for clip in clips}
    assert rig.session.cutting.cuts.lacking_bytes == 0


def test_a_child_that_dies_while_it_cuts_costs_nothing(make_rig: Callable[..., Rig]) -> None:
    rig = make_rig()
    child = MediaChild()
    rig.session.desk._child = child
    put_loop(rig.data, [40, 40])
    saves = asked(rig, save_of(9, 25, 65, "42-1", "42-2"))
    try:
        rig.start()
        rig.until_now(lambda: any(job.state == "running" for job in rig.session.jobs.statuses()))
        child.kill()
        rig.settle()
        rig.session.cutting.saves._not_before.clear()
        rig.settle().assert_whole()
    finally:
        child.kill()
    assert saves.waiting() == []
    assert numbers_in(rig.path(only_cut(rig))) == list(range(20, 66))


def test_a_power_cut_at_any_change_costs_nothing_and_makes_nothing_twice(make_rig: Callable[..., Rig]) -> None:
    fail_at = 1
    while True:
        rig = make_rig()
        for folder in (rig.folders.dcim, rig.options.state):
            shutil.rmtree(folder, ignore_errors=True)
        clips = put_loop(rig.data, [10, 10])
        before = contents(clips)
        rig.start().scan()
        asked(rig, save_of(9, 2, 15, "42-1", "42-2"), save_of(10, 5, 18, "42-2"))
        with changes(fail_at) as counted, suppress(PowerCut):
            rig.settle()
        again = make_rig()
        again.start().scan().assert_whole()
        assert SaveRequests(again.options.state).waiting() == []
        assert numbers_in(again.path(only_cut(again))) == list(range(19))
        assert contents(clips) == before
        assert sorted(again.rows()) == sorted(["42-1", "42-2", only_cut(again)])
        if counted.count < fail_at:
            break
        fail_at += 1
    assert fail_at > 10, "it was killed nowhere"


def test_a_cut_that_waits_or_runs_can_be_stopped(make_rig: Callable[..., Rig]) -> None:
    rig = make_rig(patience=PATIENT)
    child = MediaChild()
    rig.session.desk._child = child
    clips = put_loop(rig.data, [40, 40])
    before = contents(clips)
    saves = asked(rig, save_of(9, 5, 75, "42-1", "42-2"), save_of(10, 500, 600, "42-2"))
    try:
        rig.start()
        rig.until_now(lambda: any(job.state == "running" for job in rig.session.jobs.statuses()))
        stop_job(rig.session.stoppable, "42-10")
        assert [request.id for request in saves.waiting()] == ["42-9"]
        stop_job(rig.session.stoppable, "42-9")
        rig.settle()
    finally:
        child.kill()
    assert saves.waiting() == []
    assert [(job.id, job.state) for job in rig.session.jobs.statuses()] == [("42-10", "stopped"), ("42-9", "stopped")]
    assert sorted(rig.rows()) == ["42-1", "42-2"]
    assert contents(clips) == before
