"""The catalogue: pages that stay where they are, sums that are right, and a file that may vanish at any moment."""

from __future__ import annotations

import random
import sqlite3
import threading
from pathlib import Path

import pytest

from dashcam.clips.catalogue import CatalogueReader
from dashcam.clips.catalogue_questions import Total, Wanted
from dashcam.clips.catalogue_tables import KINDS, catalogue_path
from dashcam.clips.catalogue_tables import ROW as ROW_COLUMNS
from dashcam.clips.catalogue_writer import CatalogueWriter
from dashcam.clips.row import ClipRow
from dashcam.errors import BadRequest, ClipNotFound
from tests.clips.rows import MINUTE_MS, ids, row
from tests.golden_values import ROW

CHECKOUT = Path(__file__).resolve().parents[2]


def test_a_row_comes_back_as_it_was(writer: CatalogueWriter, reader: CatalogueReader) -> None:
    odd = row(3, note="was called Ünïcödé_видео_影片_🚗.mp4", has_thumbnail=False, started_utc_ms=None)
    writer.put([ROW, odd])
    assert reader.get(ROW.id) == ROW == writer.get(ROW.id)
    assert reader.get("1-3") == odd


def test_an_id_that_is_not_there_is_not_found_and_nonsense_is_refused(reader: CatalogueReader) -> None:
    with pytest.raises(ClipNotFound):
        reader.get("1-99")
    with pytest.raises(BadRequest):
        reader.get("../1-99")


def test_pages_are_newest_first_and_tell_how_to_go_on(writer: CatalogueWriter, reader: CatalogueReader) -> None:
    writer.put(row(number, kind=KINDS[number % 3]) for number in range(1, 11))
    first = reader.page(limit=4)
    second = reader.page(limit=4, before=first.before)
    third = reader.page(limit=4, before=second.before)
    assert ids(first.rows) == ["1-10", "1-9", "1-8", "1-7"]
    assert ids(second.rows) == ["1-6", "1-5", "1-4", "1-3"]
    assert (ids(third.rows), third.before) == (["1-2", "1-1"], None)


def test_a_page_that_just_fits_is_the_last(writer: CatalogueWriter, reader: CatalogueReader) -> None:
    writer.put(row(number) for number in (1, 2, 3))
    assert reader.page(limit=3).before is None


def test_days_come_first_then_time_then_id(writer: CatalogueWriter, reader: CatalogueReader) -> None:
    writer.put(
        [
            row(1, day="2026-11-21", boot=2),
            row(9, day="2026-11-20", boot=2),
            row(2, day="2026-11-20", boot=3, started_utc_ms=9 * MINUTE_MS),
        ]
    )
    assert ids(reader.page().rows) == ["2-1", "3-2", "2-9"]


def test_a_page_stays_where_it_is_while_clips_come_and_go(writer: CatalogueWriter, reader: CatalogueReader) -> None:
    writer.put(row(number) for number in range(1, 21))
    first = reader.page(limit=5)
    writer.put([row(21), row(22)])
    writer.remove(["1-16", "1-17", "1-14"])
    assert ids(reader.page(limit=3, before=first.before).rows) == ["1-15", "1-13", "1-12"]


def test_pages_of_a_day_a_kind_and_a_lock(writer: CatalogueWriter, reader: CatalogueReader) -> None:
    writer.put([row(1), row(2, kind="event"), row(3, kind="photo"), row(4, day="2026-11-2"), row(5, day="2026-11-19")])
    writer.put([row(6, kind="event", lock_cause=None), row(7, kind="photo", lock_cause="hand")])
    assert ids(reader.page(Wanted(day="2026-11-20")).rows) == ["1-7", "1-6", "1-3", "1-2", "1-1"]
    assert ids(reader.page(Wanted(day="2026-11-20", kinds=["event", "photo"])).rows) == ["1-7", "1-6", "1-3", "1-2"]
    assert ids(reader.page(Wanted(locked=True)).rows) == ["1-7", "1-2"]
    assert ids(reader.page(Wanted(day="2026-11-20", locked=False)).rows) == ["1-6", "1-3", "1-1"]
    assert reader.page(Wanted(day="2030-01-01")).rows == reader.page(Wanted(kinds=[])).rows == ()


@pytest.mark.parametrize("before", ["", "x" * 100, "2026'--", "\ud800", "2026\n"])
def test_a_place_that_no_page_gave_is_refused(reader: CatalogueReader, before: str) -> None:
    with pytest.raises(BadRequest):
        reader.page(before=before)


