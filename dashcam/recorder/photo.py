"""Photos while recording: one full-size picture, as a JPEG with EXIF time, durable on the card."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from dashcam import __version__
from dashcam.clips.names import sidecar_of
from dashcam.clips.sidecar import Sidecar, write_sidecar
from dashcam.clock import local_time, utc_text, zone_of
from dashcam.files import write_new_durably
from dashcam.media.jpeg import encode_jpeg

if TYPE_CHECKING:
    from dashcam.camera.base import Picture
    from dashcam.recorder.card import Card, NewPlace

# EXIF 2.32 tag numbers.
_MAKE, _MODEL, _SOFTWARE, _DATE_TIME, _EXIF_IFD = 0x010F, 0x0110, 0x0131, 0x0132, 0x8769
_ORIGINAL, _DIGITIZED, _OFFSET, _OFFSET_ORIGINAL, _SUBSECONDS = 0x9003, 0x9004, 0x9010, 0x9011, 0x9291
_WIDTH, _HEIGHT = 0xA002, 0xA003
# What EXIF demands of every JPEG (2.32, 4.6.8) and is the same in all of ours: 72 dots an inch, chroma in the middle
# of four pixels; version 2.32, Y Cb Cr, version 1.00 of FlashPix, sRGB.
_SAME_IN_ALL = {0x011A: 72.0, 0x011B: 72.0, 0x0128: 2, 0x0213: 1}
_SAME_DETAILS_IN_ALL = {0x9000: b"0232", 0x9101: b"\1\2\3\0", 0xA000: b"0100", 0xA001: 1}
# Tag, type, count: Pillow does not know this tag and takes it for numbers (type 1), EXIF wants "undefined" (7).
_COMPONENTS_AS_PILLOW_TYPES_IT = b"\x91\x01\x00\x01\x00\x00\x00\x04\1\2\3\0"
_COMPONENTS_AS_EXIF_TYPES_IT = b"\x91\x01\x00\x07\x00\x00\x00\x04\1\2\3\0"
# Others put files on the card, too, but not five times between our look and our rename.
_NAME_ATTEMPTS = 5
_APP1 = b"\xff\xe1"
_START_OF_IMAGE = b"\xff\xd8"


def exif_block(
    taken_utc_ns: int | None, zone: str, camera: str, description: str, size_pixels: tuple[int, int]
) -> bytes:
    """An APP1 segment with who took the picture and, if known, when (local time and its offset from UTC)."""
    from PIL import Image

    exif = Image.Exif()
    details = exif.get_ifd(_EXIF_IFD)
    exif.update(_SAME_IN_ALL)
    details.update(_SAME_DETAILS_IN_ALL)
    details[_WIDTH], details[_HEIGHT] = size_pixels
    exif[_MAKE], exif[_MODEL], exif[_SOFTWARE] = "dashcam", f"{camera}: {description}", f"dashcam {__version__}"
    if taken_utc_ns is not None:
        local = local_time(taken_utc_ns, zone_of(zone))
        text, offset = f"{local:%Y:%m:%d %H:%M:%S}", f"{local:%z}"
        exif[_DATE_TIME] = text
        details[_ORIGINAL] = details[_DIGITIZED] = text
        details[_OFFSET] = details[_OFFSET_ORIGINAL] = f"{offset[:3]}:{offset[3:5]}"
        details[_SUBSECONDS] = f"{taken_utc_ns // 1_000_000 % 1000:03d}"
    content = exif.tobytes().replace(_COMPONENTS_AS_PILLOW_TYPES_IT, _COMPONENTS_AS_EXIF_TYPES_IT)
    if not content.startswith(b"Exif\0\0"):
        content = b"Exif\0\0" + content
    return _APP1 + (len(content) + 2).to_bytes(2, "big") + content


def _with_exif(jpeg: bytes, block: bytes) -> bytes:
    """The segment goes right behind the start of the image, where readers look for it."""
    return _START_OF_IMAGE + block + jpeg[len(_START_OF_IMAGE) :]


def save_photo(picture: Picture, card: Card, camera: str, description: str, quality: int) -> tuple[NewPlace, Path]:
    """Writes the photo and its sidecar durably; gives its place and path. Raises OSError."""
    jpeg = encode_jpeg(picture.frame, quality)
    for _ in range(_NAME_ATTEMPTS - 1):
        try:
            return _save_at_new_place(picture, jpeg, card, camera, description)
        except FileExistsError:
            continue  # somebody has put a file there in this very moment
    return _save_at_new_place(picture, jpeg, card, camera, description)


def _save_at_new_place(
    picture: Picture, jpeg: bytes, card: Card, camera: str, description: str
) -> tuple[NewPlace, Path]:
    """Raises FileExistsError when the place was taken meanwhile, and any other OSError."""
    place = card.place_for_photo(picture.captured_monotonic_ns)
    has_time = place.anchor.source != "none"
    utc_ns = place.anchor.utc_ns_at(picture.captured_monotonic_ns) if has_time else None
    frame = picture.frame
    exif = exif_block(utc_ns, place.zone_name, camera, description, (frame.width, frame.height))
    photo = _with_exif(jpeg, exif)
    write_new_durably(place.final, photo)
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
            zone=place.zone_name,
            media_start_ns=picture.pts_ns,
            duration_seconds=0.0,
            frames=1,
            width=frame.width,
            height=frame.height,
            bytes=len(photo),
        ),
    )
    return place, place.final
