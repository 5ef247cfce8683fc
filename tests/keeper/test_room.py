"""The keeper's children are never in memory together, and neither waits for ever."""

from __future__ import annotations

import os

from dashcam.errors import DashcamError
from dashcam.keeper.room import Room
from dashcam.media.jobs import Inspect, Inspected
from dashcam.media.media_child import ChildCameToGrief, MediaChild
from tests.keeper.moving_clips import put_moving
from tests.keeper.rig import Rig
from tests.keeper.test_search import Desk


class _Guest:
    def __init__(self) -> None:
        self.ended = 0

    def end_idle_child(self) -> None:
        self.ended += 1


def test_each_gets_its_turn_in_the_order_in_which_it_came() -> None:
    room, one, other, begun = Room(), _Guest(), _Guest(), list[str]()
    room.enter(one, lambda: begun.append("one"))
    room.enter(other, lambda: begun.append("other"))
    room.enter(one, lambda: begun.append("one again"))
    assert begun == ["one"]
    room.leave(other)
    assert begun == ["one"], "it was not inside"
    room.leave(one)
    assert begun == ["one", "other"]
    room.clear_for(other)
    assert (one.ended, other.ended) == (1, 0)
    assert room.withdraw(one)
    assert not room.withdraw(one)
    room.leave(other)
    assert (begun, room.is_free) == (["one", "other"], True)


def test_a_file_waits_for_the_clip_that_is_searched_and_the_search_for_the_file(rig: Rig) -> None:
    paths = [put_moving(rig.data, number) for number in (1, 2, 3)]
    rig.session.desk._child = child = MediaChild()
    search = Desk(rig, own_child=True)
    desk, searcher = rig.session.desk, rig.session.searching.searcher
    together: list[str] = []
    outcomes: list[object] = []
    asks_search, asks_child = searcher._ask, child.ask

    def ask_search(job: object) -> object:
        together.extend(["search"] * (child.pid is not None))
        return asks_search(job)  # type: ignore[arg-type]

    def ask_child(job: object, reply: object) -> object:
        together.extend(["desk"] * (searcher._child.pid is not None))
        return asks_child(job, reply)  # type: ignore[arg-type]

    searcher._ask = ask_search  # type: ignore[method-assign, assignment]
    child.ask = ask_child  # type: ignore[method-assign, assignment]
    job_id = search.take()
    for path in paths[:2]:
        rig.until_now(lambda: searcher.is_busy and not desk.is_busy)
        desk.submit(Inspect(path=os.fsencode(path), kind="video"), Inspected, outcomes.append)
        rig.until_now(lambda: not desk.is_busy)
    rig.until(lambda: search.job(job_id).state == "done")
    assert [type(outcome) for outcome in outcomes] == [Inspected, Inspected]
    assert together == []
    assert all(row.motion is not None for row in rig.rows().values())


def test_a_search_that_was_asked_for_takes_turns_with_a_desk_that_is_never_done(rig: Rig) -> None:
    path = put_moving(rig.data, 1)
    search = Desk(rig)
    desk = rig.session.desk
    outcomes: list[object] = []

    def submit(outcome: object = None) -> None:
        outcomes.append(outcome)
        if not rig.rows() or rig.rows()["42-1"].motion is None:
            desk.submit(Inspect(path=os.fsencode(path), kind="video"), Inspected, submit)

    submit()
    assert search.run().state == "done"
    rig.until(lambda: not desk.is_busy)
    assert {type(outcome) for outcome in outcomes[1:]} == {Inspected}


def test_what_is_given_up_before_its_turn_ends_without_waiting(rig: Rig) -> None:
    path = put_moving(rig.data, 1)
    search = Desk(rig)
    desk, searcher = rig.session.desk, rig.session.searching.searcher
    search.take()
    rig.until_now(lambda: searcher.is_busy)
    outcomes: list[Inspected | DashcamError] = []
    desk.submit(Inspect(path=os.fsencode(path), kind="video"), Inspected, outcomes.append)
    desk.give_up()
    rig.until_now(lambda: not desk.is_busy)
    assert [type(outcome) for outcome in outcomes] == [ChildCameToGrief]
    search.until_done()
