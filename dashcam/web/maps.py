"""What the map shows: the lines, photos and trips of a day, where the car is now, and how maps are drawn."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import urlsplit

import msgspec
from bottle import HTTPResponse, request

from dashcam.clips.catalogue import CatalogueNotReady, CatalogueReader
from dashcam.clips.catalogue_questions import Wanted
from dashcam.clips.clip import ClipKind
from dashcam.clips.event import EVENT_CAUSES, EventCause
from dashcam.clips.names import is_day, local_time_in_stem
from dashcam.clips.row import ClipRow
from dashcam.clips.track_summary import LinePoint
from dashcam.clips.trips import Trip, TripPlace, trips_in
from dashcam.clock import utc_text
from dashcam.errors import BadRequest, LinkError, TooManyViewers
from dashcam.link.client import ask
from dashcam.link.messages import GetTrip, GpsStatus, TripLine, TripStatus
from dashcam.moment import SpeedUnit
from dashcam.web.access import needs
from dashcam.web.clips import thumb_of
from dashcam.web.describe import describes
from dashcam.web.leaflet import LeafletFiles
from dashcam.web.making import Making, ids_of_day, rows_in_turn
from dashcam.web.pages import accepts_gzip
from dashcam.web.reply import JSON_HEADERS, json_reply
from dashcam.web.status import StatusBoard

_TRIP_LIMIT_SECONDS = 5.0
# As https://osmfoundation.org/wiki/Licence/Attribution_Guidelines wants it.
_OF_OPENSTREETMAP = "https://www.openstreetmap.org/copyright"
_NANOSECONDS_PER_MILLISECOND = 1_000_000
_CLIPS: tuple[ClipKind, ...] = ("loop", "event")
_PHOTOS: tuple[ClipKind, ...] = ("photo",)
_encoder = msgspec.json.Encoder()


class MapClip(msgspec.Struct, frozen=True, kw_only=True):
    """A clip on the map. `line` is empty where there was no GPS; `is_known` is False before it was looked for."""

    id: str
    kind: ClipKind
    name: str
    local_time: str | None
    duration_seconds: float
    is_locked: bool
    media: str
    thumb: str | None
    event: EventCause | None
    """What it was made for, beside the drive; None for the drive itself."""
    is_known: bool
    line: tuple[LinePoint, ...]


class MapPhoto(msgspec.Struct, frozen=True, kw_only=True):
    """A photo whose place is known."""

    id: str
    name: str
    local_time: str | None
    latitude: float
    longitude: float
    media: str
    thumb: str | None


class MapEvent(msgspec.Struct, frozen=True, kw_only=True):
    """An event whose place is known."""

    id: str
    """Of its clip."""
    cause: EventCause
    local_time: str | None
    """Of its trigger."""
    at_seconds: float
    """Of the trigger, in the clip."""
    latitude: float
    longitude: float


class MapTrip(msgspec.Struct, frozen=True, kw_only=True):
    """A drive, from the moment the car moved until it stood."""

    begins: TripPlace
    ends: TripPlace
    clips: tuple[str, ...]
    started_utc: str | None
    ended_utc: str | None
    local_start: str | None
    """In the dashcam's zone, without offset; None while the time is not known."""
    local_end: str | None
    duration_seconds: float
    moving_seconds: float
    distance_m: float
    top_speed_mps: float
    mean_speed_mps: float


class DayMap(msgspec.Struct, frozen=True, kw_only=True):
    """All of a day that has a place, the oldest first."""

    day: str
    clips: list[MapClip]
    photos: list[MapPhoto]
    events: list[MapEvent]
    trips: list[MapTrip]


class MapFacts(msgspec.Struct, frozen=True, kw_only=True):
    """How maps are drawn."""

    tiles: str
    """Address of the map's pictures with {z}, {x} and {y}; empty: none are wanted."""
    attribution: str
    attribution_link: str
    """Where their owners say more; empty: that is not known."""
    speed_unit: SpeedUnit
    leaflet: str | None
    """The version of Leaflet below /leaflet; None where it is not installed."""


class NowPlace(msgspec.Struct, frozen=True, kw_only=True):
    """Where the car is. Both None while the recorder cannot be reached, `trip` also before the first place."""

    gps: GpsStatus | None
    trip: TripStatus | None


class RunningTrip(msgspec.Struct, frozen=True, kw_only=True):
    """The running trip's line so far; its points' seconds are since it began."""

    points: tuple[LinePoint, ...]
    trip: TripStatus | None


class MapsResource:
    """Days from the catalogue, the running trip from the recorder."""

    def __init__(
        self, state: Path, catalogue: CatalogueReader, making: Making, board: StatusBoard, leaflet: LeafletFiles
    ) -> None:
        self._state = state
        self._catalogue = catalogue
        self._board = board
        self._leaflet = leaflet
        self._making = making

    def add_to(self, app: Any) -> None:
        """Adds the routes."""
        app.route("/api/map", "GET", self.facts)
        app.route("/api/days/<day>/map", "GET", self.day)
        app.route("/api/place", "GET", self.place)
        app.route("/api/trip", "GET", self.trip)

    @needs("viewer")
    @describes(answers=MapFacts)
    def facts(self) -> HTTPResponse:
        """How maps are drawn."""
        settings = self._board.settings
        return json_reply(
            MapFacts(
                tiles=settings.map.tiles,
                attribution=settings.map.attribution,
                attribution_link=_OF_OPENSTREETMAP if _is_openstreetmap(settings.map.tiles) else "",
                speed_unit=settings.gps.speed_unit,
                leaflet=self._leaflet.version,
            )
        )

    @needs("viewer")
    @describes(answers=DayMap, refuses=(CatalogueNotReady, TooManyViewers))
    def day(self, day: str) -> HTTPResponse:
        """The lines of a day's clips, its photos with a place, and its trips."""
        wanted_day(day)
        is_packed = accepts_gzip(request.headers.get("Accept-Encoding", ""))
        return self._making.reply(lambda: day_pieces(self._catalogue, day), JSON_HEADERS, is_packed=is_packed)

    @needs("viewer")
    @describes(answers=NowPlace)
    def place(self) -> HTTPResponse:
        """Where the car is, and how far it has come; for whoever follows it once a second."""
        recorder = self._board.recorder
        return json_reply(NowPlace(gps=recorder.gps if recorder else None, trip=recorder.trip if recorder else None))

    @needs("viewer")
    @describes(answers=RunningTrip, refuses=(LinkError,))
    def trip(self) -> HTTPResponse:
        """The line of the running trip so far."""
        line = ask(self._state, "recorder", GetTrip(), TripLine, _TRIP_LIMIT_SECONDS)
        recorder = self._board.recorder
        return json_reply(RunningTrip(points=line.points, trip=recorder.trip if recorder else None))


