"""What a thumbnail of a clip or photo says."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from dashcam.clips.clip import ClipId
from dashcam.clips.row import ClipRow
from dashcam.clock import TRUSTED_SOURCES
from dashcam.media.jobs import Caption
from dashcam.moment import Moment, SpeedUnit, place_words, time_words

_NANOSECONDS_PER_MILLISECOND = 1_000_000


def caption_of(row: ClipRow, zone: ZoneInfo | None, unit: SpeedUnit = "km/h") -> Caption:
    """Local date and time, speed and place of its start, on it and in its EXIF, as far as they are known.

    A thumbnail needs making anew when this is another one. While no clock is trusted it says instead which recording it
    is since the machine started; a file that people dropped in has the time by which it is sorted, but none in EXIF.
    """
    utc_ns = None if row.started_utc_ms is None else row.started_utc_ms * _NANOSECONDS_PER_MILLISECOND
    is_trusted = row.clock_source in TRUSTED_SOURCES
    shown_ns = utc_ns if is_trusted or row.integrity == "adopted" else None
    if shown_ns is None:
        clip_id = ClipId.parse(row.id)
        first = f"start {clip_id.boot}, no. {clip_id.number}"
    else:
        first = time_words(Moment(monotonic_ns=0, utc_ns=shown_ns, zone=zone), with_zone=False)
    return Caption(
        text=first if row.place is None else f"{first}\n{place_words(row.place, unit)}",
        camera=row.camera,
        utc_ns=utc_ns if is_trusted else None,
        zone="" if zone is None else zone.key,
        place=row.place,
        speed_unit=unit,
    )
