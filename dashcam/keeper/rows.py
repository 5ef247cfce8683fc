"""From a file, its place and its sidecar to its row in the catalogue."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import msgspec

from dashcam.clips.clip import ClipKind
from dashcam.clips.names import CardFolders
from dashcam.clips.row import ClipRow
from dashcam.clips.sidecar import Sidecar
from dashcam.clock import utc_ns_of
from dashcam.files import path_below

_NANOSECONDS_PER_MILLISECOND = 1_000_000
# In 5138: what the catalogue can sort.
_LATEST_MS = 10**14 - 1
# A date of change can be set to any year; the catalogue holds 64 bits.
_LATEST_CHANGE_NS = 2**63 - 1


@dataclass(frozen=True, slots=True)
class FileFacts:
    """Tells whether a file is still the one that was looked at."""

    bytes: int
    modified_ns: int

    @classmethod
    def of(cls, found: os.stat_result) -> FileFacts:
        """From stat."""
        return cls(found.st_size, max(-_LATEST_CHANGE_NS, min(found.st_mtime_ns, _LATEST_CHANGE_NS)))


def row_of(card: CardFolders, path: Path, facts: FileFacts, sidecar: Sidecar, has_thumbnail: bool) -> ClipRow:
    """The row; the folder says the kind, whatever the sidecar does. Raises ValueError for a path of no kind."""
    kind = card.kind_of(path)
    if kind is None:
        raise ValueError(f"{path} lies in none of the folders")
    return make_row(kind, path.parent.name, card.relative(path), facts, sidecar, has_thumbnail)


def make_row(kind: ClipKind, day: str, path: str, facts: FileFacts, sidecar: Sidecar, has_thumbnail: bool) -> ClipRow:
    """The same for a path below DCIM as text: 100,000 of them are made when a catalogue is built."""
    return ClipRow(
        id=sidecar.id,
        kind=kind,
        path=path,
        day=day,
        bytes=facts.bytes,
        modified_ns=facts.modified_ns,
        started_utc_ms=_milliseconds(sidecar.started_utc),
        duration_seconds=sidecar.duration_seconds,
        frames=sidecar.frames,
        dropped_frames=sidecar.dropped_frames,
        width=sidecar.width,
        height=sidecar.height,
        camera=sidecar.camera,
        integrity=sidecar.integrity,
        clock_source=sidecar.clock_source,
        lock_cause=sidecar.locked.cause if sidecar.locked else None,
        has_thumbnail=has_thumbnail,
        note=sidecar.note,
        place=sidecar.place,
        track=sidecar.track,
        event=sidecar.event,
        motion=sidecar.motion and msgspec.structs.replace(sidecar.motion, scores=()),
    )


def file_of(card: CardFolders, path: str) -> Path | None:
    """The file at a path below DCIM, as the catalogue has it; None when it is gone or only reached over links."""
    top, _, rest = path.partition("/")
    root = (card.dcim / top).resolve()
    wanted = root / rest
    if path_below(root, rest) != wanted or not wanted.is_file():
        return None
    return card.dcim / path


def _milliseconds(utc: str | None) -> int | None:
    """None, too, for what somebody has written into a sidecar and nobody can show as a time."""
    try:
        milliseconds = None if utc is None else utc_ns_of(utc) // _NANOSECONDS_PER_MILLISECOND
    except (ValueError, OverflowError):
        return None
    return milliseconds if milliseconds is not None and 0 <= milliseconds <= _LATEST_MS else None
