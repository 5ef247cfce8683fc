"""Clips of a minute beside a track log, and what the keeper has made of them."""

from __future__ import annotations

from pathlib import Path

import msgspec

from dashcam.clips.gpx_reader import TrackPoint, read_track
from dashcam.clips.names import sidecar_of
from dashcam.clips.sidecar import read_sidecar, write_sidecar
from dashcam.clips.track_summary import TrackSummary
from dashcam.clock import NANOSECONDS
from tests.keeper.rig import Rig
from tests.made_clips import STARTED_NS, put_clip
from tests.made_tracks import STARTED_MONOTONIC_NS

MINUTE_NS = 60 * NANOSECONDS


def put_minute(data: Path, number: int, *, boot: int = 42, is_dated: bool = True, kind: str = "VIDEO") -> Path:
    """A clip of one minute; the first, number 0, began with the made logs."""
    started_ns = STARTED_NS + number * MINUTE_NS if is_dated else None
    path = put_clip(data, f"{boot}-{number + 1}", started_ns=started_ns, kind=kind)
    sidecar = msgspec.structs.replace(
        read_sidecar(sidecar_of(path)),
        duration_seconds=60.0,
        started_monotonic_ns=STARTED_MONOTONIC_NS + number * MINUTE_NS,
    )
    write_sidecar(sidecar_of(path), sidecar)
    return path


def track(rig: Rig, clip_id: str) -> TrackSummary:
    """The track that sidecar and catalogue agree on."""
    found = rig.sidecar(clip_id).track
    assert found is not None
    assert rig.reader.get(clip_id).track == found
    return found


def gpx_path(rig: Rig, clip_id: str) -> Path:
    return rig.folders.track_of(rig.path(clip_id))


def points(rig: Rig, clip_id: str) -> list[TrackPoint]:
    return [point for segment in read_track(gpx_path(rig, clip_id)).segments for point in segment]
