"""The sidecar: a small JSON file beside each clip and photo, with what the name cannot carry.

The recorder writes it once, when the clip is closed; after that only the keeper changes it. A clip without a sidecar
is open or was cut off. The same facts as far as they are known at the start (`ClipTag`) stand in the MP4's comment, so
that a clip that was cut off keeps its id.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Literal

import msgspec

from dashcam.clips.clip import ClipKind
from dashcam.clips.event import EventCause, EventFacts, MotionTrace
from dashcam.clips.track_summary import TrackSummary
from dashcam.clock import ClockSource
from dashcam.errors import BadMedia
from dashcam.files import write_durably
from dashcam.place import Place

# closed: by the recorder; repaired: cut off, then made ordinary by the keeper; adopted: dropped in by people.
Integrity = Literal["closed", "repaired", "adopted"]
LockCause = EventCause

MAX_SIDECAR_BYTES = 64 * 1024
# Far more than any clip has of anything, and few enough bits for the catalogue.
_LARGEST_COUNT = 2**53
# The comment stands in the MP4's first box but one.
_HEAD_BYTES = 64 * 1024
_TAG_BEGINS, _LONGEST_TAG_BYTES = b'{"id":"', 4096


class Lock(msgspec.Struct, frozen=True, kw_only=True):
    """Why and when a clip was locked; a locked clip is never deleted by a quota."""

    cause: LockCause
    utc: str | None


class Upload(msgspec.Struct, frozen=True, kw_only=True):
    """Where a clip was taken home to."""

    target: str
    utc: str


class Sidecar(msgspec.Struct, frozen=True, kw_only=True):
    """All that is known of a clip or photo beside its picture. Times are ISO 8601 UTC with milliseconds."""

    version: Literal[1] = 1
    id: str
    kind: ClipKind
    camera: str
    integrity: Integrity
    started_utc: str | None
    """UTC of the first frame; None while no clock was there at all, an estimate while `clock_source` is `saved`."""
    started_monotonic_ns: int | None
    """CLOCK_MONOTONIC of the first frame, of the boot in the id; None for what was adopted."""
    ended_monotonic_ns: int | None = None
    """CLOCK_MONOTONIC of the last frame: beside its length it tells how fast a replay was played."""
    clock_source: ClockSource
    zone: str = ""
    """Time zone setting that the name was made with; empty: the machine's."""
    media_start_ns: int | None = None
    """Time of the first frame on the camera's own clock: clips without a gap continue each other."""
    duration_seconds: float
    frames: int
    dropped_frames: int = 0
    """Frames missing in this clip: whole GOPs that a slow card cost, and what the camera could not hand over."""
    dropped_gops: int = 0
    width: int
    height: int
    bytes: int
    locked: Lock | None = None
    uploads: tuple[Upload, ...] = ()
    place: Place | None = None
    """Where its first frame, or the photo, was taken."""
    track: TrackSummary | None = None
    """None: the keeper has not looked for it yet."""
    event: EventFacts | None = None
    """What it was made for; None for loop clips, locked ones too, and photos."""
    motion: MotionTrace | None = None
    """None: nobody has looked for motion in it."""
    note: str = ""
    """What people should know: why a repair lost frames, from which name it was adopted."""


class ClipTag(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a clip when it is opened; stands as JSON in the comment of the MP4."""

    id: str
    camera: str
    started_utc: str | None
    started_monotonic_ns: int | None
    clock_source: ClockSource
    zone: str = ""
    media_start_ns: int | None = None
    place: Place | None = None
    speed: float = 1.0
    """Seconds of video in one of the clock: what a replay is asked to be played at."""
    event: EventFacts | None = None
    """Of an event's clip, as far as it is known at its start: one that is cut off keeps it."""
    locked: Lock | None = None
    """Of an event's clip that was locked before it began."""


_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(Sidecar)
_tag_decoder = msgspec.json.Decoder(ClipTag)


def encode_sidecar(sidecar: Sidecar) -> bytes:
    """The sidecar as the bytes of its file: JSON that people can read."""
    return msgspec.json.format(_encoder.encode(sidecar), indent=1) + b"\n"


def write_sidecar(path: Path, sidecar: Sidecar) -> None:
    """Writes it durably at `path`, replacing an older one whole."""
    write_durably(path, encode_sidecar(sidecar))


def read_sidecar(path: Path) -> Sidecar:
    """Raises FileNotFoundError when there is none, BadMedia when it cannot be read as one."""
    with open(path, "rb") as file:
        content = file.read(MAX_SIDECAR_BYTES + 1)
    if len(content) > MAX_SIDECAR_BYTES:
        raise BadMedia(f"{path.name} is too large for a sidecar; it is made anew")
    try:
        sidecar = _decoder.decode(content)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise BadMedia(f"{path.name} is no sidecar: {error}; it is made anew") from error
    counts = (sidecar.frames, sidecar.dropped_frames, sidecar.dropped_gops, sidecar.width, sidecar.height)
    if any(abs(count) > _LARGEST_COUNT for count in counts):
        raise BadMedia(f"{path.name} has a number that no clip has; it is made anew")
    return sidecar


def encode_tag(tag: ClipTag) -> str:
    """The tag as the text of the MP4's comment."""
    return _encoder.encode(tag).decode()


def tag_in(path: Path) -> ClipTag | None:
    """The tag of a recorder's clip, from its first kilobytes, where it stands while the clip grows and after.

    None when there is none: what people drop in, or what a repair has written anew. Raises OSError.
    """
    with open(path, "rb") as file:
        head = file.read(_HEAD_BYTES)
    start = head.find(_TAG_BEGINS)
    if start < 0:
        return None
    text = head[start : start + _LONGEST_TAG_BYTES].decode(errors="replace")
    try:
        _, end = json.JSONDecoder().raw_decode(text)
    except ValueError:
        return None
    return decode_tag(text[:end])


def decode_tag(comment: str) -> ClipTag | None:
    """The tag in an MP4's comment; None when the comment is something else."""
    try:
        return _tag_decoder.decode(comment)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
