"""What moves: now, in the last minutes, in the events that were kept of it, and as a stream for boxes on the page."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
from bottle import HTTPResponse, request
from msgspec import UNSET, UnsetType

from dashcam.clips.catalogue import CatalogueNotReady, CatalogueReader
from dashcam.clips.catalogue_questions import Wanted
from dashcam.clips.event import EventCause
from dashcam.errors import LinkError, TooManyViewers
from dashcam.link.client import ask
from dashcam.link.messages import (
    GetMotionHistory,
    MotionHistory,
    MotionSeen,
    MotionStatus,
    RecorderStatus,
    WatchMotion,
)
from dashcam.web.access import needs
from dashcam.web.clip_filter import PAGE_CLIPS, Before, Limit
from dashcam.web.clips import Clips, clip_of
from dashcam.web.describe import describes
from dashcam.web.fair_share import asking_address
from dashcam.web.reply import asked_query, json_reply
from dashcam.web.shared_stream import SharedStream, Viewer

# Each holds a thread; one phone needs one, and only while somebody wants to see boxes.
MAX_MOTION_STREAMS = 6
# While nobody looks for motion the recorder sends nothing; the page is told so as often, and its absence is noticed.
BEAT_SECONDS = 3.0
# Longer than between two looks, which are at least one a second.
_SILENCE_SECONDS = 20.0
_LIMIT_SECONDS = 5.0
_MOTION: tuple[EventCause, ...] = ("motion",)
_EVENTS = Wanted(causes=_MOTION)


class PointOfHistory(msgspec.Struct, frozen=True, kw_only=True):
    """A second of the past: how long ago, the highest score in it, and whether it counted as motion."""

    age_seconds: float
    score: float
    confidence: float
    is_motion: bool


class History(msgspec.Struct, frozen=True, kw_only=True):
    """The last minutes, oldest first; seconds in which nobody looked are left out."""

    points: tuple[PointOfHistory, ...]


class MotionPage(msgspec.Struct, frozen=True, kw_only=True):
    """Which page of the events is asked for."""

    before: Before | UnsetType = UNSET
    limit: Limit = PAGE_CLIPS


class MotionStream(SharedStream[MotionSeen]):
    """What the recorder's detector sees, for the pages that draw boxes; nothing is asked for while none does."""

    def __init__(self, state: Path) -> None:
        super().__init__(
            state,
            name="motion-stream",
            request=WatchMotion(),
            reply=MotionSeen,
            max_viewers=MAX_MOTION_STREAMS,
            silence_seconds=_SILENCE_SECONDS,
            full=lambda most: f"Motion is shown on {most} pages already; switch it off on one of them.",
        )


class MotionEvents:
    """The body of one page's stream: `event: motion` with what was seen, and now and then also without news."""

    def __init__(
        self, viewer: Viewer[MotionSeen], last: Callable[[], MotionStatus | None], stop: threading.Event
    ) -> None:
        self._viewer = viewer
        self._last = last
        self._stop = stop
        self._has_begun = False

    def __iter__(self) -> MotionEvents:
        return self

    def __next__(self) -> bytes:
        seen = self._viewer.next(BEAT_SECONDS) if self._has_begun else None
        self._has_begun = True
        if self._stop.is_set():
            raise StopIteration
        motion = seen.motion if seen is not None else self._last() or MotionStatus(words="the recorder does not answer")
        return b"event: motion\ndata: %b\n\n" % msgspec.json.encode(motion)

    def close(self) -> None:
        """Gives the viewer's place up."""
        self._viewer.leave()


class MotionResource:
    """`/api/motion` and what lies below it."""

    def __init__(
        self,
        state: Path,
        stream: MotionStream,
        catalogue: CatalogueReader,
        recorder: Callable[[], RecorderStatus | None],
        stop: threading.Event,
    ) -> None:
        """`recorder`: what it has said last; `stop` is set before the server ends."""
        self._state = state
        self._stream = stream
        self._catalogue = catalogue
        self._recorder = recorder
        self._stop = stop

    def add_to(self, app: Any) -> None:
        """Adds the routes."""
        app.route("/api/motion", "GET", self.motion)
        app.route("/api/motion/history", "GET", self.history)
        app.route("/api/motion/events", "GET", self.events)
        app.route("/api/motion/stream", "GET", self.stream)

    @needs("viewer")
    @describes(answers=MotionStatus, refuses=(LinkError,))
    def motion(self) -> HTTPResponse:
        """What moves now, at most a second old."""
        motion = self._last()
        if motion is None:
            raise LinkError("The recorder does not answer; it may be starting.")
        return json_reply(motion)

    @needs("viewer")
    @describes(answers=History, refuses=(LinkError,))
    def history(self) -> HTTPResponse:
        """What moved in the last minutes, a point a second."""
        found = ask(self._state, "recorder", GetMotionHistory(), MotionHistory, _LIMIT_SECONDS)
        points = tuple(PointOfHistory(**msgspec.structs.asdict(point)) for point in found.points)
        return json_reply(History(points=points))

    @needs("viewer")
    @describes(answers=Clips, query=MotionPage, refuses=(CatalogueNotReady,))
    def events(self) -> HTTPResponse:
        """Clips that were made because something moved, newest first; `before` is the `next` of the page before."""
        asked = asked_query(MotionPage)
        page = self._catalogue.page(_EVENTS, before=asked.before or None, limit=asked.limit)
        return json_reply(Clips(clips=[clip_of(row) for row in page.rows], next=page.before))

    @needs("viewer")
    @describes(content=["text/event-stream"], refuses=(TooManyViewers,))
    def stream(self) -> HTTPResponse:
        """What moves, with each picture that is looked at, until the page or the dashcam goes."""
        headers = {"Content-Type": "text/event-stream; charset=utf-8", "Cache-Control": "no-store"}
        viewer = self._stream.join(asking_address())
        if request.method == "HEAD":
            viewer.leave()
            return HTTPResponse("", 200, headers)
        return HTTPResponse(MotionEvents(viewer, self._last, self._stop), 200, headers)

    def _last(self) -> MotionStatus | None:
        recorder = self._recorder()
        return recorder.motion if recorder is not None else None
