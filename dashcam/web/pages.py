"""The files of the page: those that lay in the www folder at start, and nothing else."""

from __future__ import annotations

import sys
import threading
from pathlib import Path
from typing import Any

from bottle import HTTPError, HTTPResponse, request, response

from dashcam.errors import DashcamError
from dashcam.web.access import needs
from dashcam.web.card_file import open_below
from dashcam.web.file_reply import file_reply
from dashcam.web.reply import bottle_error, error_reply

START_PAGE = "index.html"
# Asked anew each time, answered with 304: an update of the dashcam shows at once.
_CACHE = "no-cache"
# Below these live addresses for programs; what is unknown there is an error and no wish for the start page.
_PROGRAM_ADDRESSES = ("/api", "/media/", "/thumb/", "/stream", "/status", "/js/", "/css/")


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


class PagesResource:
    """One route for each file; the start page under the names that people know."""

    def __init__(self, www: Path, stop: threading.Event) -> None:
        self._www = www.resolve()
        self._stop = stop

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
            return file_reply(opened, name=name, cache=_CACHE, stop=self._stop)

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
