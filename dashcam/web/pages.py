"""The files of the page: those that lay in the www folder at start, and nothing else."""

from __future__ import annotations

import gzip
import sys
import threading
from io import BytesIO
from pathlib import Path
from typing import Any

from bottle import HTTPError, HTTPResponse, request, response

from dashcam.errors import DashcamError
from dashcam.web.access import needs
from dashcam.web.card_file import CardFile, open_below
from dashcam.web.file_reply import file_reply
from dashcam.web.reply import bottle_error, error_reply

START_PAGE = "index.html"
# Asked anew each time, answered with 304: an update of the dashcam shows at once.
_CACHE = "no-cache"
# Below these live addresses for programs; what is unknown there is an error and no wish for the start page.
_PROGRAM_ADDRESSES = ("/api", "/media/", "/thumb/", "/stream", "/status", "/js/", "/css/", "/leaflet/")
# What shrinks; a picture is packed already.
_TEXTS = (".css", ".html", ".js", ".json", ".svg", ".webmanifest")


def find_www() -> Path:
    """The page's folder: beside the package in a checkout, else where it was installed.

    Raises DashcamError when it is in neither place.
    """
    beside = Path(__file__).resolve().parents[2] / "www"
    installed = Path(sys.prefix) / "share" / "dashcam" / "www"
    for folder in (beside, installed):
        if (folder / START_PAGE).is_file():
            return folder
    raise DashcamError(f"the page is neither in {beside} nor in {installed}; install the dashcam again")


def accepts_gzip(header: str) -> bool:
    """True when an Accept-Encoding says so: `gzip` or `*`, and not with the weight of nothing (RFC 9110, 12.5.3)."""
    weights: dict[str, float] = {}
    for part in header.lower().split(","):
        coding, _, parameter = part.partition(";")
        name, _, weight = parameter.strip().partition("=")
        try:
            weights[coding.strip()] = float(weight) if name == "q" else 1.0
        except ValueError:
            weights[coding.strip()] = 0.0
    return weights.get("gzip", weights.get("*", 0.0)) > 0


class PackedTexts:
    """The page's texts as gzip, each packed once and kept: all of them are smaller than one picture."""

    def __init__(self) -> None:
        self._packed: dict[str, tuple[int, int, bytes]] = {}  # name -> time and size of the file, what it became

    def pack(self, name: str, opened: CardFile) -> CardFile:
        """The same file packed. `opened` is closed; it may be packed by two threads at once, to the same end."""
        with opened.file:
            modified_ns, size, content = self._packed.get(name, (0, -1, b""))
            if (modified_ns, size) != (opened.modified_ns, opened.size):
                content = gzip.compress(opened.file.read(), mtime=0)
                self._packed[name] = (opened.modified_ns, opened.size, content)
        return CardFile(BytesIO(content), len(content), opened.modified_ns)


class TextReplies:
    """Answers files of pages, texts packed when the browser takes that."""

    def __init__(self, stop: threading.Event) -> None:
        self._stop = stop
        self._texts = PackedTexts()

    def reply(self, name: str, opened: CardFile) -> HTTPResponse:
        """A file by its name. The tag tells both forms of a text apart: they differ in size."""
        if not name.endswith(_TEXTS):
            return file_reply(opened, name=name, cache=_CACHE, stop=self._stop)
        is_packed = accepts_gzip(request.headers.get("Accept-Encoding", ""))
        if is_packed:
            opened = self._texts.pack(name, opened)
        reply = file_reply(opened, name=name, cache=_CACHE, stop=self._stop)
        reply.set_header("Vary", "Accept-Encoding")
        if is_packed:
            reply.set_header("Content-Encoding", "gzip")
        return reply


class PagesResource:
    """One route for each file; the start page under the names that people know."""

    def __init__(self, www: Path, stop: threading.Event) -> None:
        self._www = www.resolve()
        self._replies = TextReplies(stop)

    def add_to(self, app: Any) -> None:
        """Adds the routes."""
        for path in sorted(self._www.rglob("*")):
            name = path.relative_to(self._www).as_posix()
            if path.is_file() and not any(part.startswith(".") for part in path.relative_to(self._www).parts):
                app.route(f"/{name}", "GET", self._page(name))
        app.route("/", "GET", self._page(START_PAGE))
        app.route("/gallery.html", "GET", self.gallery)

    @needs("viewer")
    def gallery(self) -> HTTPResponse:
        """The clips are a part of the start page."""
        return HTTPResponse("", 303, {"Location": "/#clips"})

    def _page(self, name: str) -> Any:
        @needs("viewer")
        def page() -> HTTPResponse:
            try:
                opened = open_below(self._www, name)
            except FileNotFoundError:
                return error_reply(DashcamError(f"{name} is gone from the dashcam's page; install it again."))
            return self._replies.reply(name, opened)

        return page


def unknown_address(error: HTTPError) -> bytes:
    """An unknown page leads to the start page, an unknown address for programs is an error in words."""
    is_page = request.method in ("GET", "HEAD") and not request.path.startswith(_PROGRAM_ADDRESSES)
    if not is_page:
        return bottle_error(error)
    response.status = 303
    response.set_header("Location", "/")
    response.set_header("Content-Type", "text/plain; charset=utf-8")
    return b""
