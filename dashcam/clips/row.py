"""The row of the catalogue: one clip or photo as the gallery needs it."""

from __future__ import annotations

import msgspec

from dashcam.clips.clip import ClipKind
from dashcam.clips.event import EventFacts, MotionTrace
from dashcam.clips.sidecar import Integrity, LockCause
from dashcam.clips.track_summary import TrackSummary
from dashcam.clock import ClockSource
from dashcam.place import Place


class ClipRow(msgspec.Struct, frozen=True, kw_only=True):
    """Everything the gallery shows; made from the file, its place and its sidecar, and nothing else."""

    id: str
    kind: ClipKind
    path: str
    """Below DCIM, with forward slashes."""
    day: str
    """The day folder: `2026-11-20` or `undated`."""
    bytes: int
    modified_ns: int
    """Of the video or photo file; with `bytes` it tells whether the file is still the one that was read."""
    started_utc_ms: int | None
    duration_seconds: float
    frames: int
    dropped_frames: int
    width: int
    height: int
    camera: str
    integrity: Integrity
    clock_source: ClockSource
    lock_cause: LockCause | None
    """None: not locked."""
    has_thumbnail: bool
    note: str = ""
    place: Place | None = None
    """Where its first frame, or the photo, was taken."""
    track: TrackSummary | None = None
    """None: not looked for yet."""
    event: EventFacts | None = None
    """What it was made for; None for loop clips, locked ones too, and photos."""
    motion: MotionTrace | None = None
    """Without its scores, which stand in the sidecar; None: nobody has looked for motion in it."""


class DayCount(msgspec.Struct, frozen=True, kw_only=True):
    """What one day folder holds."""

    day: str
    loops: int
    events: int
    photos: int
    bytes: int
