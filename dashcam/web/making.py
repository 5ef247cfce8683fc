"""Answers that are made while they are sent: however long they are, little of them is in memory at any time."""

from __future__ import annotations

import errno
import threading
import zlib
from collections.abc import Callable, Iterable, Iterator

from bottle import HTTPResponse

from dashcam.clips.catalogue import CatalogueNotReady, CatalogueReader
from dashcam.clips.catalogue_questions import Wanted
from dashcam.clips.clip import ClipId
from dashcam.clips.row import ClipRow
from dashcam.errors import ClipNotFound
from dashcam.web.clip_files import ClipFiles
from dashcam.web.fair_share import asking_address

# As many rows as are in hand when a day is gone through; those of a list, without lines.
_PAGE_ROWS = 50
_BLOCK_BYTES = 16 * 1024
# A long list shrinks to a third; more thorough costs a small board more time than the radio saves.
_PACKING = 4
# A gzip file, of a window of 8 kB: the usual one would take four times the memory for a few hundredths.
_WINDOW, _EFFORT = 16 + 13, 6


class Making:
    """Makes one block at a time of all such answers, and counts them among the downloads, which are only so many."""

    def __init__(self, files: ClipFiles, stop: threading.Event) -> None:
        self._files = files
        self._stop = stop
        self._guard = threading.Lock()  # held by whoever makes a block

    def reply(
        self, make: Callable[[], Iterable[bytes]], headers: dict[str, str], *, is_packed: bool = False
    ) -> HTTPResponse:
        """What `make` begins at once goes on while it is sent; `is_packed`: as gzip. Its length nobody knows before.

        Raises TooManyViewers, and what `make` raises.
        """
        release = self._files.take_place(asking_address())
        try:
            with self._guard:
                pieces = make()
            body = MadeBody(_packed(pieces) if is_packed else pieces, self._guard, self._stop, release)
        except BaseException:
            release()
            raise
        if is_packed:
            headers = {**headers, "Content-Encoding": "gzip", "Vary": "Accept-Encoding"}
        # Bottle closes the body of a HEAD, and would call an empty one of length 0.
        return HTTPResponse(body, 200, headers)


class MadeBody:
    """A body whose length nobody knows before; ends early when the dashcam ends, or the catalogue is lost."""

    def __init__(
        self, pieces: Iterable[bytes], guard: threading.Lock, stop: threading.Event, release: Callable[[], None]
    ) -> None:
        self._blocks = _blocks_of(pieces)
        self._guard = guard
        self._stop = stop
        self._release = release

    def __iter__(self) -> MadeBody:
        return self

    def __next__(self) -> bytes:
        with self._guard:
            if self._stop.is_set():
                raise ConnectionAbortedError(errno.ECONNABORTED, "the dashcam ends")
            try:
                return next(self._blocks)
            except CatalogueNotReady as error:
                raise ConnectionAbortedError(errno.ECONNABORTED, str(error)) from error

    def close(self) -> None:
        """Gives the place back. May be called twice."""
        self._blocks = iter(())
        self._release()


def ids_of_day(catalogue: CatalogueReader, wanted: Wanted, is_wanted: Callable[[ClipRow], bool]) -> list[str]:
    """In the order in which they were made, whatever the clock said. Raises CatalogueNotReady."""
    ids: list[str] = []
    before: str | None = None
    while True:
        page = catalogue.page(wanted, before=before, limit=_PAGE_ROWS)
        ids += [row.id for row in page.rows if is_wanted(row)]
        before = page.before
        if before is None:
            return sorted(ids, key=ClipId.parse)


def rows_in_turn(catalogue: CatalogueReader, ids: Iterable[str]) -> Iterator[ClipRow]:
    """Rows with their lines, each as it is when its turn comes; what is gone by then is left out."""
    for clip_id in ids:
        try:
            row = catalogue.get(clip_id)
        except ClipNotFound:
            continue
        yield row


def _packed(pieces: Iterable[bytes]) -> Iterator[bytes]:
    packer = zlib.compressobj(_PACKING, zlib.DEFLATED, _WINDOW, _EFFORT)
    for piece in pieces:
        yield packer.compress(piece)
    yield packer.flush()


def _blocks_of(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """None is empty, and small ones are joined: each costs a packet."""
    block = bytearray()
    for piece in pieces:
        block += piece
        if len(block) >= _BLOCK_BYTES:
            yield bytes(block)
            block.clear()
    if block:
        yield bytes(block)
