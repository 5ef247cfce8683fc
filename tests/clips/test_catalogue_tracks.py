"""The catalogue and tracks: lists without lines, maps with them, and what still has to be looked for."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import msgspec

from dashcam.clips.catalogue import CatalogueReader
from dashcam.clips.catalogue_questions import Wanted
from dashcam.clips.catalogue_tables import catalogue_path
from dashcam.clips.catalogue_writer import CatalogueWriter
from dashcam.clips.clip import ClipId
from dashcam.clips.track_summary import TrackSummary
from tests.clips.rows import row
from tests.golden_values import ROW, TRACK

NONE = TrackSummary(points=0, gap_seconds=60.0, distance_m=0.0, moving_seconds=0.0, top_speed_mps=None)


def trackless(writer: CatalogueWriter) -> list[str]:
    return [str(found.id) for found in writer.next_without_track(10)]


def test_a_map_gets_the_lines_and_a_list_what_is_known_of_them(
    writer: CatalogueWriter, reader: CatalogueReader
) -> None:
    writer.put([row(1, track=TRACK), row(2, track=NONE), row(3, track=None)])
    lists = {found.id: found.track for found in reader.page().rows}
    maps = {found.id: found.track for found in reader.page(Wanted(day="2026-11-20"), with_lines=True).rows}
    assert maps == {"1-1": TRACK, "1-2": NONE, "1-3": None}
    assert lists == {"1-1": msgspec.structs.replace(TRACK, line=()), "1-2": NONE, "1-3": None}
    assert reader.get("1-1").track == TRACK


def test_a_row_that_is_changed_keeps_its_line(writer: CatalogueWriter, reader: CatalogueReader) -> None:
    writer.put([ROW])
    [known] = writer.rows_in(ROW.kind, ROW.day)
    writer.put([msgspec.structs.replace(known, has_thumbnail=False)])
    assert reader.get(ROW.id).track == TRACK


def test_lines_go_with_their_clips(writer: CatalogueWriter, tmp_path: Path) -> None:
    def ids_of_lines() -> list[str]:
        connection = sqlite3.connect(catalogue_path(tmp_path))
        found = [clip_id for (clip_id,) in connection.execute("SELECT id FROM lines ORDER BY id")]
        connection.close()
        return found

    writer.put([row(number, track=TRACK) for number in range(1, 6)])
    writer.put([row(2, track=NONE), row(3, track=None)])
    writer.change(put=[row(7, track=TRACK, path=row(5).path)], remove=["1-4"])
    assert ids_of_lines() == ["1-1", "1-7"]
    writer.put([row(8, track=TRACK), row(9, track=TRACK, path=row(8).path)])
    assert ids_of_lines() == ["1-1", "1-7", "1-9"], "of two at one place the last stays"
    writer.put_tracks({"1-1": NONE})
    assert ids_of_lines() == ["1-7", "1-9"]


def test_the_newest_recordings_without_a_track_come_first(writer: CatalogueWriter) -> None:
    writer.put(
        [
            row(1, track=None),
            row(12, track=None),
            row(3, track=None, boot=2, day="undated"),
            row(4, track=TRACK),
            row(5, track=NONE),
            row(6, track=None, kind="photo"),
            row(7, track=None, id="1-k7", integrity="adopted"),
            row(8, track=None, kind="event"),
            row(2, track=None, id="1-k2", kind="event"),
        ]
    )
    assert trackless(writer) == ["2-3", "1-12", "1-8", "1-k2", "1-1"], "cuts too, and not what was dropped in"
    [newest] = writer.next_without_track(1)
    assert newest == (ClipId(2, False, 3), "loop/undated/2_3.mp4", ROW.duration_seconds)


def test_what_was_found_of_many_clips_is_noted_at_once(writer: CatalogueWriter, reader: CatalogueReader) -> None:
    writer.put(row(number, track=None) for number in range(1, 6))
    before = reader.state().generation
    writer.put_tracks({"1-1": NONE, "1-3": TRACK, "1-99": NONE})
    assert trackless(writer) == ["1-5", "1-4", "1-2"]
    assert reader.get("1-1").track == NONE
    assert reader.get("1-3") == row(3, track=TRACK)
    assert reader.state().generation == before + 1
    writer.put([row(1, track=None)])
    assert trackless(writer)[-1] == "1-1", "whoever makes the row anew has it looked for again"
