"""What the keeper does for people at low priority: cuts and searches; and what it has announced to them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Any, TypeVar

import msgspec
from bottle import HTTPResponse
from msgspec import Meta

from dashcam.clips.clip import ClipId
from dashcam.errors import BadMedia, BadRequest, CardError, CardFull, ClipBusy, ClipNotFound, LinkError
from dashcam.link.client import ask
from dashcam.link.messages import (
    CutRange,
    Done,
    GetProgress,
    JobStatus,
    JobTaken,
    KeeperProgress,
    Message,
    SawAnnouncement,
    SearchMotion,
    StopJob,
)
from dashcam.web.access import needs
from dashcam.web.clip_filter import Day
from dashcam.web.clips import MAX_IDS, ClipIdText
from dashcam.web.describe import describes
from dashcam.web.reply import json_reply, json_request

T = TypeVar("T", bound=Message)

# The keeper may be at another request, such as moving clips on a slow card.
_KEEPER_LIMIT_SECONDS = 20.0
# No clip is longer than a day.
_MOST_SECONDS = 86_400.0
JOB_ID = "[0-9A-Za-z-]{1,40}"
MAX_SEEN = 100

_Seconds = Annotated[float, Meta(ge=0, le=_MOST_SECONDS)]
_AnnouncementId = Annotated[str, Meta(min_length=1, max_length=80)]
_REFUSES = (LinkError, ClipNotFound, ClipBusy, CardError, CardFull, BadMedia)


class RangeToCut(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """From a second of one clip to a second of the same or a later one that continues it."""

    from_id: ClipIdText
    from_seconds: _Seconds
    to_id: ClipIdText
    to_seconds: _Seconds


class MotionToFind(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where to look: at some clips, at a day, or, without either, at all clips."""

    ids: Annotated[tuple[ClipIdText, ...], Meta(max_length=MAX_IDS)] = ()
    day: Day | None = None
    cut: bool = False
    """Each window that is found becomes a clip of its own, too."""


class JobStarted(msgspec.Struct, frozen=True, kw_only=True):
    """The id under which `jobs` tells how it goes."""

    job: str


class Jobs(msgspec.Struct, frozen=True, kw_only=True):
    """What waits and runs, and what has ended last."""

    jobs: tuple[JobStatus, ...]


class SeenAnnouncements(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Ids of announcements that a person has had before their eyes."""

    ids: Annotated[tuple[_AnnouncementId, ...], Meta(min_length=1, max_length=MAX_SEEN)]


class Acknowledged(msgspec.Struct, frozen=True):
    """It is done."""

    done: bool = True


class JobsResource:
    """Everything here is asked of the keeper."""

    def __init__(self, state: Path) -> None:
        self._state = state

    def add_to(self, app: Any) -> None:
        """Adds the routes."""
        app.route("/api/clips/cut", "POST", self.cut)
        app.route("/api/motion/search", "POST", self.search)
        app.route("/api/jobs", "GET", self.jobs)
        app.route("/api/jobs/<job_id>/stop", "POST", self.stop)
        app.route("/api/announcements/seen", "POST", self.seen)

    @needs("driver")
    @describes(answers=JobStarted, body=RangeToCut, refuses=_REFUSES)
    def cut(self) -> HTTPResponse:
        """Makes one saved clip of a range, without coding it anew: it begins at the keyframe before."""
        asked = json_request(RangeToCut)
        if asked.from_id == asked.to_id and asked.to_seconds <= asked.from_seconds:
            raise BadRequest("to_seconds: the end must be after the start")
        return self._start(
            CutRange(
                from_id=str(ClipId.parse(asked.from_id)),
                from_seconds=asked.from_seconds,
                to_id=str(ClipId.parse(asked.to_id)),
                to_seconds=asked.to_seconds,
            )
        )

    @needs("driver")
    @describes(answers=JobStarted, body=MotionToFind, refuses=_REFUSES)
    def search(self) -> HTTPResponse:
        """Looks for motion in what is recorded; what was looked at with the same settings is passed over."""
        asked = json_request(MotionToFind)
        if asked.ids and asked.day:
            raise BadRequest("day: give either clips or a day")
        ids = tuple(str(ClipId.parse(text)) for text in asked.ids)
        return self._start(SearchMotion(ids=ids, day=asked.day or "", cut=asked.cut))

    @needs("viewer")
    @describes(answers=Jobs, refuses=(LinkError,))
    def jobs(self) -> HTTPResponse:
        """How cuts and searches go."""
        return json_reply(Jobs(jobs=self._ask(GetProgress(), KeeperProgress).jobs))

    @needs("driver")
    @describes(answers=Acknowledged, refuses=(LinkError, ClipNotFound, CardError))
    def stop(self, job_id: str) -> HTTPResponse:
        """Ends a job, or takes it from the queue; what it has done stays."""
        if re.fullmatch(JOB_ID, job_id) is None:
            raise BadRequest("This is no job's id; /api/jobs has those that there are.")
        self._ask(StopJob(id=job_id), Done)
        return json_reply(Acknowledged())

    @needs("driver")
    @describes(answers=Acknowledged, body=SeenAnnouncements, refuses=(LinkError, CardError))
    def seen(self) -> HTTPResponse:
        """Tells that a person has seen announcements: only what was seen may go."""
        self._ask(SawAnnouncement(ids=json_request(SeenAnnouncements).ids), Done)
        return json_reply(Acknowledged())

    def _start(self, message: Message) -> HTTPResponse:
        return json_reply(JobStarted(job=self._ask(message, JobTaken).id))

    def _ask(self, request: Message, reply: type[T]) -> T:
        return ask(self._state, "keeper", request, reply, _KEEPER_LIMIT_SECONDS)
