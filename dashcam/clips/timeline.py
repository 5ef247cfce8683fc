"""The line of a day: what was recorded when, what moved, what happened, how fast the car was. Pure: rows in, line out."""

from __future__ import annotations

import msgspec

from dashcam.clips.clip import ClipKind
from dashcam.clips.event import EventCause, MotionWindow


class TimelineClip(msgspec.Struct, frozen=True, kw_only=True):
    """A clip on the line. One that lasts over midnight ends beyond 86,400."""

    id: str
    kind: ClipKind
    start_seconds: float
    """Since the day's midnight, by the dashcam's clock as in the names."""
    duration_seconds: float
    is_locked: bool
    is_event: bool
    """Made for an event: beside the loop's clips, of the same time."""
    is_looked: bool
    """Somebody has looked for motion in it."""
    windows: tuple[MotionWindow, ...]
    """In media seconds of the clip."""


class TimelineEvent(msgspec.Struct, frozen=True, kw_only=True):
    """A mark on the line."""

    id: str
    """Of its clip."""
    cause: EventCause
    at_seconds: float
    """Of the trigger, since midnight."""
    duration_seconds: float
    score: float
    is_locked: bool


class TimelineGap(msgspec.Struct, frozen=True, kw_only=True):
    """Between two clips of the day nothing was recorded."""

    from_seconds: float
    to_seconds: float


class SpeedPoint(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """`[seconds,speed,begins]`: the highest speed in so many seconds from there, since midnight."""

    seconds: float
    speed_mps: float
    begins: bool = False
    """True after a gap: nothing is drawn from the point before to this one."""


class DayTimeline(msgspec.Struct, frozen=True, kw_only=True):
    """All that is drawn of a day, oldest first."""

    day: str
    clips: list[TimelineClip]
    events: list[TimelineEvent]
    gaps: list[TimelineGap]
    speeds: list[SpeedPoint]
    timeless: int
    """So many clips are not on it: their time is not known."""


class DayCounters(msgspec.Struct, frozen=True, kw_only=True):
    """What came together on a day."""

    day: str
    clips: int
    photos: int
    events: dict[EventCause, int]
    """By cause; those without any are left out."""
    saved: int
    """Clips that are locked."""
    recorded_seconds: float
    """By loop clips and, where there were none, events: each moment once."""
    gaps: int
    gap_seconds: float
    motion_seconds: float
    """Each moment once."""
    looked_seconds: float
    """So much was looked at for motion."""
    distance_m: float