def test_days_and_totals_are_right_after_any_changes(writer: CatalogueWriter, reader: CatalogueReader) -> None:
    chance = random.Random(3)
    known: dict[str, ClipRow] = {}
    for _ in range(60):
        if known and chance.random() < 0.3:
            gone = chance.sample(sorted(known), min(3, len(known)))
            writer.remove(gone)
            for clip_id in gone:
                del known[clip_id]
            continue
        # Ids are met again with another kind and day: the clip was moved.
        put = [
            row(number, kind=chance.choice(KINDS), day=f"2026-11-{chance.randint(10, 14)}", bytes=chance.randint(1, 99))
            for number in chance.sample(range(1, 30), 4)
        ]
        writer.put(put)
        known |= {found.id: found for found in put}
    for kind, total in reader.totals().items():
        of_kind = [found for found in known.values() if found.kind == kind]
        assert total == Total(len(of_kind), sum(found.bytes for found in of_kind))
    days = reader.days()
    assert [day.day for day in days] == sorted({found.day for found in known.values()}, reverse=True)
    for day in days:
        of_day = [found for found in known.values() if found.day == day.day]
        counts = [sum(found.kind == kind for found in of_day) for kind in KINDS]
        assert [day.loops, day.events, day.photos] == counts
        assert day.bytes == sum(found.bytes for found in of_day)
    with_events = {found.day for found in known.values() if found.kind == "event"}
    assert {day.day for day in reader.days(Wanted(kinds=["event"]))} == with_events
    assert all((day.loops, day.photos) == (0, 0) for day in reader.days(Wanted(kinds=["event"])))


def test_another_clip_at_the_same_path_replaces_the_first(writer: CatalogueWriter, reader: CatalogueReader) -> None:
    writer.put([row(1, path="VIDEO/a.mp4", bytes=5)])
    writer.put([row(2, path="VIDEO/a.mp4", bytes=7)])
    assert ids(reader.page().rows) == ["1-2"]
    assert reader.totals()["loop"] == Total(1, 7)


def test_a_generation_stands_for_what_is_in_it(writer: CatalogueWriter, reader: CatalogueReader) -> None:
    first = reader.state()
    assert first.is_building
    assert reader.state() == first
    writer.put([])
    writer.remove([])
    assert reader.state() == first
    writer.put([row(1)])
    second = reader.state()
    writer.mark_complete(True)
    third = reader.state()
    assert len({first.generation, second.generation, third.generation}) == 3
    assert not third.is_building
    writer.mark_complete(True)
    assert reader.state() == third == writer.state()


def test_readers_see_whole_changes_while_the_writer_works(writer: CatalogueWriter, reader: CatalogueReader) -> None:
    """Every change adds ten clips and takes ten away, so that any sum of a half change would differ."""
    writer.put(row(number, bytes=1) for number in range(1, 11))
    stop = threading.Event()
    wrong: list[Total] = []

    def look() -> None:
        while not stop.is_set():
            total = reader.totals()["loop"]
            if total.clips % 10 or total.bytes != total.clips:
                wrong.append(total)

    threads = [threading.Thread(target=look) for _ in range(3)]
    for thread in threads:
        thread.start()
    for turn in range(1, 40):
        writer.put(row(turn * 10 + number, bytes=1) for number in range(1, 11))
        writer.remove([f"1-{(turn - 1) * 10 + number}" for number in range(1, 11)])
    stop.set()
    for thread in threads:
        thread.join(30)
    assert wrong == []
    assert reader.totals()["loop"] == Total(10, 10)


def test_no_question_of_the_gallery_or_the_cleaner_walks_the_table(tmp_path: Path, writer: CatalogueWriter) -> None:
    connection = sqlite3.connect(f"file:{catalogue_path(tmp_path)}?mode=ro", uri=True)
    for condition in (
        "kind = 'loop' AND is_locked = 0 AND sort_key >= 'a' AND sort_key < 'b' ORDER BY sort_key DESC LIMIT 61",
        "kind = 'loop' AND is_locked = 1 AND sort_key >= 'a' AND local_time < 'd' ORDER BY sort_key LIMIT 1",
        "kind = 'loop' AND is_locked IN (0, 1) AND sort_key >= 'a' AND sort_key < 'b'",
        "kind = 'loop' AND lock_cause IS NULL ORDER BY boot, by_keeper, number LIMIT 200",
        "kind = 'event' AND lock_cause IS NOT NULL ORDER BY boot, by_keeper, number LIMIT 200",
        "event_cause = 'motion' AND kind = 'event' AND is_locked = 0 AND sort_key >= 'a' ORDER BY sort_key LIMIT 61",
        "motion IS NULL AND kind != 'photo' AND by_keeper = 0 ORDER BY boot DESC, number DESC LIMIT 1",
        "has_thumbnail = 0 AND id NOT IN (SELECT id FROM hopeless) ORDER BY sort_key DESC LIMIT 1",
        "by_keeper = 0 AND boot = 1 AND clock_source = 'none'",
        "by_keeper = 0 ORDER BY boot DESC, number DESC LIMIT 1",
        "by_keeper = 0 AND (boot, number) > (1, 1) ORDER BY boot, number LIMIT 1",
        "id = '1-1'",
        "path = 'x'",
    ):
        plan = " ".join(
            str(step)
            for step in connection.execute(f"EXPLAIN QUERY PLAN SELECT {ROW_COLUMNS} FROM clips WHERE {condition}")
        )
        assert "USING" in plan, condition
        assert "sort_key" not in condition.partition("ORDER")[0] or "sort_key>" in plan or "sort_key<" in plan, plan
        assert "TEMP B-TREE" not in plan, condition
    connection.close()


