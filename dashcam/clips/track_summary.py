"""What the keeper finds out about a clip's track, for lists, maps and trips; stands in the sidecar."""

from __future__ import annotations

import msgspec


class LinePoint(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A point of the simplified line, `[seconds,latitude,longitude,speed,begins]`."""

    seconds: float
    """Since the clip's first frame: where the video is to be played from."""
    latitude: float
    longitude: float
    speed_mps: float | None
    begins: bool = False
    """True where the line begins anew, after a gap: nothing is drawn from the point before to this one."""


class TrackSummary(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A clip's track. A clip whose track was looked for and that has none has no points."""

    points: int
    """Good fixes."""
    gap_seconds: float
    """How much of the clip has no place."""
    distance_m: float
    """Along the fixes, gaps not counted."""
    moving_seconds: float
    """How long it was faster than walking pace."""
    top_speed_mps: float | None
    line: tuple[LinePoint, ...] = ()
    """Simplified: within a few metres of the fixes, and with their stops and changes of speed."""
