"""What is asked of the child that opens whatever lies on the card, and what it answers: one line of JSON each.

Paths are bytes (base64 in the JSON), because names on a card need not be text.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import Literal

import msgspec

from dashcam.moment import SpeedUnit
from dashcam.place import Place

MediaKind = Literal["video", "photo"]


class Job(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """Base of what is asked. `path` is read only."""

    path: bytes


class Inspect(Job, frozen=True, kw_only=True):
    """What is it, and how much of it can be read? Answered with Inspected."""

    kind: MediaKind


class Repair(Job, frozen=True, kw_only=True):
    """Writes all that can be read as an ordinary, synced MP4 at `target`. Answered with Repaired."""

    target: bytes


class Caption(msgspec.Struct, frozen=True, kw_only=True):
    """What a thumbnail says: on it for people, in its EXIF for programs. Two that are equal need no new thumbnail."""

    text: str
    """Its lines."""
    camera: str = ""
    utc_ns: int | None = None
    """When the picture was taken; None while no clock is trusted."""
    zone: str = ""
    """For local time; empty: the machine's own."""
    place: Place | None = None
    speed_unit: SpeedUnit = "km/h"


class MakeThumbnail(Job, frozen=True, kw_only=True):
    """Writes a small synced JPEG at `target`, with the caption on it and in it. Answered with ThumbnailMade."""

    target: bytes
    kind: MediaKind
    caption: Caption
    at_seconds: float = 0.0
    """Of a video: which moment of it; 0: its first picture."""


class DatePhoto(Job, frozen=True, kw_only=True):
    """Writes a photo of the recorder anew at `target`, a new synced file, with this time in its EXIF.

    Answered with PhotoDated.
    """

    target: bytes
    utc_ns: int
    zone: str
    """For local time; empty: the machine's own."""


class CutPart(msgspec.Struct, frozen=True, kw_only=True):
    """A piece of a file: media seconds of it, None for its beginning and its end."""

    path: bytes
    from_seconds: float | None = None
    to_seconds: float | None = None
    shift_seconds: float = 0.0
    """To be added to its media seconds for those of the new clip."""


class PlanCut(Job, frozen=True, kw_only=True):
    """Where would a cut begin? Answered with CutPlanned. `path` is that of the first part."""

    parts: tuple[CutPart, ...]


class Cut(Job, frozen=True, kw_only=True):
    """Writes parts that continue each other as one ordinary, synced MP4 at `target`. Answered with CutMade.

    `path` is that of the first part, which begins where PlanCut has told.
    """

    parts: tuple[CutPart, ...]
    target: bytes
    metadata: dict[str, str]


class Inspected(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """What could be read. Of a photo the frames are 1 and the size is as it is shown."""

    frames: int
    """That can be read whole; 0: the file opens, but holds no picture."""
    duration_seconds: float
    width: int
    height: int
    codec: str
    comment: str
    is_fragmented: bool
    """Still as it was growing: fragments, no index at the end."""
    is_damaged: bool
    """It promises more than can be read."""
    taken: str | None = None
    """When, by its own account: ISO 8601, with an offset from UTC if it names one."""
    place: Place | None = None
    """Where, by its own account."""


class Repaired(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """What is in the new file."""

    frames: int
    duration_seconds: float
    bytes: int


class CutPlanned(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """The keyframe at or before the wanted start, in media seconds of the first part."""

    start_seconds: float


class CutMade(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """What is in the new clip; `last_seconds`: when its last picture begins."""

    frames: int
    duration_seconds: float
    last_seconds: float
    bytes: int


class ThumbnailMade(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """Its size."""

    width: int
    height: int


class PhotoDated(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """How large the new file is."""

    bytes: int


class Refused(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """The file cannot be used, and why."""

    message: str


class Hindered(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """The card did not allow it (full, gone, read error); says nothing about the file."""

    message: str


class NotOfOneKind(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """A part cannot be joined to the one before it: another size, or another encoder. Counted from 0."""

    part: int


AnyJob = Inspect | Repair | MakeThumbnail | DatePhoto | PlanCut | Cut
Answer = Inspected | Repaired | ThumbnailMade | PhotoDated | CutPlanned | CutMade | NotOfOneKind | Refused | Hindered


def bytes_to_read(job: AnyJob) -> int:
    """The size of the files that a job reads; those that cannot be looked at count nothing."""
    paths = [part.path for part in job.parts] if isinstance(job, PlanCut | Cut) else [job.path]
    total = 0
    for path in paths:
        with suppress(OSError):
            total += Path(os.fsdecode(path)).stat().st_size
    return total