def test_the_oldest_unlocked_come_by_id(writer: CatalogueWriter) -> None:
    writer.put(
        [row(10), row(9), row(1, boot=2), row(11, lock_cause="button"), row(12, kind="photo"), row(1, id="1-k1")]
    )
    assert [str(found.id) for found in writer.oldest_unlocked("loop", 10)] == ["1-9", "1-10", "1-k1", "2-1"]
    assert [str(found.id) for found in writer.oldest_unlocked("loop", 2)] == ["1-9", "1-10"]
    assert writer.newest_sizes(2) == [101, 110]
    assert (writer.highest_boot(), writer.highest_keeper_number()) == (2, 1)


def test_recordings_are_found_by_boot_and_clock(writer: CatalogueWriter) -> None:
    writer.put(
        [
            row(1, clock_source="none"),
            row(2, clock_source="system"),
            row(3, clock_source="none"),
            row(4, id="1-k4", clock_source="saved", integrity="adopted"),
            row(5, boot=2, clock_source="none"),
            row(6, id="1-k6", clock_source="none"),
            row(7, id="1-k7", clock_source="gps"),
        ]
    )
    assert writer.clocks() == {(1, "none"), (1, "system"), (2, "none"), (1, "gps")}
    assert ids(writer.timed_by(1, "none")) == ["1-1", "1-3", "1-k6"], "cuts too, and not what was dropped in"
    assert writer.timed_by(9, "none") == []


def test_what_gets_no_thumbnail_is_asked_for_once_until_it_changes(writer: CatalogueWriter) -> None:
    writer.put([row(1, has_thumbnail=False), row(2, has_thumbnail=False), row(3)])
    assert ids([found for found in [writer.next_without_thumbnail()] if found]) == ["1-2"]
    writer.give_up_thumbnail("1-2", for_good=False)
    writer.give_up_thumbnail("1-2", for_good=True)
    assert ids([found for found in [writer.next_without_thumbnail()] if found]) == ["1-1"]
    writer.give_up_thumbnail("1-1", for_good=False)
    assert writer.next_without_thumbnail() is None
    writer.open()
    assert ids([found for found in [writer.next_without_thumbnail()] if found]) == ["1-1"]
    writer.put([row(1, has_thumbnail=True)])
    assert writer.next_without_thumbnail() is None
    writer.put([row(2, has_thumbnail=False, bytes=7)])
    assert ids([found for found in [writer.next_without_thumbnail()] if found]) == ["1-2"]


def test_a_change_is_whole_or_not_at_all(writer: CatalogueWriter) -> None:
    writer.put([row(1), row(2)])
    with pytest.raises(BadRequest):
        writer.change(put=[row(3), row(4, id="nonsense")], remove=["1-1"])
    assert ids(writer.rows_in("loop", "2026-11-20")) == ["1-1", "1-2"]
    writer.change(put=[row(3)], remove=["1-1"])
    assert ids(writer.rows_in("loop", "2026-11-20")) == ["1-2", "1-3"]


def test_folders_and_what_lies_in_them(writer: CatalogueWriter) -> None:
    writer.put([row(1), row(2), row(3, kind="event"), row(4, day="undated")])
    assert sorted(writer.folders()) == [("event", "2026-11-20"), ("loop", "2026-11-20"), ("loop", "undated")]
    assert sorted(ids(writer.rows_in("loop", "2026-11-20"))) == ["1-1", "1-2"]
    assert ids(writer.rows_in("loop", "undated")) == ["1-4"]
