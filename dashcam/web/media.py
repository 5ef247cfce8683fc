"""`/media/<id>` and `/thumb/<id>`: files of the card by the id of their clip, wherever they lie just now."""

from __future__ import annotations

import threading
from typing import Annotated, Any, Literal

import msgspec
from bottle import HTTPResponse
from msgspec import Meta

from dashcam.clips.catalogue import CatalogueNotReady, CatalogueReader
from dashcam.errors import ClipNotFound, TooManyViewers
from dashcam.web.access import needs
from dashcam.web.clip_files import ClipFiles
from dashcam.web.describe import describes
from dashcam.web.fair_share import asking_address
from dashcam.web.file_reply import file_reply
from dashcam.web.reply import asked_query

# The page's address of a thumbnail changes when its picture does.
_THUMB_CACHE = "private, max-age=86400"
# A clip's file may be replaced by its repaired self; asking again costs a 304.
_MEDIA_CACHE = "private, no-cache"
_PARTS = {206: "The range that was asked for.", 304: "It has not changed.", 416: "There is no such range."}


class MediaQuery(msgspec.Struct, frozen=True, kw_only=True):
    """How it is wanted."""

    download: Annotated[Literal["0", "1"], Meta(description="write 1 to have it stored under its name")] = "0"


class MediaResource:
    """Videos, photos and their thumbnails."""

    def __init__(self, files: ClipFiles, catalogue: CatalogueReader, stop: threading.Event) -> None:
        self._files = files
        self._catalogue = catalogue
        self._stop = stop

    def add_to(self, app: Any) -> None:
        """Adds the routes."""
        app.route("/media/<clip_id>", "GET", self.media)
        app.route("/thumb/<clip_id>", "GET", self.thumb)

    @needs("viewer")
    @describes(
        query=MediaQuery,
        content=["video/mp4", "image/jpeg", "application/octet-stream"],
        refuses=(CatalogueNotReady, ClipNotFound, TooManyViewers),
        also=_PARTS,
    )
    def media(self, clip_id: str) -> HTTPResponse:
        """The video or photo; with `download=1` to be stored under its name."""
        as_download = asked_query(MediaQuery).download == "1"
        release = self._files.take_place(asking_address())
        try:
            opened, name = self._files.open(clip_id)
        except BaseException:
            release()
            raise
        return file_reply(
            opened,
            name=name,
            cache=_MEDIA_CACHE,
            stop=self._stop,
            as_download=as_download,
            release=release,
        )

    @needs("viewer")
    @describes(content=["image/jpeg"], refuses=(CatalogueNotReady, ClipNotFound), also=_PARTS)
    def thumb(self, clip_id: str) -> HTTPResponse:
        """The thumbnail, a JPEG 320 pixels wide."""
        row = self._catalogue.get(clip_id)
        card = self._files.card
        path = card.relative(card.thumbnail_of(card.dcim / row.path))
        try:
            opened = self._files.open_path(path)
        except FileNotFoundError as error:
            raise ClipNotFound(f"Clip {clip_id} has no thumbnail yet.") from error
        return file_reply(opened, name=path, cache=_THUMB_CACHE, stop=self._stop)
