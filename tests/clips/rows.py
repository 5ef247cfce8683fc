"""Rows of a made-up card."""

from __future__ import annotations

import msgspec

from dashcam.clips.clip import ClipKind
from dashcam.clips.event import EventCause, EventFacts
from dashcam.clips.row import ClipRow
from tests.golden_values import ROW, TRACK

MINUTE_MS = 60_000


def row(number: int, *, kind: ClipKind = "loop", day: str = "2026-11-20", boot: int = 1, **other: object) -> ClipRow:
    """A clip of minute `number`, as lists have it; `other` are fields of ClipRow."""
    facts: dict[str, object] = {
        "id": f"{boot}-{number}",
        "kind": kind,
        "day": day,
        "path": f"{kind}/{day}/{boot}_{number}.mp4",
        "bytes": 100 + number,
        "started_utc_ms": None if day == "undated" else number * MINUTE_MS,
        "lock_cause": "hand" if kind == "event" else None,
        "track": msgspec.structs.replace(TRACK, line=()),
        "event": None,
        "motion": None,
    }
    return msgspec.structs.replace(ROW, **(facts | other))


def event(cause: EventCause, event_id: str = "", **other: object) -> EventFacts:
    """What a clip was made for; `other` are fields of EventFacts."""
    facts: dict[str, object] = {"cause": cause, "id": event_id or "1-1", "at_seconds": 10.0, "peak_seconds": 12.0}
    return EventFacts(**(facts | other))  # type: ignore[arg-type]


def ids(rows: tuple[ClipRow, ...] | list[ClipRow]) -> list[str]:
    return [found.id for found in rows]
