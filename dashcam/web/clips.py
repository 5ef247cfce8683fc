"""The gallery's lists, and what the keeper does with clips when asked."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import Annotated, Any, Literal
from urllib.parse import quote

import msgspec
from bottle import HTTPResponse

from dashcam.clips.catalogue import CatalogueNotReady, CatalogueReader
from dashcam.clips.clip import ClipId, ClipKind
from dashcam.clips.event import EventFacts, MotionTrace, MotionWindow
from dashcam.clips.names import local_time_in_stem
from dashcam.clips.row import ClipRow, DayCount
from dashcam.clips.sidecar import Integrity, LockCause
from dashcam.clock import ClockSource
from dashcam.errors import ClipNotFound, LinkError
from dashcam.link.client import ask
from dashcam.link.messages import ClipsDone, DeleteClips, LockClips, Message, UnlockClips
from dashcam.place import Place
from dashcam.web.access import needs
from dashcam.web.clip_filter import ClipFilter, ClipPage
from dashcam.web.describe import describes
from dashcam.web.reply import asked_query, json_reply, json_request

MAX_IDS = 500
# As ClipId.parse takes it, for whoever writes a program.
CLIP_ID = "[1-9][0-9]{0,8}-k?[1-9][0-9]{0,8}"
ClipIdText = Annotated[str, msgspec.Meta(pattern=f"^{CLIP_ID}$")]
_Ids = Annotated[tuple[ClipIdText, ...], msgspec.Meta(min_length=1, max_length=MAX_IDS)]
# Moving hundreds of clips on a slow card takes a while; the keeper does one after the other.
_KEEPER_LIMIT_SECONDS = 60.0


class ClipTrack(msgspec.Struct, frozen=True, kw_only=True):
    """How a clip's track is; the track itself has addresses of its own. Without GPS it has no points."""

    points: int
    gap_seconds: float
    """How much of the clip has no place."""
    distance_m: float
    moving_seconds: float
    top_speed_mps: float | None


class ClipMotion(msgspec.Struct, frozen=True, kw_only=True):
    """What moved in a clip; its scores have an address of their own."""

    seen: Literal["live", "scan"]
    """While it was recorded, or afterwards."""
    looked_seconds: float
    windows: tuple[MotionWindow, ...]
    """`[from,to,score]`, in media seconds. None of them: it was looked at, and nothing moved."""


class Clip(msgspec.Struct, frozen=True, kw_only=True):
    """One clip or photo as the API tells it."""

    id: str
    kind: ClipKind
    day: str
    name: str
    """Of the file, for people and downloads."""
    local_time: str | None
    """Of the first frame in the dashcam's zone, without offset; None while the time is not known."""
    started_utc: str | None
    duration_seconds: float
    bytes: int
    frames: int
    dropped_frames: int
    width: int
    height: int
    camera: str
    integrity: Integrity
    clock_source: ClockSource
    is_locked: bool
    lock_cause: LockCause | None
    note: str
    media: str
    """Where the file is to be had."""
    thumb: str | None
    """Where the thumbnail is; None while there is none."""
    place: Place | None
    """Where its first frame, or the photo, was taken."""
    track: ClipTrack | None
    """None: not looked for yet, or a photo."""
    event: EventFacts | None
    """What it was made for; None for the loop's clips, locked ones too, and photos."""
    motion: ClipMotion | None
    """None: nobody has looked for motion in it."""


class Clips(msgspec.Struct, frozen=True, kw_only=True):
    """A page of the list, newest first; `next` is the `before` of the page after it, None at the end."""

    clips: list[Clip]
    next: str | None


class Days(msgspec.Struct, frozen=True, kw_only=True):
    """What each day holds, newest first."""

    days: list[DayCount]


class NeighboursOfClip(msgspec.Struct, frozen=True, kw_only=True):
    """The next older and newer clip of what is asked for; None at the ends."""

    older: Clip | None
    newer: Clip | None


