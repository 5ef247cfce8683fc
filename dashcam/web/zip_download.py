"""`/api/clips.zip`: several clips as one download, a ZIP that is made while it is sent and needs no space."""

from __future__ import annotations

import errno
import re
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Annotated, Any

import msgspec
from bottle import HTTPResponse, request
from msgspec import Meta
from zipstream import ZipStream

from dashcam.clips.catalogue import CatalogueNotReady, CatalogueReader
from dashcam.clips.clip import ClipId
from dashcam.clips.names import UNDATED
from dashcam.clips.row import ClipRow
from dashcam.errors import BadRequest, ClipNotFound, TooManyViewers
from dashcam.web.access import needs
from dashcam.web.clip_files import ClipFiles
from dashcam.web.clips import CLIP_ID, MAX_IDS
from dashcam.web.describe import describes
from dashcam.web.fair_share import asking_address
from dashcam.web.file_reply import attachment
from dashcam.web.reply import asked_query, asked_value

# Of https://learn.microsoft.com/windows/win32/fileio/naming-a-file, and what no encoding has: halves of characters.
_HARMFUL = re.compile(r'[/\\:*?"<>|\x00-\x1f\x7f-\x9f\ud800-\udfff]|[. ]+$|^\.+$|^$')
_DEVICE = re.compile(r"(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(\..*)?", re.IGNORECASE)
_BLOCK_BYTES = 64 * 1024
# A clip that is being moved while the list is made is looked for once more.
_MOVE_WAIT_SECONDS = 0.3


class ChosenIds(msgspec.Struct, frozen=True, kw_only=True):
    """Which clips."""

    ids: Annotated[
        str,
        Meta(
            pattern=f"^{CLIP_ID}(,{CLIP_ID}){{0,{MAX_IDS - 1}}}$",
            description=f"write up to {MAX_IDS} ids with commas between",
        ),
    ]


@dataclass(frozen=True, slots=True)
class Member:
    """A clip in the ZIP: its name there, and the size that it must have when its turn comes."""

    clip_id: str
    name: str
    size: int


class ZipBody:
    """The ZIP, block by block. One file is open at a time: what the loop deletes meanwhile must give its space back.

    A clip that has gone or changed since the length was announced ends the connection: only that tells it honestly.
    """

    def __init__(
        self, members: Iterable[Member], files: ClipFiles, stop: threading.Event, release: Callable[[], None]
    ) -> None:
        self._files = files
        self._stop = stop
        self._release = release
        self._is_closed = False
        zipped = ZipStream(sized=True)
        for member in members:
            zipped.add(self._content(member), member.name, size=member.size)
        self.length: int = zipped.__len__()  # len() is for what fits memory
        self._blocks: Iterator[bytes] = iter(zipped)

    def __iter__(self) -> ZipBody:
        return self

    def __next__(self) -> bytes:
        return next(self._blocks)

    def close(self) -> None:
        """Closes the file that is being sent. May be called twice."""
        if not self._is_closed:
            self._is_closed = True
            self._blocks.close()  # type: ignore[attr-defined] # a generator
            self._release()

    def _content(self, member: Member) -> Iterator[bytes]:
        try:
            opened, _ = self._files.open(member.clip_id)
        except (ClipNotFound, CatalogueNotReady) as error:
            raise ConnectionAbortedError(errno.ECONNABORTED, f"{member.name} has been deleted") from error
        with opened.file as file:
            left = member.size if opened.size == member.size else 0
            while left and not self._stop.is_set() and (block := file.read(min(_BLOCK_BYTES, left))):
                left -= len(block)
                yield block
            if left or opened.size != member.size:
                raise ConnectionAbortedError(errno.ECONNABORTED, f"{member.name} has changed, or the dashcam ends")


