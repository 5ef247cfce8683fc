"""Photos while recording: one full-size picture, as a JPEG with EXIF time, durable on the card."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from dashcam import __version__
from dashcam.clips.names import sidecar_of
from dashcam.clips.sidecar import Sidecar, write_sidecar
from dashcam.clock import NANOSECONDS, local_time, utc_text, zone_of
from dashcam.files import write_durably
from dashcam.media.jpeg import encode_jpeg

if TYPE_CHECKING:
    from dashcam.camera.base import Picture
    from dashcam.recorder.card import Card, NewPlace

# EXIF 2.32 tag numbers.
_MAKE, _MODEL, _SOFTWARE, _DATE_TIME, _EXIF_IFD = 0x010F, 0x0110, 0x0131, 0x0132, 0x8769
_ORIGINAL, _DIGITIZED, _OFFSET, _OFFSET_ORIGINAL, _SUBSECONDS = 0x9003, 0x9004, 0x9010, 0x9011, 0x9291
_APP1 = b"\xff\xe1"
_START_OF_IMAGE = b"\xff\xd8"


def exif_block(taken_utc_ns: int | None, zone: str, camera: str, description: str) -> bytes:
    """An APP1 segment with who took the picture and, if known, when (local time and its offset from UTC)."""
    from PIL import Image

    exif = Image.Exif()
    exif[_MAKE], exif[_MODEL], exif[_SOFTWARE] = "dashcam", f"{camera}: {description}", f"dashcam {__version__}"
    if taken_utc_ns is not None:
        local = local_time(taken_utc_ns, zone_of(zone))
        text, offset = f"{local:%Y:%m:%d %H:%M:%S}", f"{local:%z}"
        exif[_DATE_TIME] = text
        details = exif.get_ifd(_EXIF_IFD)
        details[_ORIGINAL] = details[_DIGITIZED] = text
        details[_OFFSET] = details[_OFFSET_ORIGINAL] = f"{offset[:3]}:{offset[3:5]}"
        details[_SUBSECONDS] = f"{datetime.fromtimestamp(taken_utc_ns / NANOSECONDS, UTC).microsecond // 1000:03d}"
    content = exif.tobytes()
    if not content.startswith(b"Exif\0\0"):
        content = b"Exif\0\0" + content
    return _APP1 + (len(content) + 2).to_bytes(2, "big") + content


def _with_exif(jpeg: bytes, block: bytes) -> bytes:
    """The segment goes right behind the start of the image, where readers look for it."""
    return _START_OF_IMAGE + block + jpeg[len(_START_OF_IMAGE) :]


def save_photo(picture: Picture, card: Card, camera: str, description: str, quality: int) -> tuple[NewPlace, Path]:
    """Writes the photo and its sidecar durably; gives its place and path. Raises OSError."""
    place = card.place_for_photo(picture.captured_monotonic_ns)
    has_time = place.anchor.source != "none"
    utc_ns = place.anchor.utc_ns_at(picture.captured_monotonic_ns) if has_time else None
    frame = picture.frame
    jpeg = _with_exif(encode_jpeg(frame, quality), exif_block(utc_ns, card.zone_name, camera, description))
    write_durably(place.final, jpeg)
    write_sidecar(
        sidecar_of(place.final),
        Sidecar(
            id=str(place.id),
            kind="photo",
            camera=camera,
            integrity="closed",
            started_utc=None if utc_ns is None else utc_text(utc_ns),
            started_monotonic_ns=picture.captured_monotonic_ns,
            clock_source=place.anchor.source,
            zone=card.zone_name,
            media_start_ns=picture.pts_ns,
            duration_seconds=0.0,
            frames=1,
            width=frame.width,
            height=frame.height,
            bytes=len(jpeg),
        ),
    )
    return place, place.final
