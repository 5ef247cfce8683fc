"""What was recorded last is found first, whether it has a date or not, and whatever its date says."""

from __future__ import annotations

import random

import pytest

from dashcam.clips.catalogue import CatalogueReader
from dashcam.clips.catalogue_questions import Wanted
from dashcam.clips.catalogue_tables import KINDS
from dashcam.clips.catalogue_writer import CatalogueWriter
from dashcam.clips.row import ClipRow
from tests.clips.rows import ids, row

DATED = [row(1, day="2026-11-19"), row(1, day="2026-11-20", boot=2), row(2, day="2026-11-20", boot=2)]


def _days(reader: CatalogueReader) -> list[str]:
    return [day.day for day in reader.days()]


def test_before_the_time_is_known_the_present_drive_comes_first(
    writer: CatalogueWriter, reader: CatalogueReader
) -> None:
    writer.put([*DATED, row(1, day="undated", boot=3), row(2, day="undated", boot=3)])
    assert ids(reader.page().rows) == ["3-2", "3-1", "2-2", "2-1", "1-1"]
    assert _days(reader) == ["undated", "2026-11-20", "2026-11-19"]


def test_a_drive_that_never_got_its_time_does_not_stand_before_those_after_it(
    writer: CatalogueWriter, reader: CatalogueReader
) -> None:
    writer.put(
        [*DATED, row(1, day="undated", boot=3), row(1, day="2026-11-21", boot=4), row(1, day="2026-11-22", boot=5)]
    )
    assert ids(reader.page().rows) == ["5-1", "4-1", "3-1", "2-2", "2-1", "1-1"]
    assert _days(reader) == ["2026-11-22", "2026-11-21", "undated", "2026-11-20", "2026-11-19"]
    writer.put([row(1, day="undated", boot=6)])
    assert ids(reader.page().rows)[:3] == ["6-1", "3-1", "5-1"], "the newest of them says where they stand"


def test_what_a_machine_remembers_of_the_time_does_not_order_what_has_no_date(
    writer: CatalogueWriter, reader: CatalogueReader
) -> None:
    remembered = {(3, 1): 9_000, (3, 2): 9_500, (4, 1): 2_000, (5, 1): None}
    writer.put(
        row(number, boot=boot, day="undated", started_utc_ms=time, clock_source="saved")
        for (boot, number), time in remembered.items()
    )
    assert ids(reader.page().rows) == ["5-1", "4-1", "3-2", "3-1"]


def test_files_that_people_drop_in_do_not_say_where_the_undated_belong(
    writer: CatalogueWriter, reader: CatalogueReader
) -> None:
    writer.put([*DATED, row(1, day="undated", boot=3), row(7, id="4-k7", day="2019-01-01")])
    assert ids(reader.page().rows)[0] == "3-1"
    writer.put([row(8, id="5-k8", day="undated", path="loop/undated/k8.mp4"), row(2, day="2026-11-21", boot=3)])
    assert _days(reader) == ["2026-11-21", "undated", "2026-11-20", "2026-11-19", "2019-01-01"]


@pytest.mark.parametrize("day", ["2080-01-01", "1970-01-01", "undated", "2026-11-20"])
def test_the_newest_is_what_was_recorded_last(writer: CatalogueWriter, reader: CatalogueReader, day: str) -> None:
    assert reader.newest() is None
    writer.put([row(7, id="4-k7", day="2026-12-01")])
    assert reader.newest() == reader.get("4-k7"), "better than nothing"
    writer.put([row(9, day="2090-01-01"), row(3, boot=2, day=day), row(1, boot=2, day="undated")])
    assert reader.newest() == reader.get("2-3")


def test_pages_neighbours_and_days_agree_wherever_the_undated_stand(
    writer: CatalogueWriter, reader: CatalogueReader
) -> None:
    chance = random.Random(11)
    for _ in range(20):
        writer.remove(ids(reader.page(limit=500).rows))
        made = [_any_row(chance, number) for number in range(1, 25)]
        writer.put(made)
        wanted = Wanted(
            kinds=chance.sample(KINDS, chance.randint(1, 3)),
            locked=chance.choice([None, None, True, False]),
            day=chance.choice([None, None, None, "undated", "2026-11-20"]),
        )
        listed = [found for found in reader.page(limit=500).rows if _is_wanted(found, wanted)]
        assert _in_pages(reader, wanted, chance.randint(1, 5)) == ids(listed)
        days = list(dict.fromkeys(found.day for found in listed))
        assert [day.day for day in reader.days(wanted)] == days
        for place, found in enumerate(listed):
            beside = reader.neighbours(found.id, wanted)
            assert beside.newer == (listed[place - 1] if place else None)
            assert beside.older == (listed[place + 1] if place + 1 < len(listed) else None)


def _any_row(chance: random.Random, number: int) -> ClipRow:
    day = chance.choice(["undated", "2026-11-19", "2026-11-20", "2026-11-21"])
    lock_cause = chance.choice([None, "hand"])
    return row(number, kind=chance.choice(KINDS), boot=chance.randint(1, 4), day=day, lock_cause=lock_cause)


def _is_wanted(found: ClipRow, wanted: Wanted) -> bool:
    return (
        found.kind in wanted.kinds
        and wanted.day in (None, found.day)
        and wanted.locked in (None, found.lock_cause is not None)
    )


def _in_pages(reader: CatalogueReader, wanted: Wanted, limit: int) -> list[str]:
    found: list[str] = []
    before = None
    while True:
        page = reader.page(wanted, before=before, limit=limit)
        found += ids(page.rows)
        before = page.before
        if before is None:
            return found
