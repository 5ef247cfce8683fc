"""`/leaflet/`: the map library as the system has it, for the page's map; a few named files of it and nothing else."""

from __future__ import annotations

import re
import threading
from pathlib import Path
from typing import Any

from bottle import HTTPResponse

from dashcam.web.access import needs
from dashcam.web.card_file import open_below
from dashcam.web.pages import TextReplies
from dashcam.web.reply import error_body

# Debian's package libjs-leaflet; its licence lies in /usr/share/doc/libjs-leaflet.
SYSTEM_FOLDER = Path("/usr/share/javascript/leaflet")
# What our page is written for. Another one may draw nothing: the page then draws by itself.
MAJOR_VERSION = "1"
# The page's name of each file, and the system's.
_FILES = {
    "leaflet.js": "leaflet.min.js",
    "leaflet.css": "leaflet.css",
    **{
        f"images/{name}": f"images/{name}"
        for name in ("layers-2x.png", "layers.png", "marker-icon-2x.png", "marker-icon.png", "marker-shadow.png")
    },
}
_VERSION = re.compile(rb"""\bversion\s*=\s*["'](\d+\.\d+[\w.+-]*)["']""")


class LeafletFiles:
    """The files in `folder`, and which version they are."""

    def __init__(self, folder: Path = SYSTEM_FOLDER) -> None:
        self.folder = folder
        self._version: tuple[int, str | None] | None = None

    @property
    def version(self) -> str | None:
        """`1.7.1`, as the library itself says; None when there is none, or one that our page is not written for.

        Read again when the file has changed; two threads may do so at once, to the same end.
        """
        script = self.folder / _FILES["leaflet.js"]
        try:
            modified_ns = script.stat().st_mtime_ns
            if self._version is None or self._version[0] != modified_ns:
                found = _VERSION.search(script.read_bytes())
                self._version = modified_ns, found[1].decode() if found else None
        except OSError:
            return None
        version = self._version[1]
        return version if version is not None and version.split(".")[0] == MAJOR_VERSION else None


class LeafletResource:
    """One route for each file."""

    def __init__(self, files: LeafletFiles, stop: threading.Event) -> None:
        self._files = files
        self._replies = TextReplies(stop)

    def add_to(self, app: Any) -> None:
        """Adds the routes."""
        for name, path in _FILES.items():
            app.route(f"/leaflet/{name}", "GET", self._file(name, path))

    def _file(self, name: str, path: str) -> Any:
        @needs("viewer")
        def file() -> HTTPResponse:
            try:
                opened = open_below(self._files.folder, path)
            except OSError:
                body = error_body("not_found", "Leaflet is not installed; install the package libjs-leaflet.")
                return HTTPResponse(body, 404, {"Content-Type": "application/json; charset=utf-8"})
            return self._replies.reply(name, opened)

        return file