def wanted_day(day: str) -> Wanted:
    """All of a day. Raises BadRequest for what is no day."""
    if not is_day(day):
        raise BadRequest("day: write a day such as 2026-11-20, or undated")
    return Wanted(day=day)


def day_pieces(catalogue: CatalogueReader, day: str) -> Iterator[bytes]:
    """The JSON of a DayMap, of whose rows one is in hand at a time. Raises CatalogueNotReady at once."""
    clips = ids_of_day(catalogue, Wanted(day=day, kinds=_CLIPS), lambda _: True)
    photos = ids_of_day(catalogue, Wanted(day=day, kinds=_PHOTOS), lambda row: row.place is not None)
    events = ids_of_day(catalogue, Wanted(day=day, causes=EVENT_CAUSES), lambda row: row.place is not None)
    lists: dict[str, Iterator[msgspec.Struct]] = {
        "clips": (_clip_of(row) for row in rows_in_turn(catalogue, clips)),
        "photos": (_photo_of(row) for row in rows_in_turn(catalogue, photos) if row.place is not None),
        "events": (_event_of(row) for row in rows_in_turn(catalogue, events) if row.place and row.event),
        "trips": (_trip_of(trip, catalogue) for trip in trips_in(rows_in_turn(catalogue, clips))),
    }
    return _object_of(day, lists)


def _object_of(day: str, lists: dict[str, Iterator[msgspec.Struct]]) -> Iterator[bytes]:
    yield b'{"day":' + _encoder.encode(day)
    for name, values in lists.items():
        yield b"," + _encoder.encode(name) + b":["
        for number, value in enumerate(values):
            yield (b"," if number else b"") + _encoder.encode(value)
        yield b"]"
    yield b"}"


def _is_openstreetmap(tiles: str) -> bool:
    host = urlsplit(tiles.replace("{", "").replace("}", "")).hostname or ""
    return host == "openstreetmap.org" or host.endswith(".openstreetmap.org")


def _clip_of(row: ClipRow) -> MapClip:
    return MapClip(
        id=row.id,
        kind=row.kind,
        name=PurePosixPath(row.path).name,
        local_time=_local(row),
        duration_seconds=row.duration_seconds,
        is_locked=row.lock_cause is not None,
        media=f"/media/{row.id}",
        thumb=thumb_of(row),
        event=row.event.cause if row.event else None,
        is_known=row.track is not None,
        line=row.track.line if row.track else (),
    )


def _photo_of(row: ClipRow) -> MapPhoto:
    assert row.place is not None
    return MapPhoto(
        id=row.id,
        name=PurePosixPath(row.path).name,
        local_time=_local(row),
        latitude=row.place.latitude,
        longitude=row.place.longitude,
        media=f"/media/{row.id}",
        thumb=thumb_of(row),
    )


def _event_of(row: ClipRow) -> MapEvent:
    assert row.place is not None
    assert row.event is not None
    return MapEvent(
        id=row.id,
        cause=row.event.cause,
        local_time=_local(row, row.event.at_seconds),
        at_seconds=row.event.at_seconds,
        latitude=row.place.latitude,
        longitude=row.place.longitude,
    )


def _trip_of(trip: Trip, catalogue: CatalogueReader) -> MapTrip:
    return MapTrip(
        begins=trip.begins,
        ends=trip.ends,
        clips=trip.clips,
        started_utc=_utc(trip.started_utc_ms),
        ended_utc=_utc(trip.ended_utc_ms),
        local_start=_local_at(trip.begins, catalogue),
        local_end=_local_at(trip.ends, catalogue),
        duration_seconds=trip.duration_seconds,
        moving_seconds=trip.moving_seconds,
        distance_m=trip.distance_m,
        top_speed_mps=trip.top_speed_mps,
        mean_speed_mps=trip.mean_speed_mps,
    )


def _local_at(place: TripPlace, catalogue: CatalogueReader) -> str | None:
    """None also for a clip that has just been deleted."""
    return next((_local(row, place.seconds) for row in rows_in_turn(catalogue, [place.id])), None)


def _local(row: ClipRow, seconds: float = 0.0) -> str | None:
    """The local time of the row's name, so much later."""
    local: datetime | None = local_time_in_stem(PurePosixPath(row.path).stem)
    return None if local is None else (local + timedelta(seconds=int(seconds))).isoformat()


def _utc(utc_ms: int | None) -> str | None:
    return None if utc_ms is None else utc_text(utc_ms * _NANOSECONDS_PER_MILLISECOND)
