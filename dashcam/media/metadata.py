"""What stands in the head of a clip beside its tracks: the tag, when it was begun, and where."""

from __future__ import annotations

from dashcam.clock import utc_text
from dashcam.media.fitting import fitting
from dashcam.place import Place


def clip_metadata(comment: str, created_utc_ns: int | None, place: Place | None) -> dict[str, str]:
    """As the muxer wants it; what is not known is absent."""
    found = {"comment": comment}
    if created_utc_ns is not None:
        found["creation_time"] = utc_text(created_utc_ns)
    if (place := fitting(place)) is not None:
        # ISO 6709, as phones have it.
        altitude = "" if place.altitude_m is None else f"{place.altitude_m:+.1f}"
        found["location"] = f"{place.latitude:+09.5f}{place.longitude:+010.5f}{altitude}/"
    return found
