"""The catalogue as the keeper writes it. What goes wrong with it is cured by building it anew from the files."""

from __future__ import annotations

import logging
import secrets
import sqlite3
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import ClassVar, Literal, NamedTuple, TypeVar

from dashcam.clips.catalogue import CatalogueState
from dashcam.clips.catalogue_questions import Total, totals_in
from dashcam.clips.catalogue_tables import (
    PUT,
    PUT_LINE,
    ROW_AND_LINE,
    SCHEMA,
    SCHEMA_VERSION,
    catalogue_path,
    day_range,
    fact,
    line_values,
    make_empty,
    rows_of,
    track_text,
    values_of,
)
from dashcam.clips.clip import ClipId, ClipKind
from dashcam.clips.retention import Candidate
from dashcam.clips.row import ClipRow
from dashcam.clips.track_summary import TrackSummary
from dashcam.clock import ClockSource
from dashcam.errors import DashcamError
from dashcam.files import make_folders

log = logging.getLogger(__name__)

T = TypeVar("T")

# SQLite before 3.32 takes 999.
_MOST_PARAMETERS = 900
# No file was changed then.
_NEVER_NS = -(2**63)
# Of what the keeper made: the rest was dropped in by people.
_IS_CUT = "integrity != 'adopted'"


class CatalogueLost(DashcamError):
    """The catalogue was deleted or is damaged; open it again and fill it from the files."""

    code: ClassVar[str] = "catalogue_lost"


class Trackless(NamedTuple):
    """A clip whose track has not been looked for."""

    id: ClipId
    path: str
    duration_seconds: float


