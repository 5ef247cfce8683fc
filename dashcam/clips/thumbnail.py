"""What a thumbnail of a clip or photo says."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from dashcam.clips.clip import ClipId
from dashcam.clips.row import ClipRow
from dashcam.clock import NANOSECONDS, TRUSTED_SOURCES
from dashcam.media.jobs import Caption
from dashcam.moment import Moment, SpeedUnit, place_words, time_words
from dashcam.place import Place

_NANOSECONDS_PER_MILLISECOND = 1_000_000
# For so long a car is about where it was, and about as fast.
_NEAR_SECONDS = 2.0


def caption_of(row: ClipRow, zone: ZoneInfo | None, unit: SpeedUnit = "km/h") -> Caption:
    """Local date and time, speed and place of its picture, on it and in its EXIF, as far as they are known.

    A thumbnail needs making anew when this is another one. While no clock is trusted it says instead which recording it
    is since the machine started; a file that people dropped in has the time by which it is sorted, but none in EXIF.
    """
    utc_ns = None if row.started_utc_ms is None else row.started_utc_ms * _NANOSECONDS_PER_MILLISECOND
    place = _place_of(row)
    if utc_ns is not None:
        utc_ns += round(peak_seconds(row) * NANOSECONDS)
    is_trusted = row.clock_source in TRUSTED_SOURCES
    shown_ns = utc_ns if is_trusted or row.integrity == "adopted" else None
    if shown_ns is None:
        clip_id = ClipId.parse(row.id)
        first = f"start {clip_id.boot}, no. {clip_id.number}"
    else:
        first = time_words(Moment(monotonic_ns=0, utc_ns=shown_ns, zone=zone), with_zone=False)
    return Caption(
        text=first if place is None else f"{first}\n{place_words(place, unit)}",
        camera=row.camera,
        utc_ns=utc_ns if is_trusted else None,
        zone="" if zone is None else zone.key,
        place=place,
        speed_unit=unit,
    )


def peak_seconds(row: ClipRow) -> float:
    """Which moment of a clip its picture shows: of an event its strongest, else the first."""
    return 0.0 if row.event is None else max(0.0, min(row.event.peak_seconds, row.duration_seconds))


def _place_of(row: ClipRow) -> Place | None:
    """Where the picture was taken; None where only the clip's beginning has a place."""
    seconds = peak_seconds(row)
    if row.place is None or seconds <= _NEAR_SECONDS:
        return row.place
    line = row.track.line if row.track is not None else ()
    near = min(line, key=lambda point: abs(point.seconds - seconds), default=None)
    if near is None or abs(near.seconds - seconds) > _NEAR_SECONDS:
        return None
    return Place(latitude=near.latitude, longitude=near.longitude, speed_mps=near.speed_mps)
