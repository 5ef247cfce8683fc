"""Photos while recording: one full-size picture, as a JPEG with words on it and EXIF in it, durable on the card."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from dashcam.clips.names import sidecar_of
from dashcam.clips.sidecar import Sidecar, write_sidecar
from dashcam.clock import utc_text
from dashcam.files import write_new_durably
from dashcam.media.exif import exif_block, with_exif
from dashcam.media.jpeg import encode_jpeg
from dashcam.moment import Moment, stamp_words

if TYPE_CHECKING:
    from dashcam.camera.base import Picture
    from dashcam.recorder.card import Card, NewPlace
    from dashcam.settings import Settings

# Others put files on the card, too, but not five times between our look and our rename.
_NAME_ATTEMPTS = 5


def save_photo(
    picture: Picture, card: Card, moment: Moment, settings: Settings, description: str
) -> tuple[NewPlace, Path]:
    """Writes the photo of that moment and its sidecar durably; gives its place and path. Raises OSError.

    `description` is the camera's, as in CameraFacts.
    """
    frame = picture.frame
    if settings.stamp.photo and not picture.is_stamped:
        # Not at the start, which has no time to lose, nor where nobody wants it.
        from dashcam.media.lettering import lettered

        camera, unit, stamp = settings.camera.name, settings.gps.speed_unit, settings.stamp
        frame = lettered(frame, stamp_words(moment, camera, unit, with_place=stamp.place), stamp.corner)
    jpeg = encode_jpeg(frame, settings.photo.quality)
    for _ in range(_NAME_ATTEMPTS - 1):
        try:
            return _save_at_new_place(picture, jpeg, card, moment, settings, description)
        except FileExistsError:
            continue  # somebody has put a file there in this very moment
    return _save_at_new_place(picture, jpeg, card, moment, settings, description)


def _save_at_new_place(
    picture: Picture, jpeg: bytes, card: Card, moment: Moment, settings: Settings, description: str
) -> tuple[NewPlace, Path]:
    """Raises FileExistsError when the place was taken meanwhile, and any other OSError."""
    place = card.place_for_photo(picture.captured_monotonic_ns)
    anchor, frame, camera = place.anchor, picture.frame, settings.camera.name
    utc_ns = anchor.utc_ns_at(picture.captured_monotonic_ns)
    # By the clock that the name was made with: a better one may have come since the picture was taken.
    moment = msgspec.structs.replace(moment, utc_ns=utc_ns if anchor.is_trusted else None)
    size = (frame.width, frame.height)
    photo = with_exif(jpeg, exif_block(moment, f"{camera}: {description}", size, settings.gps.speed_unit))
    write_new_durably(place.final, photo)
    write_sidecar(
        sidecar_of(place.final),
        Sidecar(
            id=str(place.id),
            kind="photo",
            camera=camera,
            integrity="closed",
            started_utc=None if anchor.source == "none" else utc_text(utc_ns),
            started_monotonic_ns=picture.captured_monotonic_ns,
            clock_source=anchor.source,
            zone=place.zone_name,
            media_start_ns=picture.pts_ns,
            duration_seconds=0.0,
            frames=1,
            width=frame.width,
            height=frame.height,
            bytes=len(photo),
            place=moment.place,
        ),
    )
    return place, place.final
