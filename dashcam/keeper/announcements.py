"""Tells people which saved clips have to go, before any of them does.

A clip is announced when EVENT is full and nothing unsaved is left in it. It may go when a person has had the
announcement before the eyes and had time since then to fetch or free it: see `is_due`. What makes room meanwhile
withdraws it. All of it is durable: a dashcam in a car runs an hour a day.
"""

from __future__ import annotations

import logging
import secrets
import time
from collections.abc import Callable, Collection, Sequence
from datetime import timedelta
from pathlib import Path, PurePosixPath
from zoneinfo import ZoneInfo

import msgspec

from dashcam.clips.names import local_time_in_stem
from dashcam.clips.row import ClipRow
from dashcam.clips.sidecar import LockCause
from dashcam.clock import NANOSECONDS, local_time
from dashcam.files import write_durably
from dashcam.link.status import Announcement
from dashcam.settings import readable

log = logging.getLogger(__name__)

_DAY_SECONDS = 86_400.0
# Whatever the clocks say: a phone with a wrong date may have set them, and the page must have been there for a while.
LEAST_RUNNING_SECONDS = 3600.0
# Where the time is never known: about three days of a car that is driven twice a day, with stops.
LATER_STARTS, WITHOUT_CLOCK_RUNNING_SECONDS = 3, 3 * 3600.0
# So many are told at once: a list of hundreds is seen by nobody.
MOST_ANNOUNCED = 20
# Room that comes and goes withdraws nothing.
_QUIET_SECONDS = 600.0
# A power cut costs so much of the running time that counts: then a clip goes later.
_NOTE_SECONDS = 300.0
_LARGEST_BYTES = 1024 * 1024

_CAUSES: dict[LockCause, str] = {
    "button": "saved with the button",
    "api": "saved by another program",
    "hand": "locked by hand",
    "motion": "locked for motion",
    "impact": "saved for an impact",
}


class Moment(msgspec.Struct, frozen=True, kw_only=True):
    """When something was, in terms that a machine without a clock has, too."""

    ran_seconds: float
    """For how long the keeper had run by then, all its starts together."""
    starts: int
    """How often the machine had been started."""
    utc_ns: int | None
    """None: no clock was trusted."""


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """A clip that was announced."""

    id: str
    """Another one whenever a clip is announced anew: who has seen the old one has not seen this."""
    clip_id: str
    what: str
    """For people: which clip it is."""
    seen: Moment | None = None


class Book(msgspec.Struct, frozen=True, kw_only=True):
    """What is kept in the state."""

    kernel: str = ""
    starts: int = 0
    ran_seconds: float = 0.0
    entries: tuple[Entry, ...] = ()


def is_due(seen: Moment, now: Moment) -> bool:
    """Whether people have had their time: a day by trusted clocks or of running, or three later starts of the machine.

    A day by the clock is what people understand, and a car that is driven an hour a day would otherwise keep a full
    EVENT for a month. Without a trusted clock starts count, which nobody makes three of with hours of driving between
    them in less than a day or two. In no case less than an hour of running.
    """
    ran = now.ran_seconds - seen.ran_seconds
    is_a_day = (
        seen.utc_ns is not None and now.utc_ns is not None and now.utc_ns - seen.utc_ns >= _DAY_SECONDS * NANOSECONDS
    )
    is_started_often = now.starts - seen.starts >= LATER_STARTS and ran >= WITHOUT_CLOCK_RUNNING_SECONDS
    return ran >= _DAY_SECONDS or is_started_often or (is_a_day and ran >= LEAST_RUNNING_SECONDS)


