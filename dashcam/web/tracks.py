"""Tracks of clips, of days and of a selection, for other programs: GPX from the card, GeoJSON from the catalogue."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator
from pathlib import PurePosixPath
from typing import Any

from bottle import HTTPResponse, request

from dashcam.clips.catalogue import CatalogueNotReady, CatalogueReader
from dashcam.clips.clip import ClipId
from dashcam.clips.geojson import GEOJSON_TYPE, collection_of
from dashcam.clips.gpx import tracks_as_gpx
from dashcam.clips.names import TRACK_SUFFIX
from dashcam.clips.row import ClipRow
from dashcam.clips.trips import by_age
from dashcam.errors import ClipNotFound, TooManyViewers
from dashcam.web.access import needs
from dashcam.web.clip_files import ClipFiles
from dashcam.web.describe import describes
from dashcam.web.fair_share import asking_address
from dashcam.web.file_reply import attachment, file_reply
from dashcam.web.maps import rows_of_day
from dashcam.web.reply import asked_query
from dashcam.web.zip_download import ChosenIds, days_in_name

GPX_TYPE = "application/gpx+xml"
_CACHE = "private, no-cache"
_PARTS = {206: "The range that was asked for.", 304: "It has not changed.", 416: "There is no such range."}


class TracksResource:
    """Counts what is made while it is sent among the downloads, of which there may be only so many."""

    def __init__(self, files: ClipFiles, catalogue: CatalogueReader, stop: threading.Event) -> None:
        self._files = files
        self._catalogue = catalogue
        self._stop = stop

    def add_to(self, app: Any) -> None:
        """Adds the routes."""
        app.route("/api/clips/<clip_id>/track.gpx", "GET", self.clip_gpx)
        app.route("/api/clips/<clip_id>/track.geojson", "GET", self.clip_geojson)
        app.route("/api/days/<day>/track.gpx", "GET", self.day_gpx)
        app.route("/api/days/<day>/track.geojson", "GET", self.day_geojson)
        app.route("/api/tracks.gpx", "GET", self.selection_gpx)

    @needs("viewer")
    @describes(content=[GPX_TYPE], refuses=(CatalogueNotReady, ClipNotFound), also=_PARTS)
    def clip_gpx(self, clip_id: str) -> HTTPResponse:
        """A clip's track as GPX 1.1, every fix of it, to be stored under the clip's name."""
        row = self._catalogue.get(clip_id)
        card = self._files.card
        path = card.relative(card.track_of(card.dcim / row.path))
        try:
            opened = self._files.open_path(path)
        except FileNotFoundError as error:
            raise ClipNotFound(_why_none(row)) from error
        return file_reply(opened, name=PurePosixPath(path).name, cache=_CACHE, stop=self._stop, as_download=True)

    @needs("viewer")
    @describes(content=[GEOJSON_TYPE], refuses=(CatalogueNotReady, ClipNotFound))
    def clip_geojson(self, clip_id: str) -> HTTPResponse:
        """A clip's simplified line as GeoJSON: a FeatureCollection with a feature for each part without a gap.

        The properties hold `coordTimes`, `seconds` since the first frame and `speeds` in m/s of every position.
        """
        row = self._catalogue.get(clip_id)
        if row.track is None or not row.track.line:
            raise ClipNotFound(_why_none(row))
        content = b"".join(collection_of([row]))
        name = f"{PurePosixPath(row.path).stem}.geojson"
        return HTTPResponse(content, 200, {**_headers(GEOJSON_TYPE, name), "Content-Length": str(len(content))})

    @needs("viewer")
    @describes(content=[GPX_TYPE], refuses=(CatalogueNotReady, ClipNotFound, TooManyViewers))
    def day_gpx(self, day: str) -> HTTPResponse:
        """The tracks of a day's clips as one GPX, the oldest first."""
        return self._gpx(f"dashcam-{day}.gpx", rows_of_day(self._catalogue, day))

    @needs("viewer")
    @describes(content=[GPX_TYPE], query=ChosenIds, refuses=(CatalogueNotReady, ClipNotFound, TooManyViewers))
    def selection_gpx(self) -> HTTPResponse:
        """The tracks of clips as one GPX, the oldest first; what is gone or has none is left out."""
        ids = {str(ClipId.parse(text)) for text in asked_query(ChosenIds).ids.split(",")}
        rows: list[ClipRow] = []
        for clip_id in ids:
            with contextlib.suppress(ClipNotFound):
                rows.append(self._catalogue.get(clip_id))
        return self._gpx(f"dashcam-{days_in_name(row.day for row in rows)}.gpx", rows)

    @needs("viewer")
    @describes(content=[GEOJSON_TYPE], refuses=(CatalogueNotReady, ClipNotFound, TooManyViewers))
    def day_geojson(self, day: str) -> HTTPResponse:
        """The simplified lines of a day's clips as GeoJSON, the oldest first; see a clip's."""
        return self._stream(
            GEOJSON_TYPE,
            f"dashcam-{day}.geojson",
            lambda: collection_of(self._with_track(rows_of_day(self._catalogue, day))),
        )

    def _gpx(self, name: str, rows: list[ClipRow]) -> HTTPResponse:
        card = self._files.card

        def make() -> Iterator[bytes]:
            return tracks_as_gpx([card.track_of(card.dcim / row.path) for row in self._with_track(rows)])

        return self._stream(GPX_TYPE, name, make)

    def _with_track(self, rows: list[ClipRow]) -> list[ClipRow]:
        found = [row for row in by_age(rows) if row.track is not None and row.track.line]
        if not found:
            raise ClipNotFound("None of these clips has a track: there was no GPS, or they have been deleted.")
        return found

    def _stream(self, kind: str, name: str, make: Callable[[], Iterator[bytes]]) -> HTTPResponse:
        """An answer that is made while it is sent; its place is given back when it is over."""
        release = self._files.take_place(asking_address())
        try:
            body = StreamedTrack(make(), self._stop, release)
        except BaseException:
            release()
            raise
        if request.method == "HEAD":
            body.close()
            return HTTPResponse("", 200, _headers(kind, name))
        return HTTPResponse(body, 200, _headers(kind, name))


class StreamedTrack:
    """A body whose length nobody knows before; ends early when the dashcam ends."""

    def __init__(self, pieces: Iterator[bytes], stop: threading.Event, release: Callable[[], None]) -> None:
        self._pieces = pieces
        self._stop = stop
        self._release = release
        self._is_closed = False

    def __iter__(self) -> StreamedTrack:
        return self

    def __next__(self) -> bytes:
        if self._stop.is_set():
            raise ConnectionAbortedError("the dashcam ends")
        return next(self._pieces)

    def close(self) -> None:
        """Gives the place back. May be called twice."""
        if not self._is_closed:
            self._is_closed = True
            self._release()


def _headers(kind: str, name: str) -> dict[str, str]:
    return {"Content-Type": kind, "Content-Disposition": attachment(name), "Cache-Control": "no-store"}


def _why_none(row: ClipRow) -> str:
    if row.kind == "photo":
        return f"{row.id} is a photo; its place stands in its EXIF."
    if row.track is None:
        return f"The track of clip {row.id} is not made yet; try again in a moment."
    if not row.track.points:
        return f"Clip {row.id} has no track: there was no GPS."
    return f"The track {PurePosixPath(row.path).stem}{TRACK_SUFFIX} is gone from the card."
