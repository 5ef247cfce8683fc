"""`/api/events`: server-sent events, so that a page need not ask again and again.

`status` carries what /api/status answers: at once, when something has changed that a person would notice, and now and
then for its counters. `clips` says that the list of clips has changed, with the newest of them. In between `alive` is a
sign of life of some bytes: a page that is only open costs the phone next to nothing.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import msgspec
from bottle import HTTPResponse, request

from dashcam.clips.catalogue import CatalogueNotReady, CatalogueReader
from dashcam.errors import TooManyViewers
from dashcam.web.access import needs
from dashcam.web.clips import Clip, clip_of
from dashcam.web.describe import describes
from dashcam.web.fair_share import Places, asking_address
from dashcam.web.status import Status, StatusBoard

# Pages beyond this ask /api/status now and then; each event stream holds a thread.
MAX_EVENT_STREAMS = 16
# The page says "connection lost" when it has heard nothing for some of these.
SIGN_OF_LIFE_SECONDS = 3.0
STATUS_SECONDS = 15.0
# A keeper that works through a card changes the list many times a second.
CLIPS_SECONDS = 1.0
_LOOK_SECONDS = 1.0

_ALIVE = b"event: alive\ndata: {}\n\n"


class ClipsChanged(msgspec.Struct, frozen=True, kw_only=True):
    """The data of `event: clips`; `newest` is the recording that was made last."""

    generation: int
    newest: Clip | None


def noticeable(status: Status) -> tuple[object, ...]:
    """What a person would notice a change of, without counters and clocks."""
    recorder, keeper = status.recorder or {}, status.keeper or {}
    clip = recorder.get("open_clip") or {}
    gps, clock = recorder.get("gps") or {}, recorder.get("clock") or {}
    return (
        status.connected,
        status.state,
        status.reason,
        status.warnings,
        status.pending_settings,
        status.is_building,
        recorder.get("camera"),
        clip.get("id"),
        clip.get("is_saved"),
        gps.get("kind"),
        gps.get("is_connected"),
        gps.get("status"),
        clock.get("source"),
        status.speed_unit,
        keeper.get("state"),
        *_what_happens(recorder),
        [(job["id"], job["state"]) for job in keeper.get("jobs", ())],
        [one["id"] for one in keeper.get("announcements", ())],
        status.network and (status.network.wifi.state, status.network.wifi.ssid, status.network.page_addresses),
    )


def _what_happens(recorder: dict[str, Any]) -> tuple[object, ...]:
    """Mode, event and whether something moves; not how strongly, nor for how long."""
    event, motion, ring = (recorder.get(name) or {} for name in ("event", "motion", "ring"))
    return (
        recorder.get("mode"),
        (event.get("id"), event.get("cause"), event.get("is_durable")),
        recorder.get("events"),
        (motion.get("state"), motion.get("words")),
        ring.get("words"),
    )


class EventStream:
    """The body of one page's event stream."""

    def __init__(
        self,
        board: StatusBoard,
        newest: Callable[[], Clip | None],
        stop: threading.Event,
        release: Callable[[], None],
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._board = board
        self._newest = newest
        self._stop = stop
        self._release = release
        self._monotonic = monotonic
        self._version = -1
        self._noticed: tuple[object, ...] | None = None
        self._generation: int | None = None
        self._spoke_at = self._status_at = self._clips_at = 0.0
        self._is_closed = False

    def __iter__(self) -> EventStream:
        return self

    def __next__(self) -> bytes:
        while not self._stop.is_set():
            event = self._due(self._board.now(), self._monotonic())
            if event is not None:
                return event
            self._version = self._board.wait_for_news(self._version, _LOOK_SECONDS)
        raise StopIteration

    def _due(self, status: Status, now: float) -> bytes | None:
        """The event that is to be sent now, if any."""
        if self._generation is None:
            self._generation = status.generation
        if noticeable(status) != self._noticed or now - self._status_at >= STATUS_SECONDS:
            self._noticed = noticeable(status)
            self._spoke_at = self._status_at = now
            return b"event: status\ndata: %b\n\n" % msgspec.json.encode(status)
        if status.generation != self._generation and now - self._clips_at >= CLIPS_SECONDS:
            self._generation = status.generation
            self._spoke_at = self._clips_at = now
            changed = ClipsChanged(generation=status.generation, newest=self._newest())
            return b"event: clips\ndata: %b\n\n" % msgspec.json.encode(changed)
        if now - self._spoke_at >= SIGN_OF_LIFE_SECONDS:
            self._spoke_at = now
            return _ALIVE
        return None

    def close(self) -> None:
        """Gives the place up. May be called twice."""
        if not self._is_closed:
            self._is_closed = True
            self._release()


class EventsResource:
    """The event streams of all pages, bounded."""

    def __init__(self, board: StatusBoard, catalogue: CatalogueReader, stop: threading.Event) -> None:
        self._board = board
        self._catalogue = catalogue
        self._stop = stop
        self._places = Places(MAX_EVENT_STREAMS)

    def add_to(self, app: Any) -> None:
        """Adds the route."""
        app.route("/api/events", "GET", self.events)

    @needs("viewer")
    @describes(content=["text/event-stream"], refuses=(TooManyViewers,))
    def events(self) -> HTTPResponse:
        """Events until the page or the dashcam goes; 503 when too many pages listen."""
        headers = {"Content-Type": "text/event-stream; charset=utf-8", "Cache-Control": "no-store"}
        if request.method == "HEAD":
            return HTTPResponse("", 200, headers)
        release = self._places.take(asking_address())
        if release is None:
            raise TooManyViewers("Too many pages are open; this one asks now and then instead.")
        return HTTPResponse(EventStream(self._board, self._newest, self._stop, release), 200, headers)

    def _newest(self) -> Clip | None:
        try:
            row = self._catalogue.newest()
        except CatalogueNotReady:
            return None
        return clip_of(row) if row is not None else None