class Announcements:
    """Used by the keeper's one working thread; `statuses` by any."""

    def __init__(
        self,
        state: Path,
        zone: ZoneInfo | None,
        *,
        utc_ns: Callable[[], int | None],
        kernel: str,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """`utc_ns` is None while no clock is trusted; `kernel` names this start of the machine."""
        self._path = state / "announcements.json"
        self._zone = zone
        self._utc_ns = utc_ns
        self._kernel = kernel
        self._monotonic = monotonic
        self._book: Book | None = None
        self._counted_at = monotonic()
        self._noted_at = self._counted_at
        # When a clip was last one of those that have to go.
        self._needed_at: dict[str, float] = {}
        self._needed: frozenset[str] = frozenset()
        self._statuses: tuple[Announcement, ...] = ()

    def take_zone(self, zone: ZoneInfo | None) -> None:
        """The time zone from now on."""
        self._zone = zone

    def statuses(self) -> tuple[Announcement, ...]:
        """What people are to see now. Thread-safe."""
        return self._statuses

    def released(self) -> frozenset[str]:
        """The clips that may go. Raises OSError when the state cannot be written."""
        book, now = self._count(), self._now()
        return frozenset(entry.clip_id for entry in book.entries if entry.seen is not None and is_due(entry.seen, now))

    def need(self, rows: Sequence[ClipRow], going: Collection[str] = ()) -> None:
        """The saved clips that have to go now, oldest first; what is not among them is withdrawn after a while.

        `going`: those that were released and are being deleted. Raises OSError when the state cannot be written.
        """
        book, now = self._count(), self._monotonic()
        wanted = {row.id: row for row in rows[:MOST_ANNOUNCED]}
        self._needed = frozenset(wanted)
        self._needed_at |= dict.fromkeys([*wanted, *going], now)
        known = {entry.clip_id for entry in book.entries}
        kept = [
            entry for entry in book.entries if now - self._needed_at.setdefault(entry.clip_id, now) < _QUIET_SECONDS
        ]
        new = [_entry_of(row) for clip_id, row in wanted.items() if clip_id not in known]
        for entry in new:
            log.warning("EVENT is full of saved clips: %s has to go; announced on the page", entry.clip_id)
        self._keep((*kept, *new))

    def saw(self, ids: Collection[str]) -> None:
        """A person has these before the eyes. Raises OSError when that cannot be kept."""
        book, now = self._count(), self._now()
        self._keep(
            tuple(
                msgspec.structs.replace(entry, seen=now) if entry.id in ids and entry.seen is None else entry
                for entry in book.entries
            )
        )

    def withdraw(self, clip_ids: Collection[str]) -> None:
        """These were unlocked or deleted: locked again they are announced anew."""
        self._keep(tuple(entry for entry in self._count().entries if entry.clip_id not in clip_ids))

    def _count(self) -> Book:
        """The book, with the running time until now."""
        now = self._monotonic()
        if self._book is None:
            book = self._read()
            starts = book.starts + (book.kernel != self._kernel)
            self._book = msgspec.structs.replace(book, kernel=self._kernel, starts=starts)
            self._counted_at = now
        ran_seconds = self._book.ran_seconds + now - self._counted_at
        self._book, self._counted_at = msgspec.structs.replace(self._book, ran_seconds=ran_seconds), now
        if self._book.entries and now - self._noted_at >= _NOTE_SECONDS:
            self._write()
        return self._book

    def _keep(self, entries: tuple[Entry, ...]) -> None:
        assert self._book is not None
        if entries != self._book.entries:
            before, self._book = self._book, msgspec.structs.replace(self._book, entries=entries)
            try:
                self._write()
            except OSError:
                self._book = before
                raise
        remembered = {entry.clip_id for entry in entries}
        self._needed_at = {clip_id: at for clip_id, at in self._needed_at.items() if clip_id in remembered}
        self._statuses = tuple(self._status(entry) for entry in entries if entry.clip_id in self._needed)

    def _status(self, entry: Entry) -> Announcement:
        cure = "Download it, or unlock or delete others, or give events more room in the settings, and it stays."
        when = "It goes a day after this was read" if entry.seen is None else f"It goes {self._due(entry.seen)}"
        words = f"{entry.what} has to go: saved clips have no more room. {when}. {cure}"
        return Announcement(id=entry.id, clip_id=entry.clip_id, words=words, is_seen=entry.seen is not None)

    def _due(self, seen: Moment) -> str:
        if seen.utc_ns is None:
            return "when the dashcam has been started a few more times"
        due = local_time(seen.utc_ns, self._zone) + timedelta(seconds=_DAY_SECONDS)
        return f"from {due:%Y-%m-%d %H:%M} on"

    def _now(self) -> Moment:
        assert self._book is not None
        return Moment(ran_seconds=self._book.ran_seconds, starts=self._book.starts, utc_ns=self._utc_ns())

    def _read(self) -> Book:
        """Empty when it is damaged: then all is announced anew."""
        try:
            with open(self._path, "rb") as file:
                return msgspec.json.decode(file.read(_LARGEST_BYTES), type=Book)
        except FileNotFoundError:
            return Book()
        except (OSError, msgspec.DecodeError, UnicodeDecodeError) as error:
            log.warning("what was announced is not known any more (%s); it is announced anew", error)
            return Book()

    def _write(self) -> None:
        write_durably(self._path, msgspec.json.encode(self._book) + b"\n")
        self._noted_at = self._monotonic()


def _entry_of(row: ClipRow) -> Entry:
    local = local_time_in_stem(PurePosixPath(row.path).stem)
    name = f"The clip of {local:%Y-%m-%d %H:%M}" if local is not None else f"The clip {PurePosixPath(row.path).name}"
    cause = f"{_CAUSES[row.lock_cause]}, " if row.lock_cause is not None else ""
    what = f"{name} ({cause}{readable(row.bytes)})"
    return Entry(id=f"{row.id}-{secrets.token_hex(4)}", clip_id=row.id, what=what)
