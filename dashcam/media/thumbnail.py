"""Thumbnails: 320 pixels wide, with words at the lower edge and EXIF. Runs in the child process."""

from __future__ import annotations

import io
import os
from pathlib import Path

from PIL import Image

from dashcam.clock import zone_of
from dashcam.media.exif import exif_block, with_exif
from dashcam.media.inspect import decode_first_picture
from dashcam.media.jobs import Caption, MediaKind, ThumbnailMade
from dashcam.media.lettering import lettering, write_on_image
from dashcam.media.photo import load_small
from dashcam.media.picture_at import picture_at
from dashcam.moment import GAP, Moment

WIDTH = 320
# A picture may be a strip; its thumbnail must stay one that a page can show.
_MIN_HEIGHT, _MAX_HEIGHT = 60, 640
_TEXT_PIXELS = 15
_QUALITY = 80


def make_thumbnail(
    source: Path, target: Path, kind: MediaKind, caption: Caption, at_seconds: float = 0.0
) -> ThumbnailMade:
    """Writes a synced JPEG with the caption on it. Raises BadMedia, or the OSError of the card."""
    image = _video_picture(source, at_seconds) if kind == "video" else _fitted(load_small(source))
    rows = [line.split(GAP) for line in caption.text.splitlines()]
    words = lettering(rows, "bottom-left", image.size, _TEXT_PIXELS)
    if words is not None:
        write_on_image(image, words)
    moment = Moment(monotonic_ns=0, utc_ns=caption.utc_ns, zone=zone_of(caption.zone), place=caption.place)
    exif = exif_block(moment, caption.camera or "dashcam", image.size, caption.speed_unit)
    content = io.BytesIO()
    image.save(content, "JPEG", quality=_QUALITY)
    try:
        with open(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o644), "wb") as file:
            file.write(with_exif(content.getvalue(), exif))
            file.flush()
            os.fsync(file.fileno())
    except OSError:
        target.unlink(missing_ok=True)
        raise
    return ThumbnailMade(width=image.width, height=image.height)


def _height_for(width: int, height: int) -> int:
    return max(_MIN_HEIGHT, min(_MAX_HEIGHT, round(WIDTH * height / width)))


def _video_picture(source: Path, at_seconds: float) -> Image.Image:
    frame = picture_at(source, at_seconds) if at_seconds > 0 else decode_first_picture(source)
    # Turned by whole quarters only: what phones write into their videos.
    turns = round(frame.rotation / 90) % 4
    width, height = (frame.height, frame.width) if turns % 2 else (frame.width, frame.height)
    height = _height_for(width, height)
    size = (height, WIDTH) if turns % 2 else (WIDTH, height)
    small = frame.reformat(width=size[0], height=size[1], format="rgb24", interpolation="AREA")
    picture: Image.Image = small.to_image()  # type: ignore[no-untyped-call]
    return picture.rotate(90 * turns, expand=True) if turns else picture


def _fitted(picture: Image.Image) -> Image.Image:
    return picture.resize((WIDTH, _height_for(*picture.size)), Image.Resampling.BOX)