class ClipIds(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What lock and unlock are asked."""

    ids: _Ids


class ClipsToDelete(ClipIds, frozen=True, forbid_unknown_fields=True):
    """What delete is asked. `locked`: those of `ids` that are known to be locked, and are to go all the same."""

    locked: Annotated[tuple[ClipIdText, ...], msgspec.Meta(max_length=MAX_IDS)] = ()


class Handled(msgspec.Struct, frozen=True, kw_only=True):
    """Which ids were done, and in words why the others were not."""

    done: tuple[str, ...]
    failed: dict[str, str]
    locked: tuple[str, ...] = ()
    """Those of `failed` that are locked, and were not named as such when they were to be deleted."""


def clip_of(row: ClipRow) -> Clip:
    """A row of the catalogue as the API tells it."""
    name = PurePosixPath(row.path)
    local = local_time_in_stem(name.stem)
    started = datetime.fromtimestamp(row.started_utc_ms / 1000, UTC) if row.started_utc_ms is not None else None
    return Clip(
        id=row.id,
        kind=row.kind,
        day=row.day,
        name=name.name,
        local_time=local.isoformat() if local else None,
        started_utc=f"{started:%Y-%m-%dT%H:%M:%S}.{started.microsecond // 1000:03d}Z" if started else None,
        duration_seconds=row.duration_seconds,
        bytes=row.bytes,
        frames=row.frames,
        dropped_frames=row.dropped_frames,
        width=row.width,
        height=row.height,
        camera=row.camera,
        integrity=row.integrity,
        clock_source=row.clock_source,
        is_locked=row.lock_cause is not None,
        lock_cause=row.lock_cause,
        note=row.note,
        media=f"/media/{row.id}",
        thumb=thumb_of(row),
        place=row.place,
        track=_track_of(row),
        event=row.event,
        motion=_motion_of(row.motion),
    )


def thumb_of(row: ClipRow) -> str | None:
    """The address of a thumbnail changes with the name: it is stamped anew when its clip gets its time."""
    stem = PurePosixPath(row.path).stem
    return f"/thumb/{row.id}?v={quote(stem, safe='')}" if row.has_thumbnail else None


def _track_of(row: ClipRow) -> ClipTrack | None:
    track = row.track
    if track is None:
        return None
    return ClipTrack(
        points=track.points,
        gap_seconds=track.gap_seconds,
        distance_m=track.distance_m,
        moving_seconds=track.moving_seconds,
        top_speed_mps=track.top_speed_mps,
    )


def _motion_of(trace: MotionTrace | None) -> ClipMotion | None:
    if trace is None:
        return None
    return ClipMotion(seen=trace.seen, looked_seconds=trace.looked_seconds, windows=trace.windows)


class ClipsResource:
    """Lists come from the catalogue, changes go to the keeper."""

    def __init__(self, catalogue: CatalogueReader, state: Path) -> None:
        self._catalogue = catalogue
        self._state = state
        # A long list takes a few milliseconds and, while it is made, six times its size.
        self._making_list = threading.Lock()

    def add_to(self, app: Any) -> None:
        """Adds the routes."""
        app.route("/api/days", "GET", self.days)
        app.route("/api/clips", "GET", self.clips)
        app.route("/api/clips/lock", "POST", self.lock)
        app.route("/api/clips/unlock", "POST", self.unlock)
        app.route("/api/clips/delete", "POST", self.delete)
        app.route("/api/clips/<clip_id>", "GET", self.clip)
        app.route("/api/clips/<clip_id>/neighbours", "GET", self.neighbours)

    @needs("viewer")
    @describes(answers=Days, query=ClipFilter, refuses=(CatalogueNotReady,))
    def days(self) -> HTTPResponse:
        """What each day holds of what is asked for; days without any are left out."""
        return json_reply(Days(days=self._catalogue.days(asked_query(ClipFilter).wanted())))

    @needs("viewer")
    @describes(answers=Clips, query=ClipPage, refuses=(CatalogueNotReady,))
    def clips(self) -> HTTPResponse:
        """A page of clips, newest first; `before` is the `next` of the page before."""
        asked = asked_query(ClipPage)
        with self._making_list:
            page = self._catalogue.page(asked.wanted(), before=asked.before or None, limit=asked.limit)
            return json_reply(Clips(clips=[clip_of(row) for row in page.rows], next=page.before))

    @needs("viewer")
    @describes(answers=Clip, refuses=(CatalogueNotReady, ClipNotFound))
    def clip(self, clip_id: str) -> HTTPResponse:
        """One clip."""
        return json_reply(clip_of(self._catalogue.get(clip_id)))

    @needs("viewer")
    @describes(answers=NeighboursOfClip, query=ClipFilter, refuses=(CatalogueNotReady, ClipNotFound))
    def neighbours(self, clip_id: str) -> HTTPResponse:
        """The clips before and after this one among those asked for, whether it is one of them or not."""
        found = self._catalogue.neighbours(clip_id, asked_query(ClipFilter).wanted())
        older, newer = (clip_of(row) if row else None for row in (found.older, found.newer))
        return json_reply(NeighboursOfClip(older=older, newer=newer))

    @needs("driver")
    @describes(answers=Handled, body=ClipIds, refuses=(LinkError,))
    def lock(self) -> HTTPResponse:
        """Keeps clips from being deleted by the loop."""
        return self._ask_keeper(LockClips(ids=_asked_ids(), cause="hand"))

    @needs("driver")
    @describes(answers=Handled, body=ClipIds, refuses=(LinkError,))
    def unlock(self) -> HTTPResponse:
        """Gives clips back to the loop."""
        return self._ask_keeper(UnlockClips(ids=_asked_ids()))

    @needs("owner")
    @describes(answers=Handled, body=ClipsToDelete, refuses=(LinkError,))
    def delete(self) -> HTTPResponse:
        """Deletes clips for good; locked ones only if they are named as such, too."""
        asked = json_request(ClipsToDelete)
        return self._ask_keeper(DeleteClips(ids=_checked(asked.ids), locked=_checked(asked.locked)))

    def _ask_keeper(self, message: Message) -> HTTPResponse:
        answer = ask(self._state, "keeper", message, ClipsDone, _KEEPER_LIMIT_SECONDS)
        return json_reply(Handled(done=answer.done, failed=answer.failed, locked=answer.locked))


def _asked_ids() -> tuple[str, ...]:
    return _checked(json_request(ClipIds).ids)


def _checked(ids: Iterable[str]) -> tuple[str, ...]:
    return tuple(str(ClipId.parse(text)) for text in ids)
