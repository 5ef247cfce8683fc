"""The Bottle app, put together from its resources."""

from __future__ import annotations

import socket
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bottle import Bottle

from dashcam.clips.catalogue import CatalogueReader
from dashcam.web.access import refuse_routes_without_role
from dashcam.web.boots import BootsResource
from dashcam.web.clip_events import ClipEventsResource
from dashcam.web.clip_files import ClipFiles
from dashcam.web.clips import ClipsResource
from dashcam.web.events import EventsResource
from dashcam.web.guard import Guard
from dashcam.web.jobs import JobsResource
from dashcam.web.leaflet import SYSTEM_FOLDER, LeafletFiles, LeafletResource
from dashcam.web.live import LivePictures, LiveResource
from dashcam.web.logs import LogsResource
from dashcam.web.making import Making
from dashcam.web.maps import MapsResource
from dashcam.web.media import MediaResource
from dashcam.web.motion import MotionResource, MotionStream
from dashcam.web.network import NetworkResource
from dashcam.web.openapi import OpenApiResource, refuse_routes_without_description
from dashcam.web.pages import PagesResource, unknown_address
from dashcam.web.power import PowerResource, PowerSwitch
from dashcam.web.recording import RecordingResource
from dashcam.web.reply import bottle_error, errors_as_json
from dashcam.web.settings import SettingsResource
from dashcam.web.settings_in_force import SettingsInForce
from dashcam.web.status import StatusBoard, StatusResource
from dashcam.web.storage import StorageResource
from dashcam.web.time import TimeResource
from dashcam.web.timeline import TimelineResource
from dashcam.web.tracks import TracksResource
from dashcam.web.zip_download import ZipResource


@dataclass(frozen=True, slots=True, kw_only=True)
class WebParts:
    """What the app is made of; somebody else starts and closes it."""

    data: Path
    state: Path
    www: Path
    catalogue: CatalogueReader
    board: StatusBoard
    live: LivePictures
    motion: MotionStream
    settings: SettingsInForce
    power: PowerSwitch
    leaflet: Path = SYSTEM_FOLDER
    """Where the map library lies."""
    stop: threading.Event
    """Set before the server is stopped: ends every stream and download."""


def make_routes(parts: WebParts) -> Any:
    """A Bottle with all routes. Raises TypeError when one of them declares no role, or not what it answers."""
    app: Any = Bottle()
    app.install(errors_as_json)
    leaflet = LeafletFiles(parts.leaflet)
    files = ClipFiles(parts.data, parts.catalogue, lambda: parts.board.open_clip, parts.stop)
    making = Making(files, parts.stop)
    for resource in (
        StatusResource(parts.board),
        EventsResource(parts.board, parts.catalogue, parts.stop),
        LiveResource(parts.live),
        MotionResource(parts.state, parts.motion, parts.catalogue, lambda: parts.board.recorder, parts.stop),
        RecordingResource(parts.state),
        TimeResource(parts.state, lambda: parts.board.settings.clock.zone),
        ClipsResource(parts.catalogue, parts.state),
        ClipEventsResource(parts.data, parts.catalogue),
        JobsResource(parts.state),
        TimelineResource(parts.catalogue),
        StorageResource(
            parts.data,
            parts.catalogue,
            bytes_per_second=lambda: parts.board.bytes_per_second,
            storage_settings=lambda: parts.board.settings.storage,
        ),
        MediaResource(files, parts.catalogue, parts.stop),
        ZipResource(files, parts.catalogue, parts.stop),
        TracksResource(files, parts.catalogue, making, parts.stop),
        MapsResource(parts.state, parts.catalogue, making, parts.board, leaflet),
        LeafletResource(leaflet, parts.stop),
        LogsResource(parts.state),
        BootsResource(parts.state),
        SettingsResource(parts.data, parts.state, parts.settings, parts.board, parts.catalogue),
        NetworkResource(parts.state, lambda: parts.board.settings),
        PowerResource(parts.power),
        OpenApiResource(lambda: app.routes),
        PagesResource(parts.www, parts.stop),
    ):
        resource.add_to(app)
    app.error(404, unknown_address)
    for status in (400, 405, 500):
        app.error(status, bottle_error)
    refuse_routes_without_role(app.routes)
    refuse_routes_without_description(app.routes)
    return app


def make_app(parts: WebParts) -> Guard:
    """The app as the server gets it: all routes, with the guard in front of them."""
    return Guard(make_routes(parts), socket.gethostname(), lambda: parts.board.settings.map.tiles)
