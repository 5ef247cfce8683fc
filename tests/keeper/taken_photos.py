"""Photos as the recorder leaves them, with its own EXIF, and what stands in them."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

from PIL import Image

from dashcam.clips.clip import ClipId
from dashcam.clips.names import CardFolders, sidecar_of, stem_of
from dashcam.clips.sidecar import write_sidecar
from dashcam.clock import TRUSTED_SOURCES, ClockSource, local_time
from dashcam.media.exif import exif_block, taken_in, with_exif
from dashcam.moment import Moment
from dashcam.place import Place
from tests.made_clips import STARTED_NS, sidecar_for, tag_of

SIZE = (64, 48)
PLACE = Place(latitude=53.351219, longitude=-6.260309, altitude_m=21.4, speed_mps=13.4, hdop=0.9, satellites=8)


def put_taken_photo(data: Path, clip_id: str, *, source: ClockSource = "saved", place: Place | None = PLACE) -> Path:
    """Taken when the made clips began; without a time in its name and EXIF if `source` is not trusted."""
    is_trusted = source in TRUSTED_SOURCES
    moment = Moment(monotonic_ns=0, utc_ns=STARTED_NS if is_trusted else None, place=place)
    day, stem = "undated", stem_of(ClipId.parse(clip_id), None)
    if is_trusted:
        local = local_time(STARTED_NS, None)
        day, stem = f"{local:%Y-%m-%d}", stem_of(ClipId.parse(clip_id), local)
    path = CardFolders(data).of_kind("photo") / day / f"{stem}.jpg"
    path.parent.mkdir(parents=True, exist_ok=True)
    with BytesIO() as file:
        # Each another picture.
        Image.new("RGB", SIZE, f"#{hash(clip_id) & 0xFFFFFF:06x}").save(file, "JPEG")
        path.write_bytes(with_exif(file.getvalue(), exif_block(moment, "front: Pi camera", SIZE)))
    sidecar = sidecar_for(tag_of(clip_id, source=source), path.read_bytes(), 1, kind="photo")
    write_sidecar(sidecar_of(path), sidecar)
    return path


def picture_of(path: Path) -> bytes:
    """All of a photo but its EXIF."""
    content = path.read_bytes()
    assert content[:4] == b"\xff\xd8\xff\xe1"
    return content[4 + int.from_bytes(content[4:6], "big") :]


def taken(path: Path) -> str | None:
    """When it was taken, by its EXIF."""
    with Image.open(path) as image:
        return taken_in(image.getexif())
