"""What stands on a thumbnail."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from dashcam.clips.clip import ClipId
from dashcam.clips.row import ClipRow
from dashcam.clock import local_time

_NANOSECONDS_PER_MILLISECOND = 1_000_000


def stamp_of(row: ClipRow, zone: ZoneInfo | None) -> str:
    """Local date and time of a clip or photo; while they are unknown, which one it is since the machine started."""
    if row.started_utc_ms is not None:
        return f"{local_time(row.started_utc_ms * _NANOSECONDS_PER_MILLISECOND, zone):%Y-%m-%d %H:%M:%S}"
    clip_id = ClipId.parse(row.id)
    return f"start {clip_id.boot}, no. {clip_id.number}"
