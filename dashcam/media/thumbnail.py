"""Thumbnails: 320 pixels wide, with words at the lower edge. Runs in the child process."""

from __future__ import annotations

import os
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from dashcam.media.inspect import decode_first_picture
from dashcam.media.jobs import MediaKind, ThumbnailMade
from dashcam.media.photo import load_small

WIDTH = 320
# A picture may be a strip; its thumbnail must stay one that a page can show.
_MIN_HEIGHT, _MAX_HEIGHT = 60, 640
_TEXT_PIXELS = 15
_MARGIN_PIXELS = 6
_QUALITY = 80
# Around every letter, so that it reads on snow and at night.
_OUTLINE = [(x, y) for x in (-1, 0, 1) for y in (-1, 0, 1) if (x, y) != (0, 0)]


def make_thumbnail(source: Path, target: Path, kind: MediaKind, text: str) -> ThumbnailMade:
    """Writes a synced JPEG with `text` on it. Raises BadMedia, or the OSError of the card."""
    image = _video_picture(source) if kind == "video" else _fitted(load_small(source))
    _write_text(image, text)
    try:
        with open(target, "wb") as file:
            image.save(file, "JPEG", quality=_QUALITY)
            file.flush()
            os.fsync(file.fileno())
    except OSError:
        target.unlink(missing_ok=True)
        raise
    return ThumbnailMade(width=image.width, height=image.height)


def _height_for(width: int, height: int) -> int:
    return max(_MIN_HEIGHT, min(_MAX_HEIGHT, round(WIDTH * height / width)))


def _video_picture(source: Path) -> Image.Image:
    frame = decode_first_picture(source)
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


def _write_text(image: Image.Image, text: str) -> None:
    try:
        font = ImageFont.load_default(_TEXT_PIXELS)
    except (TypeError, ImportError):  # Pillow before 10.1, or without FreeType: one small font of fixed size
        font = ImageFont.load_default()
    draw = ImageDraw.Draw(image)
    _, top, _, bottom = draw.textbbox((0, 0), text, font=font)
    x, y = _MARGIN_PIXELS, image.height - _MARGIN_PIXELS - (bottom - top) - top
    for shift_x, shift_y in _OUTLINE:
        draw.text((x + shift_x, y + shift_y), text, font=font, fill="black")
    draw.text((x, y), text, font=font, fill="white")
