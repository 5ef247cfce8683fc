"""The catalogue: pages that stay where they are, sums that are right, and a file that may vanish at any moment."""

from __future__ import annotations

import random
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from dashcam.clips.catalogue import CatalogueNotReady, CatalogueReader, CatalogueState, Total
from dashcam.clips.catalogue_tables import KINDS, SCHEMA_VERSION, catalogue_path
from dashcam.clips.catalogue_tables import ROW as ROW_COLUMNS
from dashcam.clips.catalogue_writer import CatalogueLost, CatalogueWriter
from dashcam.clips.clip import ClipKind
from dashcam.clips.row import ClipRow
from dashcam.errors import BadRequest, ClipNotFound
from tests.golden_values import ROW

CHECKOUT = Path(__file__).resolve().parents[2]
MINUTE_MS = 60_000


def row(number: int, *, kind: ClipKind = "loop", day: str = "2026-11-20", boot: int = 1, **other: object) -> ClipRow:
    """A clip of minute `number`; `other` are fields of ClipRow."""
    facts: dict[str, object] = {
        "id": f"{boot}-{number}",
        "kind": kind,
        "day": day,
        "path": f"{kind}/{day}/{boot}_{number}.mp4",
        "bytes": 100 + number,
        "started_utc_ms": None if day == "undated" else number * MINUTE_MS,
        "lock_cause": "hand" if kind == "event" else None,
    }
    return msgspec.structs.replace(ROW, **(facts | other))


def ids(rows: tuple[ClipRow, ...] | list[ClipRow]) -> list[str]:
    return [found.id for found in rows]


@pytest.fixture
def writer(tmp_path: Path) -> Iterator[CatalogueWriter]:
    opened = CatalogueWriter(tmp_path)
    opened.open()
    yield opened
    opened.close()


@pytest.fixture
def reader(tmp_path: Path, writer: CatalogueWriter) -> Iterator[CatalogueReader]:
    opened = CatalogueReader(tmp_path)
    yield opened
    opened.close()


def test_a_row_comes_back_as_it_was(writer: CatalogueWriter, reader: CatalogueReader) -> None:
    odd = row(3, note="was called Ünïcödé_видео_影片_🚗.mp4", has_thumbnail=False, started_utc_ms=None)
    writer.put([ROW, odd])
    assert reader.get(ROW.id) == ROW == writer.get(ROW.id) == writer.at_path(ROW.path)
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


def test_days_come_first_then_time_then_id_and_undated_before_all(
    writer: CatalogueWriter, reader: CatalogueReader
) -> None:
    writer.put(
        [
            row(1, day="2026-11-21", boot=2),
            row(9, day="2026-11-20", boot=2),
            row(2, day="2026-11-20", boot=3, started_utc_ms=9 * MINUTE_MS),
            row(10, day="undated", boot=1),
            row(9, day="undated", boot=1),
        ]
    )
    assert ids(reader.page().rows) == ["1-10", "1-9", "2-1", "3-2", "2-9"]


def test_a_page_stays_where_it_is_while_clips_come_and_go(writer: CatalogueWriter, reader: CatalogueReader) -> None:
    writer.put(row(number) for number in range(1, 21))
    first = reader.page(limit=5)
    writer.put([row(21), row(22)])
    writer.remove(["1-16", "1-17", "1-14"])
    assert ids(reader.page(limit=3, before=first.before).rows) == ["1-15", "1-13", "1-12"]


def test_pages_of_a_day_a_kind_and_a_lock(writer: CatalogueWriter, reader: CatalogueReader) -> None:
    writer.put([row(1), row(2, kind="event"), row(3, kind="photo"), row(4, day="2026-11-2"), row(5, day="2026-11-19")])
    writer.put([row(6, kind="event", lock_cause=None), row(7, kind="photo", lock_cause="hand")])
    assert ids(reader.page("2026-11-20").rows) == ["1-7", "1-6", "1-3", "1-2", "1-1"]
    assert ids(reader.page("2026-11-20", kinds=["event", "photo"]).rows) == ["1-7", "1-6", "1-3", "1-2"]
    assert ids(reader.page(locked=True).rows) == ["1-7", "1-2"]
    assert ids(reader.page("2026-11-20", locked=False).rows) == ["1-6", "1-3", "1-1"]
    assert reader.page("2030-01-01").rows == reader.page(kinds=[]).rows == ()


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
    assert {day.day for day in reader.days(["event"])} == with_events
    assert all((day.loops, day.photos) == (0, 0) for day in reader.days(["event"]))


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


def test_what_is_missing_is_being_built(tmp_path: Path) -> None:
    reader = CatalogueReader(tmp_path / "state")
    assert reader.state() == CatalogueState(0, True)
    with pytest.raises(CatalogueNotReady):
        reader.page()
    writer = CatalogueWriter(tmp_path / "state")
    writer.open()
    writer.put([row(1)])
    assert ids(reader.page().rows) == ["1-1"]
    assert reader.state().is_building
    reader.close()
    assert ids(reader.page().rows) == ["1-1"], "a closed reader opens again"


