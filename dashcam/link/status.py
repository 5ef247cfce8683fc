"""Parts of what programs tell of themselves over their links; see `dashcam.link.messages`."""

from __future__ import annotations

from typing import Literal

import msgspec

from dashcam.clips.event import EventCause
from dashcam.clock import ClockSource
from dashcam.place import Place

ReceiverKind = Literal["none", "serial", "gpsd", "replay", "simulated"]
# As in dashcam.gps.base, which knows nothing of links.
ReceiverStatus = Literal["absent", "searching", "fix", "stale"]


class CameraMode(msgspec.Struct, frozen=True, kw_only=True):
    """A size that the camera can send, and its highest frame rate at it."""

    width: int
    height: int
    fps: float


class CameraStatus(msgspec.Struct, frozen=True, kw_only=True):
    """The camera in use. `is_fallback`: no camera was found and the synthetic drive stands in.

    `modes`: what it can; empty where that is not known or, as with a replay, not to be chosen.
    """

    kind: str
    name: str
    description: str
    width: int
    height: int
    fps: float
    encoder: str
    notes: tuple[str, ...]
    is_fallback: bool
    modes: tuple[CameraMode, ...] = ()
    stamp_hindrance: str = ""
    """Why nothing can be written into the video itself; empty where it can."""


class OpenClip(msgspec.Struct, frozen=True, kw_only=True):
    """The clip that grows now. `path` is below DCIM; empty until the first fragment is durable."""

    id: str
    path: str
    seconds: float
    bytes: int
    is_saved: bool = False
    """Somebody has pressed save: it is kept once it is closed."""


class QueueStatus(msgspec.Struct, frozen=True, kw_only=True):
    """The memory between camera and card, in bytes since the recorder started, and what it could not hold."""

    used_bytes: int
    limit_bytes: int
    high_water_bytes: int
    dropped_frames: int
    dropped_gops: int
    longest_stall_seconds: float
    slow_writes: int = 0
    """How often the card has held the writer up for a second or more."""


class CardStatus(msgspec.Struct, frozen=True, kw_only=True):
    """The file system of the data folder; zero when it is gone."""

    folder: str
    total_bytes: int
    free_bytes: int


class ClockStatus(msgspec.Struct, frozen=True, kw_only=True):
    """The wall clock. `utc` is None while its source is `none`, and an estimate while that is `saved`."""

    utc: str | None
    source: ClockSource
    zone: str
    error_seconds: float | None = None
    """How far it may be from the truth; None when nobody knows."""
    monotonic_ns: int = 0
    """CLOCK_MONOTONIC at `utc_ns`: from both, any program of this machine knows the time to the nanosecond."""
    utc_ns: int = 0
    """0 while the source is `none`."""
    words: str = ""
    """Where the time is from, for people."""


class GpsStatus(msgspec.Struct, frozen=True, kw_only=True):
    """The receiver; the defaults are those of a machine without one. Places are those of the last good fix."""

    kind: ReceiverKind = "none"
    device: str = ""
    """For people: `/dev/ttyACM0 at 9600 baud`, `gpsd at 127.0.0.1:2947`, the name of a file."""
    is_connected: bool = False
    is_real: bool = False
    """False for a replay and for the simulated drive."""
    is_fallback: bool = False
    """True when the simulated drive stands in because no receiver was found."""
    status: ReceiverStatus = "absent"
    place: Place | None = None
    """The last good fix, however old; `status` says whether it is the present one."""
    age_seconds: float | None = None
    """How old that is."""
    satellites_in_view: int | None = None
    words: str = "no GPS receiver"
    """The state in a few words, with the cure where something is wrong."""


class TripStatus(msgspec.Struct, frozen=True, kw_only=True):
    """The running trip: since the car last stood for long, or since the start."""

    seconds: float
    """Since it began."""
    moving_seconds: float
    distance_m: float
    top_speed_mps: float
    clip_id: str = ""
    """The clip that grew when it began; empty when that is not known."""


class ModeStatus(msgspec.Struct, frozen=True, kw_only=True):
    """What is recorded now, and why that."""

    wanted: Literal["auto", "drive", "park", "watch", "off"] = "auto"
    """By the setting."""
    mode: Literal["drive", "park", "watch", "off"] = "drive"
    """In force."""
    words: str = ""
    """Why, for people: `the car has stood for 10 minutes`, `from 22:00 to 06:00`."""


class MotionRegion(msgspec.Struct, frozen=True, kw_only=True):
    """A box around something that moves, as shares of the picture; score 0 to 100."""

    x: float
    y: float
    width: float
    height: float
    score: float


class MotionStatus(msgspec.Struct, frozen=True, kw_only=True):
    """What moves now. off: nobody looks, `words` say why; learning: the first moments; moving: something does."""

    state: Literal["off", "learning", "still", "moving"] = "off"
    score: float = 0.0
    confidence: float = 0.0
    regions: tuple[MotionRegion, ...] = ()
    captured_monotonic_ns: int = 0
    """When the picture was taken; 0 before the first."""
    words: str = ""


class MotionPoint(msgspec.Struct, frozen=True, array_like=True):
    """A second of the past: so long ago, the highest score in it, and whether it counted as motion."""

    age_seconds: float
    score: float
    confidence: float
    is_motion: bool


class RingStatus(msgspec.Struct, frozen=True, kw_only=True):
    """The seconds that are held for an event. `words`: why they are fewer than asked for; empty when all is well."""

    seconds: float = 0.0
    asked_seconds: float = 0.0
    bytes: int = 0
    limit_bytes: int = 0
    words: str = ""


class EventStatus(msgspec.Struct, frozen=True, kw_only=True):
    """The event that is being recorded. `id` is its clip's, empty until there is one."""

    id: str
    cause: EventCause
    seconds: float
    """Since its trigger."""
    score: float = 0.0
    triggers: int = 1
    is_durable: bool = False


class JobStatus(msgspec.Struct, frozen=True, kw_only=True):
    """Something that the keeper does for people. `words` say what, and at the end what came of it."""

    id: str
    kind: Literal["cut", "search"]
    state: Literal["waiting", "running", "done", "failed", "stopped"]
    words: str
    share: float = 0.0
    """Of it that is done, 0 to 1."""
    seconds_left: float | None = None
    result_ids: tuple[str, ...] = ()
    """Clips that it has made; of a search without cutting, those in which something moved."""


class Announcement(msgspec.Struct, frozen=True, kw_only=True):
    """A saved clip that is to go for want of room, when nobody unlocks, deletes or moves anything before."""

    id: str
    clip_id: str
    words: str
    is_seen: bool = False


class Usage(msgspec.Struct, frozen=True, kw_only=True):
    """What lies on the card of one kind, and how much of it may."""

    clips: int
    bytes: int
    quota_bytes: int


class SystemClock(msgspec.Struct, frozen=True, kw_only=True):
    """The machine's own clock, as the program that sets it sees it."""

    can_set: bool
    is_synchronized: bool
    """True while network time keeps it right; then it is left alone."""
    offset_seconds: float | None = None
    """How far it was from the recorder's time when they were last compared."""
    sets: int = 0
    """How often it was set since the program began."""
    words: str = ""
    """How it stands, for people, with the cure where something is wrong."""
