"""Notices that wait to be sent, and the events that were told already: durable, bounded, shared by threads."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterable
from pathlib import Path
from typing import Literal

import msgspec

from dashcam.clips.clip import ClipId
from dashcam.errors import BadRequest
from dashcam.files import write_durably

log = logging.getLogger(__name__)

Way = Literal["command", "webhook"]
# A weekend of a busy road without a network; beyond it the oldest are of no use any more.
MOST_WAITING = 200
# More than a look at the catalogue sees: what is older is never taken for new.
MOST_TOLD = 500
_LARGEST_BYTES = 4 * 1024 * 1024


class Notice(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be sent."""

    clip_id: str
    content: str
    """JSON."""


class _Book(msgspec.Struct, frozen=True, kw_only=True):
    told: tuple[str, ...] | None = None
    """None: nobody wanted to hear of events until now; those that are there are old."""
    older: tuple[str, ...] = ()
    """The youngest that are not among `told` any more, of the recorder and of the keeper; none older is new."""
    command: tuple[Notice, ...] = ()
    webhook: tuple[Notice, ...] = ()
    dropped: int = 0


class NoticeBox:
    """Thread-safe: a lock guards the book and its file; each change is durable when its method returns."""

    def __init__(self, state: Path) -> None:
        self._path = state / "notices.json"
        self._lock = threading.Lock()
        self._book: _Book | None = None

    @property
    def dropped(self) -> int:
        """How many were given up because too many waited."""
        with self._lock:
            return self._known().dropped

    def new_among(self, clip_ids: Iterable[str]) -> list[str]:
        """Those that nobody was told of; the first time none. Raises OSError of the state."""
        with self._lock:
            book = self._known()
            ids = list(clip_ids)
            if book.told is None:
                self._write(msgspec.structs.replace(book, told=(), older=_youngest(ids)))
                return []
            told, older = set(book.told), [ClipId.parse(clip_id) for clip_id in book.older]
            return [clip_id for clip_id in ids if clip_id not in told and not _is_older(clip_id, older)]

    def add(self, notices: Iterable[Notice], ways: Iterable[Way]) -> None:
        """Told from now on, and waiting for each of the ways. Raises OSError of the state."""
        added, chosen = list(notices), set(ways)
        if not added:
            return
        with self._lock:
            book = _remembered(self._known(), [notice.clip_id for notice in added])
            command = (*book.command, *added) if "command" in chosen else book.command
            webhook = (*book.webhook, *added) if "webhook" in chosen else book.webhook
            dropped = max(len(command) - MOST_WAITING, 0) + max(len(webhook) - MOST_WAITING, 0)
            if dropped:
                log.warning("%d notices of events are given up: too many wait", dropped)
            self._write(
                msgspec.structs.replace(
                    book,
                    command=command[-MOST_WAITING:],
                    webhook=webhook[-MOST_WAITING:],
                    dropped=book.dropped + dropped,
                )
            )

    def first(self, way: Way) -> Notice | None:
        """The oldest that waits."""
        with self._lock:
            waiting: tuple[Notice, ...] = getattr(self._known(), way)
            return waiting[0] if waiting else None

    def done(self, way: Way, notice: Notice) -> None:
        """It need not be sent any more. Raises OSError of the state."""
        with self._lock:
            book = self._known()
            left = tuple(other for other in getattr(book, way) if other != notice)
            self._write(msgspec.structs.replace(book, **{way: left}))

    def forget(self, ways: Iterable[Way]) -> None:
        """Nobody wants to hear of events these ways; once nobody does at all, what happens then is never told."""
        with self._lock:
            book = self._known()
            changed = msgspec.structs.replace(book, **dict.fromkeys(ways, ()))
            if {"command", "webhook"} <= set(ways):
                changed = _Book()
            if changed != book:
                self._write(changed)

    def _known(self) -> _Book:
        if self._book is None:
            self._book = self._read()
        return self._book

    def _write(self, book: _Book) -> None:
        write_durably(self._path, msgspec.json.encode(book) + b"\n")
        self._book = book

    def _read(self) -> _Book:
        try:
            with open(self._path, "rb") as file:
                book = msgspec.json.decode(file.read(_LARGEST_BYTES), type=_Book)
            for clip_id in book.older:
                ClipId.parse(clip_id)
        except FileNotFoundError:
            return _Book()
        except (OSError, msgspec.DecodeError, UnicodeDecodeError, BadRequest) as error:
            log.warning("notices that waited are not known any more: %s", error)
            return _Book()
        return book


def _remembered(book: _Book, clip_ids: list[str]) -> _Book:
    told = list(dict.fromkeys([*(book.told or ()), *clip_ids]))
    older = _youngest([*book.older, *told[:-MOST_TOLD]])
    return msgspec.structs.replace(book, told=tuple(told[-MOST_TOLD:]), older=older)


def _youngest(clip_ids: list[str]) -> tuple[str, ...]:
    """Of the recorder's and of the keeper's."""
    parsed = [ClipId.parse(clip_id) for clip_id in clip_ids]
    kinds = ([one for one in parsed if one.by_keeper], [one for one in parsed if not one.by_keeper])
    return tuple(str(max(of_one, key=_age)) for of_one in kinds if of_one)


def _age(clip_id: ClipId) -> tuple[int, int]:
    """The keeper's numbers go on over all boots, and a cut has the boot of what it was cut from."""
    return (0 if clip_id.by_keeper else clip_id.boot, clip_id.number)


def _is_older(text: str, older: list[ClipId]) -> bool:
    clip_id = ClipId.parse(text)
    return any(other.by_keeper == clip_id.by_keeper and _age(clip_id) <= _age(other) for other in older)
