"""`/media/<id>` and `/thumb/<id>`: files of the card by the id of their clip, wherever they lie just now."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path, PurePosixPath
from typing import Any

from bottle import HTTPResponse, request

from dashcam.clips.catalogue import CatalogueNotReady, CatalogueReader
from dashcam.clips.clip import ClipId
from dashcam.clips.names import CardFolders
from dashcam.errors import ClipNotFound, TooManyViewers
from dashcam.link.messages import OpenClip
from dashcam.web.access import needs
from dashcam.web.card_file import CardFile, open_below
from dashcam.web.file_reply import file_reply

# Each holds a thread while it runs; players open two or three.
MAX_TRANSFERS = 24
# Between the move of a clip and the catalogue's word of it lie some milliseconds, on a slow card more.
MOVE_ATTEMPTS = 20
_MOVE_WAIT_SECONDS = 0.1
_REMEMBERED_PATHS = 64
# The page's address of a thumbnail changes when its picture does.
_THUMB_CACHE = "private, max-age=86400"
# A clip's file may be replaced by its repaired self; asking again costs a 304.
_MEDIA_CACHE = "private, no-cache"


class MediaResource:
    """Reads below DCIM and nowhere else. A clip that is moved while it plays goes on playing: its file stays open, and
    the next request finds it by its id.
    """

    def __init__(
        self,
        data: Path,
        catalogue: CatalogueReader,
        open_clip: Callable[[], OpenClip | None],
        stop: threading.Event,
    ) -> None:
        self._card = CardFolders(data.resolve())
        self._catalogue = catalogue
        self._open_clip = open_clip
        self._stop = stop
        self._transfers = threading.BoundedSemaphore(MAX_TRANSFERS)
        self._guard = threading.Lock()  # of _paths
        # Of clips that were open when they were asked for: they are closed before the catalogue knows them.
        self._paths: OrderedDict[str, str] = OrderedDict()

    def add_to(self, app: Any) -> None:
        """Adds the routes."""
        app.route("/media/<clip_id>", "GET", self.media)
        app.route("/thumb/<clip_id>", "GET", self.thumb)

    @needs("viewer")
    def media(self, clip_id: str) -> HTTPResponse:
        """The video or photo; with `?download=1` to be stored under its name."""
        ClipId.parse(clip_id)
        if not self._transfers.acquire(blocking=False):
            raise TooManyViewers("Too many downloads run at once; try again when one has ended.")
        try:
            opened, name = self._opened(clip_id)
        except BaseException:
            self._transfers.release()
            raise
        return file_reply(
            opened,
            name=name,
            cache=_MEDIA_CACHE,
            stop=self._stop,
            as_download=request.query.download == "1",
            release=self._transfers.release,
        )

    @needs("viewer")
    def thumb(self, clip_id: str) -> HTTPResponse:
        """The thumbnail, a JPEG 320 pixels wide."""
        row = self._catalogue.get(clip_id)
        path = self._card.relative(self._card.thumbnail_of(self._card.dcim / row.path))
        try:
            opened = open_below(self._card.dcim, path)
        except FileNotFoundError as error:
            raise ClipNotFound(f"Clip {clip_id} has no thumbnail yet.") from error
        return file_reply(opened, name=path, cache=_THUMB_CACHE, stop=self._stop)

    def _opened(self, clip_id: str) -> tuple[CardFile, str]:
        for _ in range(MOVE_ATTEMPTS):
            path = self._path_of(clip_id)
            try:
                return open_below(self._card.dcim, path), PurePosixPath(path).name
            except FileNotFoundError:
                if self._path_of(clip_id) == path and self._stop.wait(_MOVE_WAIT_SECONDS):
                    break
        raise ClipNotFound(f"There is no clip {clip_id}; it may have been deleted.")

    def _path_of(self, clip_id: str) -> str:
        """Raises ClipNotFound or CatalogueNotReady when neither the catalogue nor the recorder knows it."""
        try:
            return self._catalogue.get(clip_id).path
        except (ClipNotFound, CatalogueNotReady):
            path = self._path_while_open(clip_id)
            if path is None:
                raise
            return path

    def _path_while_open(self, clip_id: str) -> str | None:
        growing = self._open_clip()
        with self._guard:
            if growing is not None and growing.id == clip_id and growing.path:
                self._paths[clip_id] = growing.path
                while len(self._paths) > _REMEMBERED_PATHS:
                    self._paths.popitem(last=False)
            return self._paths.get(clip_id)