def test_a_reader_follows_to_a_catalogue_that_was_built_anew(
    tmp_path: Path, writer: CatalogueWriter, reader: CatalogueReader
) -> None:
    writer.put([row(1)])
    before = reader.state()
    for suffix in ("", "-wal", "-shm"):
        catalogue_path(tmp_path).with_name(catalogue_path(tmp_path).name + suffix).unlink()
    with pytest.raises(CatalogueNotReady):
        reader.page()
    with pytest.raises(CatalogueLost):
        writer.put([row(2)])
    with pytest.raises(CatalogueLost):
        writer.check()
    writer.open()
    writer.put([row(3)])
    assert ids(reader.page().rows) == ["1-3"]
    assert reader.state().generation != before.generation


def test_a_damaged_catalogue_is_not_ready_and_is_made_anew(
    tmp_path: Path, writer: CatalogueWriter, reader: CatalogueReader
) -> None:
    writer.put([row(number) for number in range(500)[1:]])
    writer.close()
    path = catalogue_path(tmp_path)
    content = bytearray(path.read_bytes())
    content[4096:] = b"\xa5" * (len(content) - 4096)
    path.write_bytes(content)
    with pytest.raises(CatalogueNotReady):
        reader.page()
    writer.open()
    assert not writer.is_complete
    assert reader.page().rows == ()


@pytest.mark.parametrize("content", [b"", b"no database at all" * 100])
def test_what_is_no_catalogue_is_replaced(tmp_path: Path, content: bytes) -> None:
    catalogue_path(tmp_path).write_bytes(content)
    assert CatalogueReader(tmp_path).state().is_building
    writer = CatalogueWriter(tmp_path)
    writer.open()
    writer.put([row(1)])
    assert ids(CatalogueReader(tmp_path).page().rows) == ["1-1"]
    writer.close()


def test_a_catalogue_of_another_version_is_replaced(tmp_path: Path, writer: CatalogueWriter) -> None:
    writer.put([row(1)])
    writer.mark_complete(True)
    writer.close()
    with sqlite3.connect(catalogue_path(tmp_path)) as connection:
        connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
    connection.close()
    assert CatalogueReader(tmp_path).state() == CatalogueState(0, True)
    writer.open()
    assert not writer.is_complete


def test_a_whole_catalogue_stays_when_it_is_opened_again(tmp_path: Path, writer: CatalogueWriter) -> None:
    writer.put([row(1)])
    writer.mark_complete(True)
    state = writer.state()
    writer.open()
    assert writer.state() == state
    assert writer.get("1-1") is not None


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
        "kind = 'loop' AND sort_key >= 'a' AND sort_key < 'b' AND sort_key < 'c' ORDER BY sort_key DESC LIMIT 61",
        "kind = 'loop' AND sort_key < 'c' AND lock_cause IS NOT NULL ORDER BY sort_key DESC LIMIT 61",
        "kind = 'loop' AND lock_cause IS NULL ORDER BY boot, by_keeper, number LIMIT 200",
        "has_thumbnail = 0 ORDER BY sort_key DESC LIMIT 1",
        "boot = 1 AND clock_source IN ('none') AND by_keeper = 0 ORDER BY number LIMIT 9",
        "id = '1-1'",
        "path = 'x'",
    ):
        plan = " ".join(
            str(step)
            for step in connection.execute(f"EXPLAIN QUERY PLAN SELECT {ROW_COLUMNS} FROM clips WHERE {condition}")
        )
        assert "USING" in plan, condition
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


def test_recordings_with_a_less_trusted_time_are_found(writer: CatalogueWriter) -> None:
    writer.put(
        [
            row(1, clock_source="none"),
            row(2, clock_source="system"),
            row(3, clock_source="gps"),
            row(4, id="1-k4", clock_source="none"),
            row(5, boot=2, clock_source="none"),
        ]
    )
    assert ids(writer.timed_worse_than(1, "system", 9)) == ["1-1"]
    assert ids(writer.timed_worse_than(1, "gps", 9)) == ["1-1", "1-2"]
    assert ids(writer.timed_worse_than(1, "gps", 1)) == ["1-1"]


def test_folders_and_what_lies_in_them(writer: CatalogueWriter) -> None:
    writer.put([row(1), row(2), row(3, kind="event"), row(4, day="undated")])
    assert sorted(writer.folders()) == [("event", "2026-11-20"), ("loop", "2026-11-20"), ("loop", "undated")]
    assert sorted(ids(writer.rows_in("loop", "2026-11-20"))) == ["1-1", "1-2"]
    assert ids(writer.rows_in("loop", "undated")) == ["1-4"]


def test_reading_imports_nothing_heavy() -> None:
    """The web process reads the catalogue and must stay small."""
    heavy = "{'av', 'numpy', 'PIL', 'watchdog', 'picamera2'} & set(sys.modules)"
    code = f"import sys, dashcam.clips.catalogue; print(sorted({heavy}))"
    found = subprocess.run([sys.executable, "-c", code], cwd=CHECKOUT, capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
