"""The catalogue as it is read: an index over the clips for the gallery, written by the keeper alone.

Files are the truth. The catalogue may be missing, half built, of another version or replaced at any moment; whoever
reads it is told so and asks again.
"""

from __future__ import annotations

import os
import re
import sqlite3
import threading
from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, TypeVar
from urllib.parse import quote

from dashcam.clips.catalogue_tables import KINDS, ROW, SCHEMA_VERSION, catalogue_path, day_range, fact, rows_of
from dashcam.clips.clip import ClipId, ClipKind
from dashcam.clips.row import ClipRow, DayCount
from dashcam.errors import BadRequest, ClipNotFound, DashcamError

T = TypeVar("T")

MAX_PAGE_ROWS = 500
_CURSOR = re.compile(r"[0-9a-z -]{1,80}")


class CatalogueNotReady(DashcamError):
    """There is no catalogue yet: the keeper is starting or builds it anew from the files."""

    code: ClassVar[str] = "catalogue_not_ready"


@dataclass(frozen=True, slots=True)
class CatalogueState:
    """`generation` is another number whenever anything was changed; `is_building`: the list is not complete yet."""

    generation: int
    is_building: bool


@dataclass(frozen=True, slots=True)
class Page:
    """Rows, newest first, and what to ask `before` for the next ones; None: these are the last."""

    rows: tuple[ClipRow, ...]
    before: str | None


@dataclass(frozen=True, slots=True)
class Total:
    """What there is of one kind."""

    clips: int = 0
    bytes: int = 0


class CatalogueReader:
    """Asks the catalogue of a state folder. Thread-safe: a lock guards the connection for the length of a query."""

    def __init__(self, state: Path) -> None:
        self._path = catalogue_path(state)
        self._lock = threading.Lock()
        self._connection: sqlite3.Connection | None = None
        self._identity: tuple[int, int] | None = None

    def state(self) -> CatalogueState:
        """Never raises: a catalogue that is not there is being built."""
        try:
            return self._ask(lambda found: CatalogueState(fact(found, "generation"), not fact(found, "is_complete")))
        except CatalogueNotReady:
            return CatalogueState(0, True)

    def days(self, kinds: Collection[ClipKind] = KINDS) -> list[DayCount]:
        """The days that have something of `kinds`, newest first, `undated` before all. Raises CatalogueNotReady."""
        return self._ask(lambda found: _days(found, kinds))

    def page(
        self,
        day: str | None = None,
        *,
        kinds: Collection[ClipKind] = KINDS,
        locked: bool | None = None,
        before: str | None = None,
        limit: int = 60,
    ) -> Page:
        """At most `limit` rows of a day (None: of all), newest first, below the place `before` of an earlier page.

        A page stays where it is while clips come and go. Raises CatalogueNotReady, or BadRequest for a bad `before`.
        """
        if before is not None and _CURSOR.fullmatch(before) is None:
            raise BadRequest("before: take it from the page before, as it was given")
        wanted = max(1, min(limit, MAX_PAGE_ROWS))
        return self._ask(lambda found: _page(found, day, kinds, locked, before, wanted))

    def get(self, clip_id: str) -> ClipRow:
        """Raises ClipNotFound, CatalogueNotReady, or BadRequest for what is no id."""
        ClipId.parse(clip_id)
        rows = self._ask(
            lambda found: rows_of(found.execute(f"SELECT {ROW} FROM clips WHERE id = ?", (clip_id,)))  # noqa: S608
        )
        if not rows:
            raise ClipNotFound(f"There is no clip {clip_id}; it may have been deleted.")
        return rows[0]

    def totals(self) -> dict[ClipKind, Total]:
        """What there is, by kind. Raises CatalogueNotReady."""
        return self._ask(totals_in)

    def close(self) -> None:
        """Lets go of the file; the next question opens it again. May be called twice."""
        with self._lock:
            self._close()

    def _ask(self, question: Callable[[sqlite3.Connection], T]) -> T:
        with self._lock:
            for attempt in (1, 2):
                try:
                    return question(self._connected())
                except (sqlite3.Error, OSError) as error:
                    # The first failure may be a file that was replaced between two questions.
                    self._close()
                    if attempt == 2:
                        raise CatalogueNotReady("The list of clips is being built; try again in a moment.") from error
        raise AssertionError

    def _connected(self) -> sqlite3.Connection:
        facts = self._path.stat()
        identity = (facts.st_dev, facts.st_ino)
        if self._connection is not None and identity == self._identity:
            return self._connection
        self._close()
        connection = _open_read_only(self._path)
        if connection.execute("PRAGMA user_version").fetchone()[0] != SCHEMA_VERSION:
            connection.close()
            raise sqlite3.DatabaseError("of another version")
        self._connection, self._identity = connection, identity
        return connection

    def _close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def _open_read_only(path: Path) -> sqlite3.Connection:
    # On a read-only card SQLite cannot make the files it shares with a writer, and there is no writer either.
    is_frozen = bool(os.statvfs(path).f_flag & os.ST_RDONLY)
    options = "mode=ro&immutable=1" if is_frozen else "mode=ro"
    return sqlite3.connect(
        f"file:{quote(os.fsencode(path.resolve()))}?{options}",
        uri=True,
        isolation_level=None,
        check_same_thread=False,
    )


def totals_in(connection: sqlite3.Connection) -> dict[ClipKind, Total]:
    """The totals of an open catalogue; every kind is in it."""
    found = connection.execute("SELECT kind, sum(clips), sum(bytes) FROM days GROUP BY kind")
    known = {kind: Total(clips, size) for kind, clips, size in found}
    return {kind: known.get(kind, Total()) for kind in KINDS}


def _days(connection: sqlite3.Connection, kinds: Collection[ClipKind]) -> list[DayCount]:
    days: dict[str, dict[str, Total]] = {}
    for day, kind, clips, size in connection.execute("SELECT day, kind, clips, bytes FROM days ORDER BY day DESC"):
        if kind in kinds:
            days.setdefault(day, {})[kind] = Total(clips, size)
    return [
        DayCount(
            day=day,
            loops=found.get("loop", Total()).clips,
            events=found.get("event", Total()).clips,
            photos=found.get("photo", Total()).clips,
            bytes=sum(total.bytes for total in found.values()),
        )
        for day, found in days.items()
    ]


def _page(
    connection: sqlite3.Connection,
    day: str | None,
    kinds: Collection[ClipKind],
    locked: bool | None,
    before: str | None,
    limit: int,
) -> Page:
    """One descent into the index a kind, so that a rare kind among many costs nothing."""
    conditions, parameters = ["kind = ?"], [""]
    if day is not None:
        conditions += ["sort_key >= ?", "sort_key < ?"]
        parameters += day_range(day)
    if before is not None:
        conditions.append("sort_key < ?")
        parameters.append(before)
    if locked is not None:
        conditions.append("lock_cause IS NOT NULL" if locked else "lock_cause IS NULL")
    sql = (
        f"SELECT {ROW}, sort_key FROM clips WHERE {' AND '.join(conditions)} "  # noqa: S608 names are ours
        f"ORDER BY sort_key DESC LIMIT {limit + 1}"
    )
    found = [columns for kind in set(kinds) for columns in connection.execute(sql, (kind, *parameters[1:]))]
    found.sort(key=lambda columns: columns[-1], reverse=True)
    has_more = len(found) > limit
    return Page(tuple(rows_of(found[:limit])), found[limit - 1][-1] if has_more else None)
