"""A day with drives on the card: clips whose lines go over a town, and a photo on the way."""

from __future__ import annotations

import math
from typing import Any

from dashcam.clips.row import ClipRow
from dashcam.clips.track_summary import LinePoint, TrackSummary
from dashcam.place import Place
from tests.browser.looking import CLIP_SECONDS
from tests.browser.pictures import jpeg
from tests.web.sites import Site, clip_row

DAY = "2026-11-20"
SPEED_MPS = 20.0
METRES_PER_DEGREE = 111_195.0
START = (53.35, -6.26)


def place_at(seconds: float) -> tuple[float, float]:
    """Where the car is so long after the first clip's begin: it drives to the east, at a steady speed."""
    turn = math.cos(math.radians(START[0]))
    return START[0], START[1] + seconds * SPEED_MPS / METRES_PER_DEGREE / turn


def line_of(first_seconds: float, seconds: float = CLIP_SECONDS) -> tuple[LinePoint, ...]:
    """The line of a clip that begins so long after the first one: a point a second."""
    return tuple(
        LinePoint(float(at), *place_at(first_seconds + at), SPEED_MPS, at == 0) for at in range(math.ceil(seconds))
    )


def with_line(first_seconds: float, seconds: float = CLIP_SECONDS) -> dict[str, Any]:
    """What the row of a clip has with such a line."""
    line = line_of(first_seconds, seconds)
    track = TrackSummary(
        points=len(line),
        gap_seconds=0.0,
        distance_m=SPEED_MPS * seconds,
        moving_seconds=seconds,
        top_speed_mps=SPEED_MPS,
        line=line,
    )
    place = Place(latitude=line[0].latitude, longitude=line[0].longitude, speed_mps=SPEED_MPS)
    return {"track": track, "place": place, "clock_source": "gps", "duration_seconds": float(seconds)}


def driven(number: int, **changes: Any) -> ClipRow:
    """The `number`th clip of a drive, one after the other without a gap."""
    first = (number - 1) * CLIP_SECONDS
    at = 15 * 3600 + first
    facts = {
        "path": f"VIDEO/{DAY}/dcp_{DAY.replace('-', '')}{at // 3600:02d}{at // 60 % 60:02d}{at % 60:02d}.mp4",
        "started_utc_ms": 1_795_186_800_000 + first * 1000,
        **with_line(first),
    }
    return clip_row(number, **{**facts, **changes})


def add_photo(site: Site, number: int, seconds: float) -> ClipRow:
    """A photo that was taken on the way."""
    latitude, longitude = place_at(seconds)
    row = clip_row(
        number,
        kind="photo",
        path=f"PHOTO/{DAY}/dcp_20261120150{number % 10:03d}.jpg",
        track=None,
        place=Place(latitude=latitude, longitude=longitude),
    )
    return site.keeper.add(row, jpeg((200, 90, 10), 1280, 720), thumbnail=jpeg((200, 90, 10)))
