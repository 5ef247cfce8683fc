"""What is asked of the catalogue by kind, lock and local time; and who stands next to whom."""

from __future__ import annotations

import random

import pytest

from dashcam.clips.catalogue import CatalogueReader
from dashcam.clips.catalogue_questions import Neighbours, Total, Wanted
from dashcam.clips.catalogue_tables import KINDS
from dashcam.clips.catalogue_writer import CatalogueWriter
from dashcam.clips.event import EVENT_CAUSES
from dashcam.clips.row import ClipRow
from dashcam.errors import BadRequest, ClipNotFound
from tests.clips.rows import event, ids, row


def _named(number: int, local: str, day: str = "", **other: object) -> ClipRow:
    """A clip whose name carries the local time 2026-11-20T15:45:00."""
    stem = "".join(letter for letter in local if letter.isdigit())
    day = day or local[:10]
    return row(number, day=day, path=f"VIDEO/{day}/dcp_{stem}.mp4", **other)  # type: ignore[arg-type]


RANGES = [
    ("2026-11-20", None, ["1-6", "1-5", "1-4", "1-3", "1-2"]),
    (None, "2026-11-21", ["1-4", "1-3", "1-2", "1-1"]),
    ("2026-11-20", "2026-11-21", ["1-4", "1-3", "1-2"]),
    ("2026-11-20T10:00", "2026-11-20T15:45:01", ["1-4", "1-3"]),
    ("2026-11-20T15:45:00", "2026-11-20T15:45:01", ["1-4"]),
    ("2026-11-20T15:45", "2026-11-20T15:45", []),
    ("2026-11-19T23:59:59", "2026-11-20T00:00:01", ["1-2", "1-1"]),
    ("2026-11-20T15:45:01", "2026-11-22T08:00", ["1-5"]),
    ("2026-11-22", "2026-11-20", []),
    ("2026-11-21T00:00:01", "2026-11-21", []),
    (None, "2026-11-20T12:00:00", ["1-2", "1-1"]),
    ("0001-01-01", "9999-12-31T23:59:59", ["1-6", "1-5", "1-4", "1-3", "1-2", "1-1"]),
]


def test_ranges_of_local_time_are_as_in_names_and_days_count_the_same(
    writer: CatalogueWriter, reader: CatalogueReader
) -> None:
    writer.put(
        [
            _named(1, "2026-11-19T23:59:59"),
            row(2, path="VIDEO/2026-11-20/holiday.mp4"),  # counts as the beginning of its day
            _named(3, "2026-11-20T12:00:00", lock_cause="hand"),
            _named(4, "2026-11-20T15:45:00", kind="event"),
            _named(5, "2026-11-21T09:00:00"),
            _named(6, "2026-11-22T08:00:00"),
            row(7, day="undated"),
        ]
    )
    for from_local, to_local, expected in RANGES:
        wanted = Wanted(from_local=from_local, to_local=to_local)
        assert ids(reader.page(wanted).rows) == expected, (from_local, to_local)
        counted = sum(day.loops + day.events + day.photos for day in reader.days(wanted))
        assert counted == len(expected), (from_local, to_local)


def test_a_name_of_another_day_counts_as_the_beginning_of_the_day_it_lies_in(
    writer: CatalogueWriter, reader: CatalogueReader
) -> None:
    writer.put([_named(1, "2026-01-01T12:00:00", day="2026-11-20")])
    assert ids(reader.page(Wanted(from_local="2026-11-20", to_local="2026-11-20T00:00:01")).rows) == ["1-1"]
    assert reader.page(Wanted(to_local="2026-11-19")).rows == ()


def test_days_count_what_any_filter_lets_through(writer: CatalogueWriter, reader: CatalogueReader) -> None:
    chance = random.Random(5)
    writer.put(
        _named(
            number,
            f"2026-11-{chance.randint(18, 22)}T{chance.randint(0, 23):02d}:{chance.randint(0, 59):02d}:00",
            kind=chance.choice(KINDS),
            lock_cause=chance.choice([None, "hand"]),
            event=chance.choice([None, *(event(cause) for cause in EVENT_CAUSES)]),
        )
        for number in range(1, 120)
    )
    for _ in range(200):
        ends = [f"2026-11-{chance.randint(17, 23)}{chance.choice(['', 'T12:30', 'T07:00:30'])}" for _ in range(2)]
        wanted = Wanted(
            day=chance.choice([None, None, "2026-11-20"]),
            kinds=chance.sample(KINDS, chance.randint(1, 3)),
            locked=chance.choice([None, True, False]),
            from_local=chance.choice([None, ends[0]]),
            to_local=chance.choice([None, ends[1]]),
            causes=chance.choice([None, None, chance.sample(EVENT_CAUSES, chance.randint(0, 5))]),
        )
        rows = reader.page(wanted, limit=500).rows
        counted = {day.day: (day.loops, day.events, day.photos, day.bytes) for day in reader.days(wanted)}
        assert counted == {
            day: (
                *(sum(row.day == day and row.kind == kind for row in rows) for kind in KINDS),
                sum(row.bytes for row in rows if row.day == day),
            )
            for day in {row.day for row in rows}
        }, wanted