class ZipResource:
    """Counts among the downloads, of which there may be only so many."""

    def __init__(self, files: ClipFiles, catalogue: CatalogueReader, stop: threading.Event) -> None:
        self._files = files
        self._catalogue = catalogue
        self._stop = stop

    def add_to(self, app: Any) -> None:
        """Adds the route."""
        app.route("/api/clips.zip", "GET", self.zip)

    @needs("viewer")
    @describes(content=["application/zip"], query=ChosenIds, refuses=(CatalogueNotReady, ClipNotFound, TooManyViewers))
    def zip(self) -> HTTPResponse:
        """Clips and photos in one ZIP, in folders by day, the oldest first: those the loop would delete next.

        Ids that are gone are left out. The length is announced; should a clip be deleted before its turn, the
        connection ends early.
        """
        ids = chosen_ids()
        release = self._files.take_place(asking_address())
        try:
            rows, members = self._members(ids)
            if not members:
                raise ClipNotFound("None of these clips is there; they may have been deleted.")
            body = ZipBody(members, self._files, self._stop, release)
        except BaseException:
            release()
            raise
        headers = {
            "Accept-Ranges": "none",
            "Cache-Control": "no-store",
            "Content-Disposition": attachment(f"dashcam-{days_in_name(row.day for row in rows)}.zip"),
            "Content-Length": str(body.length),
            "Content-Type": "application/zip",
        }
        if request.method == "HEAD":
            body.close()
            return HTTPResponse("", 200, headers)
        return HTTPResponse(body, 200, headers)

    def _members(self, ids: Iterable[str]) -> tuple[list[ClipRow], list[Member]]:
        """Those that are there, by age."""
        known: dict[str, tuple[ClipRow, int]] = {}
        moving = list(ids)
        for wait_seconds in (0.0, _MOVE_WAIT_SECONDS):
            if not moving or (wait_seconds and self._stop.wait(wait_seconds)):
                break
            asked, moving = moving, []
            for clip_id in asked:
                try:
                    row = self._catalogue.get(clip_id)
                    with (opened := self._files.open_path(row.path)).file:
                        known[clip_id] = row, opened.size
                except ClipNotFound:
                    continue
                except FileNotFoundError:
                    moving.append(clip_id)
        rows = [known[clip_id][0] for clip_id in sorted(known, key=ClipId.parse)]
        names = zip_names(rows)
        return rows, [Member(row.id, names[row.id], known[row.id][1]) for row in rows]


def chosen_ids() -> set[str]:
    """The ids of the address's query. Raises BadRequest, of too many with their number."""
    count = (asked_value("ids") or "").count(",") + 1
    if count > MAX_IDS:
        raise BadRequest(f"ids: {count} are too many for one download; choose up to {MAX_IDS}, and then the others")
    return {str(ClipId.parse(text)) for text in asked_query(ChosenIds).ids.split(",")}


def zip_names(rows: Iterable[ClipRow]) -> dict[str, str]:
    """`2026-11-20/dcp_20261120154500.mp4` by id; a name that is there already gets the id behind it."""
    names: dict[str, str] = {}
    taken: set[str] = set()
    for row in rows:
        name = PurePosixPath(harmless(row.day), harmless(PurePosixPath(row.path).name))
        # Windows and Macs take `A.mp4` for `a.mp4`.
        while str(name).casefold() in taken:
            name = name.with_stem(f"{name.stem} {row.id}")
        taken.add(str(name).casefold())
        names[row.id] = str(name)
    return names


def harmless(name: str) -> str:
    """The name of one file or folder, as Windows may have it, too: there `\\` and `:` lead elsewhere on the disk."""
    plain = _HARMFUL.sub("_", name)
    return f"_{plain}" if _DEVICE.fullmatch(plain) else plain


def days_in_name(days: Iterable[str]) -> str:
    """`2026-11-20`, `2026-11-18-to-2026-11-20`, or `undated`."""
    dated = sorted({day for day in days if day != UNDATED})
    if not dated:
        return UNDATED
    return dated[0] if len(dated) == 1 else f"{dated[0]}-to-{dated[-1]}"
