"""The catalogue as it is read: an index over the clips for the gallery, written by the keeper alone.

Files are the truth. The catalogue may be missing, half built, of another version or replaced at any moment; whoever
reads it is told so and asks again.
"""

from __future__ import annotations

import os
import re
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, TypeVar
from urllib.parse import quote

from dashcam.clips.catalogue_order import newest_id_in
from dashcam.clips.catalogue_questions import (
    EVERYTHING,
    Neighbours,
    Page,
    Total,
    Wanted,
    days_in,
    locked_total_in,
    neighbours_in,
    page_in,
    totals_in,
)
from dashcam.clips.catalogue_tables import ROW_AND_LINE, SCHEMA_VERSION, catalogue_path, fact, rows_of
from dashcam.clips.clip import ClipId, ClipKind
from dashcam.clips.row import ClipRow, DayCount
from dashcam.errors import BadRequest, ClipNotFound, DashcamError

T = TypeVar("T")

MAX_PAGE_ROWS = 500
# Of rows that are gone through one by one: with their lines they are a few megabytes at a time.
_STEP_ROWS = 200
# A quarter of SQLite's own habit: the system keeps the file in memory that it can take back.
_CACHE_KILOBYTES = 500
_CURSOR = re.compile(r"[0-9a-z -]{1,80}")


class CatalogueNotReady(DashcamError):
    """There is no catalogue yet: the keeper is starting or builds it anew from the files."""

    code: ClassVar[str] = "catalogue_not_ready"


@dataclass(frozen=True, slots=True)
class CatalogueState:
    """`generation` is another number whenever anything was changed; `is_building`: the list is not complete yet."""

    generation: int
    is_building: bool


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

    def days(self, wanted: Wanted = EVERYTHING) -> list[DayCount]:
        """The days that have something of what is wanted, newest first; `undated` where its newest recording belongs.

        Raises CatalogueNotReady.
        """
        return self._ask(lambda found: days_in(found, wanted))

    def page(
        self, wanted: Wanted = EVERYTHING, *, before: str | None = None, limit: int = 60, with_lines: bool = False
    ) -> Page:
        """At most `limit` rows, newest first, below the place `before` of an earlier page.

        Without the lines of their tracks, unless a map is to be drawn of them. A page stays where it is while clips
        come and go. Raises CatalogueNotReady, or BadRequest for a bad `before`.
        """
        if before is not None and _CURSOR.fullmatch(before) is None:
            raise BadRequest("before: take it from the page before, as it was given")
        most = max(1, min(limit, MAX_PAGE_ROWS))
        return self._ask(lambda found: page_in(found, wanted, before, most, with_lines=with_lines))

    def each(self, wanted: Wanted, *, with_lines: bool = False) -> Iterator[ClipRow]:
        """All of what is wanted, newest first, a few held at a time. Raises CatalogueNotReady."""
        before: str | None = None
        while True:
            page = self.page(wanted, before=before, limit=_STEP_ROWS, with_lines=with_lines)
            yield from page.rows
            before = page.before
            if before is None:
                return

    def neighbours(self, clip_id: str, wanted: Wanted = EVERYTHING) -> Neighbours:
        """The next older and newer clip of what is wanted. Raises as `get` does."""
        ClipId.parse(clip_id)
        found = self._ask(lambda catalogue: neighbours_in(catalogue, wanted, clip_id))
        if found is None:
            raise ClipNotFound(f"There is no clip {clip_id}; it may have been deleted.")
        return found

    def get(self, clip_id: str) -> ClipRow:
        """Raises ClipNotFound, CatalogueNotReady, or BadRequest for what is no id."""
        ClipId.parse(clip_id)
        rows = self._ask(
            lambda found: rows_of(
                found.execute(f"SELECT {ROW_AND_LINE} FROM clips WHERE id = ?", (clip_id,)),  # noqa: S608
                with_lines=True,
            )
        )
        if not rows:
            raise ClipNotFound(f"There is no clip {clip_id}; it may have been deleted.")
        return rows[0]

    def newest(self) -> ClipRow | None:
        """The recording that was made last, whatever its name says; of none the first of the list.

        Raises CatalogueNotReady.
        """
        newest_id = self._ask(newest_id_in)
        if newest_id is not None:
            with suppress(ClipNotFound):  # deleted in this moment
                return self.get(newest_id)
        return next(iter(self.page(limit=1).rows), None)

    def totals(self) -> dict[ClipKind, Total]:
        """What there is, by kind. Raises CatalogueNotReady."""
        return self._ask(totals_in)

    def locked_total(self) -> Total:
        """What is locked, of all kinds. Raises CatalogueNotReady."""
        return self._ask(locked_total_in)

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
    connection = sqlite3.connect(
        f"file:{quote(os.fsencode(path.resolve()))}?{options}",
        uri=True,
        isolation_level=None,
        check_same_thread=False,
    )
    connection.execute(f"PRAGMA cache_size = -{_CACHE_KILOBYTES}")
    return connection
