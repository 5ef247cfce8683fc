"""`/api/events`: server-sent events, so that a page need not ask again and again.

`event: status` carries what /api/status answers: at once when something has changed that a person would notice, else
every few seconds as a sign of life. Its `generation` tells a page when to look for new clips.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import msgspec
from bottle import HTTPResponse, request

from dashcam.errors import TooManyViewers
from dashcam.web.access import needs
from dashcam.web.status import Status, StatusBoard

# Pages beyond this ask /api/status now and then; each event stream holds a thread.
MAX_EVENT_STREAMS = 16
# The page says "connection lost" when it has heard nothing for some of these.
SIGN_OF_LIFE_SECONDS = 3.0
_LOOK_SECONDS = 1.0


def noticeable(status: Status) -> tuple[object, ...]:
    """What a person would notice a change of, without counters and clocks."""
    recorder, keeper = status.recorder or {}, status.keeper or {}
    clip = recorder.get("open_clip") or {}
    return (
        status.connected,
        status.state,
        status.reason,
        status.warnings,
        status.generation,
        status.is_building,
        recorder.get("camera"),
        clip.get("id"),
        keeper.get("state"),
    )


class EventStream:
    """The body of one page's event stream."""

    def __init__(
        self,
        board: StatusBoard,
        stop: threading.Event,
        release: Callable[[], None],
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._board = board
        self._stop = stop
        self._release = release
        self._monotonic = monotonic
        self._version = -1
        self._sent: tuple[object, ...] | None = None
        self._sent_at = 0.0
        self._is_closed = False

    def __iter__(self) -> EventStream:
        return self

    def __next__(self) -> bytes:
        while not self._stop.is_set():
            status = self._board.now()
            is_due = self._monotonic() - self._sent_at >= SIGN_OF_LIFE_SECONDS
            if is_due or noticeable(status) != self._sent:
                self._sent, self._sent_at = noticeable(status), self._monotonic()
                return b"event: status\ndata: %b\n\n" % msgspec.json.encode(status)
            self._version = self._board.wait_for_news(self._version, _LOOK_SECONDS)
        raise StopIteration

    def close(self) -> None:
        """Gives the place up. May be called twice."""
        if not self._is_closed:
            self._is_closed = True
            self._release()


class EventsResource:
    """The event streams of all pages, bounded."""

    def __init__(self, board: StatusBoard, stop: threading.Event) -> None:
        self._board = board
        self._stop = stop
        self._places = threading.BoundedSemaphore(MAX_EVENT_STREAMS)

    def add_to(self, app: Any) -> None:
        """Adds the route."""
        app.route("/api/events", "GET", self.events)

    @needs("viewer")
    def events(self) -> HTTPResponse:
        """Events until the page or the dashcam goes; 503 when too many pages listen."""
        headers = {"Content-Type": "text/event-stream; charset=utf-8", "Cache-Control": "no-store"}
        if request.method == "HEAD":
            return HTTPResponse("", 200, headers)
        if not self._places.acquire(blocking=False):
            raise TooManyViewers("Too many pages are open; this one asks now and then instead.")
        return HTTPResponse(EventStream(self._board, self._stop, self._places.release), 200, headers)
