"""What becomes of a file that waits, and the sidecar it gets: pure decisions."""

from __future__ import annotations

from typing import Literal

import msgspec

from dashcam.clips.clip import ClipKind
from dashcam.clips.sidecar import ClipTag, Integrity, Lock, Sidecar
from dashcam.clock import NANOSECONDS
from dashcam.errors import BadMedia
from dashcam.media.jobs import Inspected

# broken: to BROKEN; remove: nothing is in it; repair: make it ordinary first; record: it has an id already;
# adopt: it comes from people and gets one.
Verdict = Literal["broken", "remove", "repair", "record", "adopt"]

# The first fragment of a clip is half a second; a clip that was opened and holds less than this never had one.
_NEVER_BEGAN_BYTES = 1_000_000
# Anything may stand in a file on the card.
_LEAST_SPEED, _MOST_SPEED = 0.001, 1000.0


def verdict_on(
    found: Inspected | BadMedia, *, is_opening: bool, size_bytes: int, has_id: bool, is_recording: bool
) -> Verdict:
    """`is_opening`: under the name that a clip has before its first fragment.

    `is_recording`: made by the recorder. What people drop in is never rewritten, even if it is damaged.
    """
    if isinstance(found, BadMedia) or not found.frames:
        return "remove" if is_opening and size_bytes < _NEVER_BEGAN_BYTES else "broken"
    if not has_id:
        return "adopt"
    return "repair" if is_recording and (found.is_fragmented or found.is_damaged) else "record"


def sidecar_from_tag(
    tag: ClipTag, found: Inspected, *, kind: ClipKind, size_bytes: int, integrity: Integrity, note: str
) -> Sidecar:
    """A sidecar for a clip of which only the file is left, or that never had one."""
    return Sidecar(
        id=tag.id,
        kind=kind,
        camera=tag.camera,
        integrity=integrity,
        started_utc=tag.started_utc,
        started_monotonic_ns=tag.started_monotonic_ns,
        ended_monotonic_ns=_ended_monotonic_ns(tag, found),
        clock_source=tag.clock_source,
        zone=tag.zone,
        media_start_ns=tag.media_start_ns,
        duration_seconds=found.duration_seconds,
        frames=found.frames,
        width=found.width,
        height=found.height,
        bytes=size_bytes,
        place=tag.place or found.place,
        event=tag.event,
        note=note,
    )


def born_as_event(sidecar: Sidecar, locked: Lock | None) -> Sidecar:
    """Of a clip that a power cut ended: an event's clip is saved or not as its tag says that it was from the start.

    One whose sidecar was lost later is not asked: somebody may have locked it.
    """
    return sidecar if sidecar.event is None else msgspec.structs.replace(sidecar, kind="event", locked=locked)


def _ended_monotonic_ns(tag: ClipTag, found: Inspected) -> int | None:
    """When the last frame of a replay was recorded, by the speed that was asked for; None for what plays as it was."""
    if tag.started_monotonic_ns is None or tag.speed == 1.0 or not _LEAST_SPEED <= tag.speed <= _MOST_SPEED:
        return None
    to_last_seconds = found.duration_seconds * (found.frames - 1) / max(found.frames, 1)
    return tag.started_monotonic_ns + round(to_last_seconds / tag.speed * NANOSECONDS)


def sidecar_renewed(base: Sidecar, found: Inspected, *, size_bytes: int, is_repaired: bool, note: str) -> Sidecar:
    """The sidecar that a clip had, with what its file tells now."""
    return msgspec.structs.replace(
        base,
        integrity="repaired" if is_repaired else base.integrity,
        duration_seconds=found.duration_seconds if found.codec != "jpeg" else base.duration_seconds,
        frames=found.frames,
        width=found.width,
        height=found.height,
        bytes=size_bytes,
        note=note or base.note,
    )
