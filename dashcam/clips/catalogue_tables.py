"""How the catalogue lies in SQLite: tables, indexes, and the way from a row to its columns and back."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterable, Sequence
from pathlib import Path, PurePosixPath
from typing import Any

import msgspec

from dashcam.clips.clip import ClipId, ClipKind
from dashcam.clips.event import EventFacts, MotionTrace
from dashcam.clips.names import UNDATED, day_of, local_time_in_stem
from dashcam.clips.row import ClipRow
from dashcam.clips.track_summary import LinePoint, TrackSummary
from dashcam.place import Place

CATALOGUE_NAME = "catalogue.sqlite"
# In PRAGMA user_version. Another number than this one: the catalogue is thrown away and built from the files.
SCHEMA_VERSION = 11

KINDS: tuple[ClipKind, ...] = ("loop", "event", "photo")
COLUMNS: tuple[str, ...] = ClipRow.__struct_fields__
ROW = ", ".join(COLUMNS)
ROW_AND_LINE = f"{ROW}, (SELECT line FROM lines WHERE lines.id = clips.id)"  # noqa: S608 names are ours

# `local_time`: as in the name, 2026-11-20T15:45:00; the beginning of its day for a name without, empty without a day.
# `hopeless`: of what no picture can be made; not tried again before the file has changed, or the next start.
# `place`, `track`, `event`, `motion`: JSON, as in the sidecar; no track, no motion: not looked for yet.
# `lines`: of tracks, apart, so that lists read only what they show; with rowids, because without them a row of a
# kilobyte takes a page of its own.
# `motion_wish`: the settings that it was looked at with.
# `event_cause`: of what was made for an event. `days`: there it is empty for the loop's clips and photos.
# Counts by day, kind, lock and cause are kept by triggers, so that 100,000 clips cost as little to sum up as ten.
SCHEMA = """
CREATE TABLE clips (
    id TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    path TEXT NOT NULL UNIQUE,
    day TEXT NOT NULL,
    bytes INTEGER NOT NULL,
    modified_ns INTEGER NOT NULL,
    started_utc_ms INTEGER,
    duration_seconds REAL NOT NULL,
    frames INTEGER NOT NULL,
    dropped_frames INTEGER NOT NULL,
    width INTEGER NOT NULL,
    height INTEGER NOT NULL,
    camera TEXT NOT NULL,
    integrity TEXT NOT NULL,
    clock_source TEXT NOT NULL,
    lock_cause TEXT,
    has_thumbnail INTEGER NOT NULL,
    note TEXT NOT NULL,
    place TEXT,
    track TEXT,
    event TEXT,
    motion TEXT,
    boot INTEGER NOT NULL,
    by_keeper INTEGER NOT NULL,
    number INTEGER NOT NULL,
    is_locked INTEGER NOT NULL,
    local_time TEXT NOT NULL,
    event_cause TEXT,
    motion_wish TEXT,
    sort_key TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX clips_by_time ON clips (kind, is_locked, sort_key);
CREATE INDEX clips_by_age ON clips (kind, boot, by_keeper, number) WHERE lock_cause IS NULL;
CREATE INDEX clips_of_events ON clips (event_cause, kind, is_locked, sort_key) WHERE event_cause IS NOT NULL;
CREATE INDEX clips_of_events_by_id ON clips (by_keeper, boot, number) WHERE event_cause IS NOT NULL;
CREATE INDEX clips_saved_by_age ON clips (kind, boot, by_keeper, number) WHERE lock_cause IS NOT NULL;
CREATE INDEX clips_without_motion ON clips (boot, number) WHERE motion IS NULL AND kind != 'photo' AND by_keeper = 0;
CREATE INDEX clips_to_search ON clips (boot, number, motion_wish, duration_seconds, kind, event_cause)
    WHERE kind != 'photo' AND event_cause IS NULL;
CREATE INDEX clips_without_picture ON clips (sort_key) WHERE has_thumbnail = 0;
CREATE INDEX clips_without_track ON clips (boot, number)
    WHERE track IS NULL AND kind != 'photo' AND (by_keeper = 0 OR integrity != 'adopted');
CREATE INDEX clips_by_clock ON clips (by_keeper, boot, clock_source);
CREATE INDEX clips_by_id ON clips (by_keeper, boot, number);
CREATE TABLE lines (id TEXT PRIMARY KEY, line TEXT NOT NULL);
CREATE TABLE days (
    day TEXT NOT NULL,
    kind TEXT NOT NULL,
    is_locked INTEGER NOT NULL,
    event_cause TEXT NOT NULL,
    clips INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    PRIMARY KEY (day, kind, is_locked, event_cause)
) WITHOUT ROWID;
CREATE TRIGGER clip_added AFTER INSERT ON clips BEGIN
    INSERT INTO days VALUES (new.day, new.kind, new.is_locked, ifnull(new.event_cause, ''), 1, new.bytes)
        ON CONFLICT DO UPDATE SET clips = clips + 1, bytes = bytes + excluded.bytes;
END;
CREATE TRIGGER clip_removed AFTER DELETE ON clips BEGIN
    UPDATE days SET clips = clips - 1, bytes = bytes - old.bytes
        WHERE day = old.day AND kind = old.kind AND is_locked = old.is_locked
            AND event_cause = ifnull(old.event_cause, '');
    DELETE FROM days WHERE day = old.day AND kind = old.kind AND is_locked = old.is_locked
        AND event_cause = ifnull(old.event_cause, '') AND clips = 0;
    DELETE FROM lines WHERE id = old.id;
END;
CREATE TABLE hopeless (id TEXT PRIMARY KEY, for_good INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE facts (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
"""

_encoder = msgspec.json.Encoder()
_place_decoder = msgspec.json.Decoder(Place)
_track_decoder = msgspec.json.Decoder(TrackSummary)
_event_decoder = msgspec.json.Decoder(EventFacts)
_motion_decoder = msgspec.json.Decoder(MotionTrace)
_line_decoder = msgspec.json.Decoder(tuple[LinePoint, ...])
PUT = f"INSERT OR REPLACE INTO clips VALUES ({', '.join('?' * (len(COLUMNS) + 8))})"  # noqa: S608 names are ours
# Not of a clip that another one has replaced at once.
PUT_LINE = "INSERT OR REPLACE INTO lines SELECT ?, ? WHERE EXISTS (SELECT 1 FROM clips WHERE id = ?)"


def catalogue_path(state: Path) -> Path:
    """Where the catalogue of a state folder lies."""
    return state / CATALOGUE_NAME


def make_empty(path: Path) -> None:
    """An empty file in place of any catalogue, with the rights that SQLite will give the files beside it, too.

    A reader of the state's group may be another user. It has to write to what it shares with the writer, and makes that
    while there is none.
    """
    for suffix in ("", "-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
    os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o660))


def sort_key_of(row: ClipRow, clip_id: ClipId) -> str:
    """Text that sorts as the gallery does within a day: by time, then id; its beginning is the day.

    Without a day by id alone: what a machine remembers of the time may go backwards from one start to the next.
    """
    time_ms = 0 if row.day == UNDATED else max(row.started_utc_ms or 0, 0)
    return f"{row.day} {time_ms:014d} {clip_id.boot:09d} {int(clip_id.by_keeper)} {clip_id.number:09d}"


def local_time_of(row: ClipRow) -> str:
    """The local time in the row's name; the beginning of its day if that has none of this day; empty without a day."""
    if row.day == UNDATED:
        return ""
    local = local_time_in_stem(PurePosixPath(row.path).stem)
    return local.isoformat() if local is not None and day_of(local) == row.day else f"{row.day}T00:00:00"


def day_range(day: str) -> tuple[str, str]:
    """The sort keys of a day are from the first (included) to the second (not included)."""
    return f"{day} ", f"{day}!"


def values_of(row: ClipRow) -> tuple[Any, ...]:
    """The row as the parameters of PUT. Raises BadRequest when its id is none."""
    clip_id = ClipId.parse(row.id)
    order = (clip_id.boot, clip_id.by_keeper, clip_id.number, row.lock_cause is not None, local_time_of(row))
    facts = msgspec.structs.asdict(row) | {
        "place": _text_of(row.place),
        "track": track_text(row.track),
        "event": _text_of(row.event),
        "motion": _text_of(row.motion),
    }
    cause, wish = row.event and row.event.cause, row.motion and row.motion.wish
    return (*facts.values(), *order, cause, wish, sort_key_of(row, clip_id))


def track_text(track: TrackSummary | None) -> str | None:
    """A track as it stands in its row, without its line."""
    return None if track is None else _text_of(msgspec.structs.replace(track, line=()))


def line_values(tracks: Iterable[tuple[str, TrackSummary | None]]) -> list[tuple[str, str, str]]:
    """The parameters of PUT_LINE, of clips by id; of those that have a line."""
    return [
        (clip_id, _encoder.encode(track.line).decode(), clip_id)
        for clip_id, track in tracks
        if track is not None and track.line
    ]


def _text_of(value: object | None) -> str | None:
    return None if value is None else _encoder.encode(value).decode()


def rows_of(found: Iterable[Sequence[Any]], *, with_lines: bool = False) -> list[ClipRow]:
    """What a query for ROW gave, or for ROW_AND_LINE."""
    return [_row_of(columns, with_lines) for columns in found]


def _row_of(columns: Sequence[Any], has_line: bool) -> ClipRow:
    facts = dict(zip(COLUMNS, columns, strict=False))
    facts["has_thumbnail"] = bool(facts["has_thumbnail"])
    if facts["place"] is not None:
        facts["place"] = _place_decoder.decode(facts["place"])
    if facts["event"] is not None:
        facts["event"] = _event_decoder.decode(facts["event"])
    if facts["motion"] is not None:
        facts["motion"] = _motion_decoder.decode(facts["motion"])
    if facts["track"] is not None:
        track = _track_decoder.decode(facts["track"])
        line = columns[len(COLUMNS)] if has_line else None
        facts["track"] = msgspec.structs.replace(track, line=_line_decoder.decode(line)) if line else track
    return ClipRow(**facts)


def fact(connection: sqlite3.Connection, name: str) -> int:
    """A number that the catalogue keeps about itself; 0 when it is not there."""
    found = connection.execute("SELECT value FROM facts WHERE name = ?", (name,)).fetchone()
    return int(found[0]) if found else 0