class CatalogueWriter:
    """Used by one thread at a time. Every method raises CatalogueLost when the file is gone or damaged."""

    def __init__(self, state: Path) -> None:
        self._path = catalogue_path(state)
        self._opened: sqlite3.Connection | None = None
        self._identity = (0, 0)

    def open(self) -> None:
        """Opens the catalogue; one that is missing, damaged or of another version is made anew, empty.

        Raises OSError or sqlite3.Error when the state cannot be written.
        """
        self.close()
        make_folders(self._path.parent)
        try:
            self._opened = self._open_whole()
        except (sqlite3.DatabaseError, CatalogueLost) as error:
            if self._path.exists():
                log.warning("the list of clips is built anew: %s", error)
            self._opened = self._make()
        facts = self._path.stat()
        self._identity = (facts.st_dev, facts.st_ino)

    def close(self) -> None:
        """May be called twice."""
        if self._opened is not None:
            self._opened.close()
            self._opened = None

    def check(self) -> None:
        """Raises CatalogueLost when the file under the open connection was deleted or replaced."""
        try:
            facts = self._path.stat()
        except OSError as error:
            raise CatalogueLost(f"{self._path} is gone; it is built anew") from error
        if self._opened is None or self._identity != (facts.st_dev, facts.st_ino):
            raise CatalogueLost(f"{self._path} was replaced; it is built anew")

    @property
    def is_complete(self) -> bool:
        """False until a whole walk over the card has filled it."""
        return self.ask(lambda found: bool(fact(found, "is_complete")))

    def state(self) -> CatalogueState:
        """What readers are told."""
        return self.ask(lambda found: CatalogueState(fact(found, "generation"), not fact(found, "is_complete")))

    def mark_complete(self, is_complete: bool) -> None:
        """Whether it now holds all that lies on the card."""
        if is_complete != self.is_complete:
            with self._changing() as change:
                change.execute("INSERT OR REPLACE INTO facts VALUES ('is_complete', ?)", (int(is_complete),))

    def change(self, put: Iterable[ClipRow] = (), remove: Collection[str] = ()) -> None:
        """Forgets clips, then adds rows, replacing those with the same id or path: at once, or not at all."""
        rows = list(put)
        values = [values_of(row) for row in rows]
        if not values and not remove:
            return
        with self._changing() as change:
            change.executemany("DELETE FROM clips WHERE id = ?", [(clip_id,) for clip_id in remove])
            change.executemany(PUT, values)
            change.executemany(PUT_LINE, line_values((row.id, row.track) for row in rows))
            change.executemany("DELETE FROM hopeless WHERE id = ?", [(columns[0],) for columns in values])

    def put(self, rows: Iterable[ClipRow]) -> None:
        """Adds or replaces rows."""
        self.change(put=rows)

    def remove(self, clip_ids: Collection[str]) -> None:
        """Forgets clips; ids that are not there do not matter."""
        self.change(remove=clip_ids)

    def get(self, clip_id: str) -> ClipRow | None:
        """The row of an id, if there is one."""
        rows = self._rows("WHERE id = ?", clip_id)
        return rows[0] if rows else None

    def doubt(self, clip_id: str) -> None:
        """Before a sidecar is changed in its place: after a power cut the file is read anew, whatever its date says.

        Durable when it returns.
        """
        with self._asking() as found:
            found.execute("PRAGMA synchronous = FULL")
        try:
            with self._changing() as change:
                change.execute("UPDATE clips SET modified_ns = ? WHERE id = ?", (_NEVER_NS, clip_id))
        finally:
            with self._asking() as found:
                found.execute("PRAGMA synchronous = NORMAL")

    def paths_of(self, clip_ids: Sequence[str]) -> dict[str, str]:
        """Where clips lie, of those that are known: many at once."""
        known: dict[str, str] = {}
        with self._asking() as found:
            for start in range(0, len(clip_ids), _MOST_PARAMETERS):
                some = clip_ids[start : start + _MOST_PARAMETERS]
                marks = ", ".join("?" * len(some))
                known.update(found.execute(f"SELECT id, path FROM clips WHERE id IN ({marks})", some))  # noqa: S608
        return known

    def rows_in(self, kind: ClipKind, day: str) -> list[ClipRow]:
        """What it believes to lie in one day folder."""
        return self._rows(
            "WHERE kind = ? AND is_locked IN (0, 1) AND sort_key >= ? AND sort_key < ?", kind, *day_range(day)
        )

    def folders(self) -> list[tuple[ClipKind, str]]:
        """Kind and day of every folder that it knows clips in."""
        return self.ask(lambda found: list(found.execute("SELECT DISTINCT kind, day FROM days")))

    def totals(self) -> dict[ClipKind, Total]:
        """What there is, by kind."""
        return self.ask(totals_in)

    def oldest_unlocked(self, kind: ClipKind, limit: int) -> list[Candidate]:
        """The first that retention may take, oldest first."""
        return self._oldest(kind, "NULL", limit)

    def oldest_saved(self, limit: int) -> list[Candidate]:
        """The first that are locked in EVENT, oldest first."""
        return self._oldest("event", "NOT NULL", limit)

    def _oldest(self, kind: ClipKind, lock: Literal["NULL", "NOT NULL"], limit: int) -> list[Candidate]:
        sql = (
            f"SELECT boot, by_keeper, number, path, bytes FROM clips WHERE kind = ? AND lock_cause IS {lock} "  # noqa: S608
            "ORDER BY boot, by_keeper, number LIMIT ?"
        )
        with self._asking() as found:
            return [
                Candidate(ClipId(boot, bool(by_keeper), number), kind, path, size, lock != "NULL")
                for boot, by_keeper, number, path, size in found.execute(sql, (kind, limit))
            ]

    def newest_sizes(self, limit: int) -> list[int]:
        """Bytes of the newest loop clips that the recorder made."""
        sql = (
            "SELECT bytes FROM clips WHERE kind = 'loop' AND lock_cause IS NULL AND by_keeper = 0 "
            "ORDER BY boot DESC, number DESC LIMIT ?"
        )
        return self.ask(lambda found: [size for (size,) in found.execute(sql, (limit,))])

    def next_without_thumbnail(self) -> ClipRow | None:
        """The newest clip or photo that lacks a picture and may yet get one."""
        rows = self._rows(
            "WHERE has_thumbnail = 0 AND id NOT IN (SELECT id FROM hopeless) ORDER BY sort_key DESC LIMIT 1"
        )
        return rows[0] if rows else None

    def give_up_thumbnail(self, clip_id: str, *, for_good: bool) -> None:
        """No picture can be made of it; remembered until its row is put again, or else until the next `open()`."""
        with self._changing() as change:
            change.execute("INSERT OR REPLACE INTO hopeless VALUES (?, ?)", (clip_id, for_good))

    def next_without_track(self, limit: int) -> list[Trackless]:
        """The newest recordings whose track has not been looked for; not of photos and of what was adopted."""
        # Left to choose, SQLite steps through all that the recorder made.
        columns = "SELECT boot, by_keeper, number, path, duration_seconds FROM clips INDEXED BY clips_without_track"
        wanted = f"track IS NULL AND kind != 'photo' AND (by_keeper = 0 OR {_IS_CUT})"
        with self._asking() as found:
            rows = found.execute(f"{columns} WHERE {wanted} ORDER BY boot DESC, number DESC LIMIT ?", (limit,))
            return [
                Trackless(ClipId(boot, bool(by_keeper), number), path, seconds)
                for boot, by_keeper, number, path, seconds in rows
            ]

    def put_tracks(self, tracks: Mapping[str, TrackSummary]) -> None:
        """What was found, by id; the rest of the rows stays as it is."""
        values = [(track_text(track), clip_id) for clip_id, track in tracks.items()]
        with self._changing() as change:
            change.executemany("UPDATE clips SET track = ? WHERE id = ?", values)
            change.executemany("DELETE FROM lines WHERE id = ?", [(clip_id,) for clip_id in tracks])
            change.executemany(PUT_LINE, line_values(tracks.items()))

    def clocks(self) -> set[tuple[int, ClockSource]]:
        """Each boot and where the times of its recordings come from, cuts of them included."""
        sql = "SELECT DISTINCT boot, clock_source FROM clips WHERE by_keeper = {} AND {}"
        with self._asking() as found:
            asked = [sql.format(0, "true"), sql.format(1, _IS_CUT)]
            return {clock for question in asked for clock in found.execute(question)}

    def timed_by(self, boot: int, source: ClockSource) -> list[ClipRow]:
        """The recordings of a boot whose time comes from `source`, and cuts of them."""
        recorded = self._rows("WHERE by_keeper = 0 AND boot = ? AND clock_source = ?", boot, source)
        return recorded + self._rows(
            f"WHERE by_keeper = 1 AND {_IS_CUT} AND boot = ? AND clock_source = ?", boot, source
        )

    def recordings(self, boot: int, least: int, below: int) -> list[ClipRow]:
        """The clips that the recorder made, by their numbers, in the order of these."""
        wanted = "by_keeper = 0 AND boot = ? AND number >= ? AND number < ? AND kind != 'photo'"
        return self._rows(f"WHERE {wanted} ORDER BY number", boot, least, below)

    def highest_number(self, boot: int) -> int:
        """The newest of what the recorder made in a boot; 0 when there is nothing."""
        with self._asking() as found:
            sql = "SELECT ifnull(max(number), 0) FROM clips WHERE by_keeper = 0 AND boot = ?"
            return int(found.execute(sql, (boot,)).fetchone()[0])

    def highest_boot(self) -> int:
        """The newest boot number in it; 0 when it is empty."""
        sql = "SELECT ifnull(max(boot), 0) FROM clips WHERE by_keeper = ?"
        return self.ask(lambda found: max(int(found.execute(sql, (which,)).fetchone()[0]) for which in (0, 1)))

    def highest_keeper_number(self) -> int:
        """The highest number of what the keeper made or adopted."""
        sql = "SELECT ifnull(max(number), 0) FROM clips WHERE by_keeper = 1"
        return self.ask(lambda found: int(found.execute(sql).fetchone()[0]))

    def ask(self, question: Callable[[sqlite3.Connection], T]) -> T:
        """Answers a question that changes nothing."""
        with self._asking() as found:
            return question(found)

    def _rows(self, condition: str, *parameters: object) -> list[ClipRow]:
        with self._asking() as found:
            sql = f"SELECT {ROW_AND_LINE} FROM clips {condition}"  # noqa: S608
            return rows_of(found.execute(sql, parameters), with_lines=True)

    @contextmanager
    def _asking(self) -> Iterator[sqlite3.Connection]:
        if self._opened is None:
            raise CatalogueLost(f"{self._path} is not open")
        try:
            yield self._opened
        except sqlite3.Error as error:
            raise CatalogueLost(f"{self._path}: {error}; it is built anew") from error

    @contextmanager
    def _changing(self) -> Iterator[sqlite3.Connection]:
        """One transaction; readers see all of it or nothing."""
        self.check()
        with self._asking() as connection:
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                connection.execute("UPDATE facts SET value = value + 1 WHERE name = 'generation'")
                connection.execute("COMMIT")
            except BaseException:
                # SQLite has rolled back by itself when the disk was full.
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise

    def _connect(self) -> sqlite3.Connection:
        # The session's thread opens it, its worker uses it: one at a time.
        connection = sqlite3.connect(self._path, isolation_level=None, check_same_thread=False)
        connection.execute("PRAGMA journal_mode = WAL")
        # A power cut may cost the last changes, never the file: sidecars have the last word before anything is deleted.
        connection.execute("PRAGMA synchronous = NORMAL")
        # REPLACE must fire the triggers of what it replaces.
        connection.execute("PRAGMA recursive_triggers = ON")
        # In KiB. SQLite's own two megabytes are much of what the keeper may hold, and nothing is faster by them here.
        connection.execute("PRAGMA cache_size = -512")
        return connection

    def _open_whole(self) -> sqlite3.Connection:
        if not self._path.exists():
            raise CatalogueLost("there is none yet")
        connection = self._connect()
        try:
            if connection.execute("PRAGMA user_version").fetchone()[0] != SCHEMA_VERSION:
                raise CatalogueLost("it is of another version")
            if connection.execute("PRAGMA quick_check(1)").fetchone()[0] != "ok":
                raise CatalogueLost("it is damaged")
            connection.execute("DELETE FROM hopeless WHERE for_good = 0")
        except BaseException:
            connection.close()
            raise
        return connection

    def _make(self) -> sqlite3.Connection:
        make_empty(self._path)
        connection = self._connect()
        connection.executescript(f"BEGIN; {SCHEMA}")
        # Another start than that of the catalogue before, so that pages see a change.
        facts = [("generation", secrets.randbits(40) + 1), ("is_complete", 0)]
        connection.executemany("INSERT INTO facts VALUES (?, ?)", facts)
        connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
        connection.execute("COMMIT")
        return connection
