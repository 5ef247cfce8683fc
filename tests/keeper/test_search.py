"""The search through recorded clips finds what moves, looks at nothing twice and survives whatever ends it."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path

import msgspec
import pytest

from dashcam.clips.event import MotionTrace, MotionWindow
from dashcam.clips.names import sidecar_of
from dashcam.clips.sidecar import read_sidecar, write_sidecar
from dashcam.errors import BadRequest
from dashcam.link.messages import SearchMotion
from dashcam.link.status import JobStatus
from dashcam.motion.fingerprint import fingerprint_of
from dashcam.motion.search_jobs import LookInto, SearchJob
from dashcam.settings.schema import MotionSettings
from dashcam.system.answering_child import AnsweringChild
from tests.clips.rows import event
from tests.keeper.moving_clips import SECONDS, put_moving
from tests.keeper.power import PowerCut, changes
from tests.keeper.rig import Rig, digest_of

WISH = fingerprint_of(MotionSettings())


class _SharedChild(AnsweringChild):
    """One for all tests: loading numpy and the decoder anew for each would be most of their time."""

    def close(self) -> None:
        """It goes on for the next keeper."""

    def kill(self) -> None:
        """It goes on for the next keeper; it ends with the tests."""


@cache
def shared_child() -> AnsweringChild:
    child = _SharedChild([sys.executable, "-P", "-m", "dashcam.motion.search_child"])
    # Started here, because the kernel ends it together with the thread that has started it.
    child.ask(msgspec.json.encode({"type": "GoOn"}), 60.0)
    return child


class Desk:
    """A keeper with a search, and what its child was asked to look into."""

    def __init__(self, rig: Rig, *, own_child: bool = False) -> None:
        self.rig = rig
        self.asked: list[str] = []
        rig.start()
        searcher = rig.session.searching.searcher
        if not own_child:
            searcher._child = shared_child()
        really_ask = searcher._ask

        def ask(job: SearchJob) -> object:
            if isinstance(job, LookInto):
                self.asked.append(Path(os.fsdecode(job.clip.path)).stem)
            return really_ask(job)

        searcher._ask = ask  # type: ignore[method-assign, assignment]
        rig.scan()

    def take(self, **asked: object) -> str:
        return self.rig.session.searching.search.take(SearchMotion(**asked)).id  # type: ignore[arg-type]

    def job(self, job_id: str) -> JobStatus:
        return next(job for job in self.rig.session.jobs.statuses() if job.id == job_id)

    def run(self, **asked: object) -> JobStatus:
        """A search from its beginning to its end."""
        job_id = self.take(**asked)
        self.rig.until(lambda: self.job(job_id).state in ("done", "failed", "stopped"))
        return self.job(job_id)

    def until_done(self) -> None:
        """Until nothing that was asked for waits."""
        self.rig.until(lambda: not self.rig.session.searching.search._wishes.all())

    def trace(self, clip_id: str) -> MotionTrace:
        found = self.rig.sidecar(clip_id).motion
        assert found is not None
        row = self.rig.reader.get(clip_id).motion
        assert row == msgspec.structs.replace(found, scores=())
        return found


def test_windows_stand_in_sidecar_and_catalogue_and_files_are_as_they_were(rig: Rig) -> None:
    path = put_moving(rig.data, 1, ((5.0, 7.0),))
    put_moving(rig.data, 2)
    before = digest_of(path)
    desk = Desk(rig)
    job = desk.run()
    assert (job.state, job.kind, job.result_ids) == ("done", "search", ("42-1",))
    assert "2 clips searched; something moves in 1 clip" in job.words
    trace = desk.trace("42-1")
    (window,) = trace.windows
    assert 4.9 <= window.from_seconds <= 6.0
    assert 6.5 <= window.to_seconds <= 9.0
    assert (trace.seen, trace.wish, trace.looked_seconds) == ("scan", WISH, SECONDS)
    assert max(trace.scores[25:40]) > max(trace.scores[:20])
    assert desk.trace("42-2").windows == ()
    assert digest_of(rig.path("42-1")) == before
    rig.scan().assert_whole()


def test_nothing_is_looked_into_twice_with_the_same_settings(rig: Rig) -> None:
    for number in (1, 2):
        put_moving(rig.data, number)
    desk = Desk(rig)
    desk.run(ids=("42-2",))
    assert len(desk.asked) == 1
    desk.run()
    assert len(desk.asked) == len(set(desk.asked)) == 2
    desk.run()
    assert len(desk.asked) == 2
    rig.session.searching.search.take_settings(MotionSettings(threshold=40))
    assert desk.run().state == "done"
    assert len(desk.asked) == 4


def test_clips_in_which_much_changes_are_looked_into_first(rig: Rig) -> None:
    put_moving(rig.data, 1, ((3.0, 9.0),))
    put_moving(rig.data, 2)
    desk = Desk(rig)
    desk.run()
    assert desk.asked == ["dcp_20261120144500", "dcp_20261120144512"], "else the newest is the first"


def test_what_somebody_asks_for_twice_is_one_search(rig: Rig) -> None:
    put_moving(rig.data, 1)
    desk = Desk(rig)
    assert desk.take() == desk.take()
    assert desk.take(cut=True) != desk.take()
    with pytest.raises(BadRequest):
        desk.take(ids=("nonsense",))


def test_a_day_and_all_leave_out_events_photos_and_what_lies_elsewhere(rig: Rig) -> None:
    put_moving(rig.data, 1)
    put_moving(rig.data, 2, kind="EVENT", event=event("motion", "42-2"))
    desk = Desk(rig)
    desk.run(day="2026-11-19")
    assert desk.asked == []
    desk.run(day="2026-11-20")
    assert desk.asked == ["dcp_20261120144500"]
    desk.run(ids=("42-2",))
    assert len(desk.asked) == 2


def test_a_live_trace_stays_unless_other_settings_are_asked_for(rig: Rig) -> None:
    path = put_moving(rig.data, 1)
    live = MotionTrace(seen="live", step_seconds=1.0, looked_seconds=12.0, wish=WISH)
    write_sidecar(sidecar_of(path), msgspec.structs.replace(read_sidecar(sidecar_of(path)), motion=live))
    desk = Desk(rig)
    desk.run()
    assert (desk.asked, desk.trace("42-1")) == ([], live)


def test_motion_at_the_beginning_of_a_clip_is_seen_as_it_was_live(rig: Rig) -> None:
    """The clip before tells what is always there."""
    put_moving(rig.data, 1)
    put_moving(rig.data, 2, ((0.0, 1.5),))
    desk = Desk(rig)
    desk.run()
    (window,) = desk.trace("42-2").windows
    assert window.from_seconds <= 1.0


def test_after_a_restart_it_goes_on_where_it_was(make_rig: Callable[..., Rig]) -> None:
    rig = make_rig()
    for number in range(1, 4):
        put_moving(rig.data, number)
    desk = Desk(rig)
    job_id = desk.take()
    rig.until(lambda: (len(desk.asked) == 2 and not rig.session.searching.searcher.is_busy) or len(desk.asked) > 2)
    done = {clip_id for clip_id, row in rig.rows().items() if row.motion is not None}
    assert done
    again = Desk(make_rig())
    again.rig.until(lambda: again.job(job_id).state == "done")
    assert len(again.asked) == 3 - len(done)
    assert all(row.motion is not None for row in again.rig.rows().values())
    third = Desk(make_rig())
    third.rig.settle()
    assert [job.id for job in third.rig.session.jobs.statuses()] == []


def test_a_stopped_search_keeps_what_it_has_and_the_next_one_goes_on(rig: Rig) -> None:
    for number in (1, 2):
        put_moving(rig.data, number)
    desk = Desk(rig, own_child=True)
    job_id = desk.take()
    rig.until(lambda: len(desk.asked) >= 1)
    assert rig.session.searching.search.stop_job(job_id)
    assert not rig.session.searching.search.stop_job(job_id)
    assert desk.job(job_id).state == "stopped"
    rig.until(lambda: not rig.session.searching.searcher.is_busy)
    asked = len(desk.asked)
    rig.settle()
    assert len(desk.asked) == asked, "it goes on although it was stopped"
    assert desk.run().state == "done"
    assert all(row.motion is not None for row in rig.rows().values())


def test_a_child_that_is_killed_costs_one_clip_a_moment(rig: Rig) -> None:
    put_moving(rig.data, 1, ((5.0, 7.0),))
    desk = Desk(rig, own_child=True)
    job_id = desk.take()
    rig.until(lambda: len(desk.asked) == 1)
    rig.session.searching.searcher._child.kill()
    rig.until(lambda: desk.job(job_id).state == "done")
    assert desk.job(job_id).result_ids == ("42-1",)


def test_what_cannot_be_read_is_told_and_holds_nothing_up(rig: Rig) -> None:
    path = put_moving(rig.data, 1)
    put_moving(rig.data, 2)
    desk = Desk(rig)
    path.write_bytes(b"x" * path.stat().st_size)
    job = desk.run()
    assert "1 could not be read" in job.words
    assert desk.trace("42-2").windows == ()


def test_wherever_a_power_cut_ends_it_the_next_start_has_the_trace_once(
    make_rig: Callable[..., Rig],
) -> None:
    fail_at, total = 1, 1
    put_moving(make_rig().data, 1)
    while fail_at <= total:
        rig = make_rig()
        path = rig.data / "DCIM" / "VIDEO" / "2026-11-20" / "dcp_20261120144500.mp4"
        bare = msgspec.structs.replace(read_sidecar(sidecar_of(path)), motion=None)
        write_sidecar(sidecar_of(path), bare)
        (rig.options.state / "catalogue.sqlite").unlink(missing_ok=True)
        desk = Desk(rig)
        trace = MotionTrace(seen="scan", step_seconds=1.0, looked_seconds=12.0, wish=WISH)
        search = rig.session.searching.search
        desk.take()
        search._run = run = search._begin()
        assert run is not None
        with changes(fail_at) as counted, contextlib.suppress(PowerCut):
            search._keep(run, rig.reader.get("42-1"), trace)
        total = max(total, counted.count)
        again = Desk(make_rig())
        again.until_done()
        assert again.trace("42-1").wish == WISH
        again.rig.assert_whole()
        fail_at += 1
    assert total >= 3


def test_each_window_becomes_an_event_with_the_seconds_around_it_and_only_once(rig: Rig) -> None:
    put_moving(rig.data, 1, ((11.0, 12.0),))
    put_moving(rig.data, 2, ((0.0, 1.0),))
    put_moving(rig.data, 3)
    desk = Desk(rig)
    job = desk.run(cut=True)
    rig.until(lambda: len(rig.rows()) == 4)
    (made,) = [row for row in rig.rows().values() if row.event is not None]
    assert job.result_ids == (made.id,)
    assert made.event is not None
    assert (made.event.cause, made.event.found_later, made.lock_cause) == ("motion", True, None)
    assert made.event.loop_id == "42-1"
    assert made.event.loop_seconds == pytest.approx(desk.trace("42-1").windows[0].from_seconds, abs=0.01)
    # From ten seconds before, at a keyframe, to twenty after: over the boundaries.
    assert made.duration_seconds > 29
    assert made.event.at_seconds <= made.event.peak_seconds <= made.event.at_seconds + 3
    assert made.event.score > 0
    again = desk.run(cut=True)
    assert again.state == "done"
    rig.settle()
    assert len(rig.rows()) == 4
    rig.assert_whole()


def test_a_stretch_that_is_an_event_already_is_not_cut_again(rig: Rig) -> None:
    put_moving(rig.data, 1, ((5.0, 7.0),))
    put_moving(
        rig.data, 2, kind="EVENT", event=event("motion", "42-2", loop_id="42-1", loop_seconds=5.4, at_seconds=4.0)
    )
    desk = Desk(rig)
    job = desk.run(cut=True)
    rig.settle()
    assert (job.result_ids, len(rig.rows())) == ((), 2)


def test_motion_that_outlasts_the_longest_event_goes_on_in_another_one(make_rig: Callable[..., Rig]) -> None:
    rig = make_rig("events.longest_seconds=12", "events.before_seconds=2", "events.after_seconds=5")
    for number in (1, 2):
        path = put_moving(rig.data, number)
        moves = MotionTrace(
            seen="live",
            step_seconds=1.0,
            windows=(MotionWindow(0.0, SECONDS, 50.0),),
            looked_seconds=SECONDS,
            wish=WISH,
        )
        write_sidecar(sidecar_of(path), msgspec.structs.replace(read_sidecar(sidecar_of(path)), motion=moves))
    desk = Desk(rig)
    job = desk.run(cut=True)
    rig.settle()
    made = [row for row in rig.rows().values() if row.event is not None]
    assert sorted(job.result_ids) == sorted(row.id for row in made)
    assert sorted(row.event.loop_id for row in made if row.event is not None) == ["42-1", "42-2"]


def test_in_mode_watch_what_nobody_has_looked_at_is_searched_by_itself(make_rig: Callable[..., Rig]) -> None:
    rig = make_rig("recording.mode=watch")
    put_moving(rig.data, 1, ((5.0, 7.0),))
    path = put_moving(rig.data, 2)
    live = MotionTrace(seen="live", step_seconds=1.0, looked_seconds=12.0)
    write_sidecar(sidecar_of(path), msgspec.structs.replace(read_sidecar(sidecar_of(path)), motion=live))
    desk = Desk(rig)
    rig.until(lambda: rig.reader.get("42-1").motion is not None)
    rig.settle()
    assert desk.asked == ["dcp_20261120144500"]
    assert desk.trace("42-1").windows
    assert rig.reader.get("42-2").motion == live


@pytest.mark.parametrize(
    "settings",
    [(), ("recording.mode=watch", "motion.scan_missed=false"), ("recording.mode=watch", "motion.detect=off")],
)
def test_otherwise_nothing_is_searched_by_itself(make_rig: Callable[..., Rig], settings: tuple[str, ...]) -> None:
    rig = make_rig(*settings)
    put_moving(rig.data, 1)
    desk = Desk(rig)
    rig.settle()
    assert desk.asked == []
