"""Tracks of clips, of days and of a selection, for other programs: GPX from the card, GeoJSON from the catalogue."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath
from typing import Any

from bottle import HTTPResponse

from dashcam.clips.catalogue import CatalogueNotReady, CatalogueReader
from dashcam.clips.catalogue_questions import Wanted
from dashcam.clips.clip import ClipId
from dashcam.clips.geojson import GEOJSON_TYPE, collection_of
from dashcam.clips.gpx import tracks_as_gpx
from dashcam.clips.names import TRACK_SUFFIX
from dashcam.clips.row import ClipRow
from dashcam.errors import ClipNotFound, TooManyViewers
from dashcam.web.access import needs
from dashcam.web.clip_files import ClipFiles
from dashcam.web.describe import describes
from dashcam.web.file_reply import attachment, file_reply
from dashcam.web.making import Making, ids_of_day, rows_in_turn
from dashcam.web.maps import wanted_day
from dashcam.web.zip_download import ChosenIds, chosen_ids, days_in_name

GPX_TYPE = "application/gpx+xml"
_CACHE = "private, no-cache"
_PARTS = {206: "The range that was asked for.", 304: "It has not changed.", 416: "There is no such range."}


class TracksResource:
    """One clip's as it lies on the card or in the catalogue; those of many are made while they are sent."""

    def __init__(self, files: ClipFiles, catalogue: CatalogueReader, making: Making, stop: threading.Event) -> None:
        self._files = files
        self._making = making
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
        wanted = wanted_day(day)
        headers = _headers(GPX_TYPE, f"dashcam-{day}.gpx")
        return self._making.reply(lambda: tracks_as_gpx(self._paths(self._ids_of(wanted))), headers)

    @needs("viewer")
    @describes(content=[GPX_TYPE], query=ChosenIds, refuses=(CatalogueNotReady, ClipNotFound, TooManyViewers))
    def selection_gpx(self) -> HTTPResponse:
        """The tracks of clips as one GPX, the oldest first; what is gone or has none is left out."""
        days: dict[str, str] = {}
        for row in rows_in_turn(self._catalogue, sorted(chosen_ids(), key=ClipId.parse)):
            if _has_track(row):
                days[row.id] = row.day
        headers = _headers(GPX_TYPE, f"dashcam-{days_in_name(days.values())}.gpx")
        return self._making.reply(lambda: tracks_as_gpx(self._paths(_some(days))), headers)

    @needs("viewer")
    @describes(content=[GEOJSON_TYPE], refuses=(CatalogueNotReady, ClipNotFound, TooManyViewers))
    def day_geojson(self, day: str) -> HTTPResponse:
        """The simplified lines of a day's clips as GeoJSON, the oldest first; see a clip's."""
        wanted = wanted_day(day)
        headers = _headers(GEOJSON_TYPE, f"dashcam-{day}.geojson")
        return self._making.reply(lambda: collection_of(rows_in_turn(self._catalogue, self._ids_of(wanted))), headers)

    def _ids_of(self, wanted: Wanted) -> Iterable[str]:
        return _some(ids_of_day(self._catalogue, wanted, _has_track))

    def _paths(self, ids: Iterable[str]) -> Iterator[Path]:
        card = self._files.card
        return (card.track_of(card.dcim / row.path) for row in rows_in_turn(self._catalogue, ids))


def _has_track(row: ClipRow) -> bool:
    return row.track is not None and row.track.points > 0


def _some(ids: Iterable[str]) -> Iterable[str]:
    """Raises ClipNotFound for none."""
    if not ids:
        raise ClipNotFound("None of these clips has a track: there was no GPS, or they have been deleted.")
    return ids


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