def test_neighbours_are_the_next_in_the_list_of_what_is_wanted(
    writer: CatalogueWriter, reader: CatalogueReader
) -> None:
    writer.put([row(1), row(2, kind="event"), row(3), row(4, kind="photo"), row(5, day="2026-11-21")])
    listed = ids(reader.page().rows)
    for place, clip_id in enumerate(listed):
        found = reader.neighbours(clip_id)
        assert found.newer == (reader.get(listed[place - 1]) if place else None)
        assert found.older == (reader.get(listed[place + 1]) if place + 1 < len(listed) else None)
    # A clip that is no longer wanted, because it was just locked, keeps its place.
    loops = reader.neighbours("1-2", Wanted(kinds=["loop"]))
    assert [row and row.id for row in (loops.older, loops.newer)] == ["1-1", "1-3"]
    assert reader.neighbours("1-5", Wanted(day="2026-11-21")) == Neighbours(None, None)
    with pytest.raises(ClipNotFound):
        reader.neighbours("1-99")
    with pytest.raises(BadRequest):
        reader.neighbours("..")


def test_what_is_locked_is_counted(writer: CatalogueWriter, reader: CatalogueReader) -> None:
    assert reader.locked_total() == Total()
    writer.put([row(1), row(2, kind="event"), row(3, kind="photo", lock_cause="hand"), row(4, kind="event")])
    writer.put([row(4, kind="event", lock_cause=None)])
    assert reader.locked_total() == Total(2, 205)


def test_clips_of_events_are_found_by_cause_in_pages(writer: CatalogueWriter, reader: CatalogueReader) -> None:
    causes = [None, "motion", "button", "impact"]
    writer.put(
        row(
            number,
            kind="event" if causes[number % 4] else "loop",
            lock_cause="hand" if number % 4 > 1 else None,
            event=event(causes[number % 4]) if causes[number % 4] else None,  # type: ignore[arg-type]
        )
        for number in range(1, 41)
    )
    writer.put([row(50, kind="event")])  # a loop clip that somebody locked
    assert ids(reader.page(Wanted(causes=["motion"])).rows) == [f"1-{number}" for number in range(37, 0, -4)]
    of_both = Wanted(causes=["button", "impact"], locked=True)
    first = reader.page(of_both, limit=7)
    second = reader.page(of_both, before=first.before)
    wanted = [f"1-{number}" for number in range(40, 0, -1) if number % 4 > 1]
    assert ids([*first.rows, *second.rows]) == wanted == ids(list(reader.each(of_both)))
    assert len(list(reader.each(Wanted(causes=EVENT_CAUSES)))) == 30
    assert reader.page(Wanted(causes=["api"])).rows == reader.page(Wanted(causes=[])).rows == ()
    older = reader.neighbours("1-37", Wanted(causes=["motion"])).older
    assert older is not None
    assert older.id == "1-33"


def test_counts_of_events_follow_locks_and_deletions(writer: CatalogueWriter, reader: CatalogueReader) -> None:
    of_motion = Wanted(causes=["motion"])
    writer.put([row(number, kind="event", event=event("motion")) for number in (1, 2, 3)])
    writer.put([row(1, kind="event", lock_cause=None, event=event("motion"))])
    writer.remove(["1-2"])
    assert [day.events for day in reader.days(of_motion)] == [2]
    writer.remove(["1-1", "1-3"])
    assert reader.days(of_motion) == reader.days() == []


def test_each_goes_over_all_pages(writer: CatalogueWriter, reader: CatalogueReader) -> None:
    writer.put(row(number) for number in range(1, 450))
    assert ids(list(reader.each(Wanted()))) == [f"1-{number}" for number in range(449, 0, -1)]
