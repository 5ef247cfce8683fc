"""Which clips a search goes through, and that of very many only an index is read for it."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import msgspec

from dashcam.clips.catalogue_search import (
    Left,
    Scope,
    days_of,
    left_in,
    looked_at_in,
    motion_events_of,
    newest_events_in,
    next_in,
)
from dashcam.clips.catalogue_tables import catalogue_path
from dashcam.clips.catalogue_writer import CatalogueWriter
from dashcam.clips.event import MotionTrace
from tests.clips.rows import event, ids, row

LOOKED = MotionTrace(seen="scan", step_seconds=1.0, looked_seconds=60.0, wish="a1")
OTHER = msgspec.structs.replace(LOOKED, wish="b2")
LIVE = msgspec.structs.replace(LOOKED, seen="live", wish="")


def fill(writer: CatalogueWriter) -> None:
    writer.put(
        [
            row(1, motion=LOOKED),
            row(2, motion=OTHER),
            row(3, motion=LIVE),
            row(4),
            row(5, kind="photo"),
            row(6, kind="event", event=event("motion", loop_id="1-4")),
            row(7, kind="event"),
            row(8, day="2026-11-21"),
            row(9, id="1-k9"),
        ]
    )


def found(writer: CatalogueWriter, scope: Scope, passed_over: tuple[str, ...] = ()) -> list[str]:
    rows = writer.ask(lambda connection: next_in(connection, scope, 100, passed_over))
    left = writer.ask(lambda connection: left_in(connection, scope, passed_over))
    assert left == Left(len(rows), sum(row.duration_seconds for row in rows))
    return ids(rows)


def test_what_was_looked_at_with_the_same_settings_is_passed_over(writer: CatalogueWriter) -> None:
    fill(writer)
    assert found(writer, Scope(wish="a1")) == ["1-k9", "1-8", "1-7", "1-4", "1-3", "1-2"]
    assert found(writer, Scope(wish="b2", day="2026-11-20")) == ["1-k9", "1-7", "1-4", "1-3", "1-1"]
    assert found(writer, Scope(wish="a1", ids=("1-1", "1-2", "1-6", "1-5", "1-99"))) == ["1-6", "1-2"]
    assert found(writer, Scope(wish="a1"), ("1-8", "1-2")) == ["1-k9", "1-7", "1-4", "1-3"]


def test_by_itself_only_recordings_that_nobody_has_looked_at_are_searched(writer: CatalogueWriter) -> None:
    fill(writer)
    assert found(writer, Scope()) == ["1-8", "1-7", "1-4"]


def test_days_what_was_looked_at_and_events_of_a_clip(writer: CatalogueWriter) -> None:
    fill(writer)
    assert writer.ask(lambda asked: days_of(asked, Scope(wish="a1"))) == ["2026-11-21", "2026-11-20"]
    assert writer.ask(lambda asked: days_of(asked, Scope(ids=("1-8",)))) == ["2026-11-21"]
    assert writer.ask(lambda asked: days_of(asked, Scope(day="2026-11-20"))) == ["2026-11-20"]
    looked = writer.ask(lambda asked: looked_at_in(asked, Scope(wish="a1"), "2026-11-20"))
    assert ids(looked) == ["1-1", "1-2", "1-3"]
    events = writer.ask(lambda asked: motion_events_of(asked, "1-4", "2026-11-20"))
    assert ids(events) == ["1-6"]


def test_the_newest_events_come_by_who_made_them(writer: CatalogueWriter) -> None:
    cause = event("motion")
    writer.put(row(number, boot=boot, event=cause, kind="event") for boot in (1, 2) for number in (1, 2, 3))
    writer.put([row(number, id=clip_id, event=cause, kind="event") for number, clip_id in ((4, "1-k40"), (5, "2-k5"))])
    assert ids(writer.ask(lambda asked: newest_events_in(asked, 2))) == ["1-k40", "2-2", "2-3", "2-k5"]


def test_no_question_of_the_search_reads_all_rows(tmp_path: Path, writer: CatalogueWriter) -> None:
    connection = sqlite3.connect(f"file:{catalogue_path(tmp_path)}?mode=ro", uri=True)
    asked: list[str] = []
    connection.set_trace_callback(asked.append)
    for scope in (Scope(wish="a1"), Scope(), Scope(wish="a1", day="2026-11-20"), Scope(wish="a1", ids=("1-1", "1-2"))):
        left_in(connection, scope)
        next_in(connection, scope, 20)
    looked_at_in(connection, Scope(wish="a1"), "2026-11-20")
    motion_events_of(connection, "1-1", "2026-11-20")
    newest_events_in(connection, 20)
    connection.set_trace_callback(None)
    assert len(asked) == 11
    for question in asked:
        steps = [str(step[3]) for step in connection.execute(f"EXPLAIN QUERY PLAN {question}")]
        of_table = [step for step in steps if step.startswith(("SCAN", "SEARCH"))]
        # An index that holds all that is asked for is small, or one of nothing else; the rows themselves are not.
        small = ("COVERING INDEX", "clips_without_motion")
        assert all(step.startswith("SEARCH") or any(name in step for name in small) for step in of_table), steps
    # Of what is rare SQLite would step through all clips until it has found enough.
    of_rare = [question for question in asked if "INDEXED BY" in question]
    assert len(of_rare) == 3
    for question in of_rare:
        steps = [str(step[3]) for step in connection.execute(f"EXPLAIN QUERY PLAN {question}")]
        assert not any("clips_by_id" in step for step in steps), (question, steps)
    connection.close()
