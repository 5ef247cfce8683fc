"""A file as an HTTP answer: whole or a range, unchanged since the client last had it, or only its head."""

from __future__ import annotations

import errno
import threading
from collections.abc import Callable
from email.utils import formatdate, parsedate_to_datetime
from typing import BinaryIO
from urllib.parse import quote

from bottle import HTTPResponse, request

from dashcam.web.card_file import CardFile
from dashcam.web.ranges import Unsatisfiable, asked_range

# The server copies what a write leaves over, so larger blocks cost more than they save.
_BLOCK_BYTES = 64 * 1024

_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".gpx": "application/gpx+xml",
    ".html": "text/html; charset=utf-8",
    ".jpeg": "image/jpeg",
    ".jpg": "image/jpeg",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json; charset=utf-8",
    ".mp4": "video/mp4",
    ".png": "image/png",
    ".svg": "image/svg+xml; charset=utf-8",
    ".webmanifest": "application/manifest+json; charset=utf-8",
}


def nothing_to_release() -> None:
    """The default of what is called when an answer is over."""


class FileBody:
    """`length` bytes of a file from `start`, block by block; ends the connection when the dashcam ends."""

    def __init__(
        self, file: BinaryIO, start: int, length: int, stop: threading.Event, release: Callable[[], None]
    ) -> None:
        self._file = file
        self._left = length
        self._stop = stop
        self._release = release
        file.seek(start)

    def __iter__(self) -> FileBody:
        return self

    def __next__(self) -> bytes:
        if not self._left:
            raise StopIteration
        block = b"" if self._stop.is_set() else self._file.read(min(_BLOCK_BYTES, self._left))
        if not block:
            # Fewer bytes than were announced: only the end of the connection tells that honestly.
            raise ConnectionAbortedError(errno.ECONNABORTED, "the file has become shorter, or the dashcam ends")
        self._left -= len(block)
        return block

    def close(self) -> None:
        """Closes the file. May be called twice."""
        if not self._file.closed:
            self._file.close()
            self._release()


def content_type_of(name: str) -> str:
    """The content type by the name's end."""
    dot = name.rfind(".")
    return _TYPES.get(name[dot:].lower(), "application/octet-stream") if dot >= 0 else "application/octet-stream"


def attachment(name: str) -> str:
    """A Content-Disposition under which a browser stores the file as `name`, whatever letters that has (RFC 6266)."""
    plain = "".join(letter if letter.isascii() and letter.isprintable() else "_" for letter in name)
    plain = plain.replace("\\", "_").replace('"', "_").replace("%", "_")
    if plain == name:
        return f'attachment; filename="{plain}"'
    coded = quote(name.encode("utf-8", "replace"), safe="")
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{coded}"


def file_reply(
    opened: CardFile,
    *,
    name: str,
    cache: str,
    stop: threading.Event,
    as_download: bool = False,
    release: Callable[[], None] = nothing_to_release,
) -> HTTPResponse:
    """Answers the present request with an open file, which is closed (then `release` is called) in every case."""
    headers = {
        "Accept-Ranges": "bytes",
        "Cache-Control": cache,
        "Content-Type": content_type_of(name),
        "ETag": f'"{opened.modified_ns:x}-{opened.size:x}"',
        "Last-Modified": formatdate(opened.modified_ns // 1_000_000_000, usegmt=True),
    }
    if as_download:
        headers["Content-Disposition"] = attachment(name)
    status, start, length = _what_to_send(headers, opened)
    body = FileBody(opened.file, start, length, stop, release)
    if request.method == "HEAD" or not length:
        body.close()
        return HTTPResponse("", status, headers)
    return HTTPResponse(body, status, headers)


def _what_to_send(headers: dict[str, str], opened: CardFile) -> tuple[int, int, int]:
    """Status, first byte and number of bytes; completes `headers`."""
    if _is_unchanged(headers["ETag"], opened.modified_ns):
        return 304, 0, 0
    try:
        wanted = asked_range(_range_header(headers), opened.size)
    except Unsatisfiable:
        headers["Content-Range"] = f"bytes */{opened.size}"
        headers["Content-Length"] = "0"
        return 416, 0, 0
    start, stop_at = wanted or (0, opened.size)
    headers["Content-Length"] = str(stop_at - start)
    if wanted is None:
        return 200, start, stop_at - start
    headers["Content-Range"] = f"bytes {start}-{stop_at - 1}/{opened.size}"
    return 206, start, stop_at - start


def _is_unchanged(tag: str, modified_ns: int) -> bool:
    known = request.headers.get("If-None-Match")
    if known is not None:
        return known.strip() == "*" or tag in [part.strip().removeprefix("W/") for part in known.split(",")]
    since = request.headers.get("If-Modified-Since")
    if since is None:
        return False
    try:
        return modified_ns // 1_000_000_000 <= parsedate_to_datetime(since).timestamp()
    except (ValueError, OverflowError):
        return False


def _range_header(headers: dict[str, str]) -> str | None:
    """The Range header, unless If-Range says that the client's part is of another version of the file."""
    condition = request.headers.get("If-Range")
    if condition is not None and condition.strip() not in (headers["ETag"], headers["Last-Modified"]):
        return None
    wanted: str | None = request.headers.get("Range")
    return wanted
