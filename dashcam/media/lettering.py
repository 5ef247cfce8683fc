"""Words on pictures: white letters with a black outline, so that they read on snow and at night.

Thumbnails are drawn on by Pillow, photos right into their luma and chroma: no picture of 4K is turned into RGB and back
for two lines of text.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from PIL import Image, ImageChops, ImageDraw, ImageFont

from dashcam.media.jpeg import full_range_copy

if TYPE_CHECKING:
    from av.video.frame import VideoFrame
    from av.video.plane import VideoPlane

Corner = Literal["top-left", "top-right", "bottom-left", "bottom-right"]
_Font = ImageFont.FreeTypeFont | ImageFont.ImageFont

# Letters lower than this cannot be read; a picture without room for them has none.
_LEAST_PIXELS = 8
# The part of a picture's shorter side that letters have in photos, and what reads on a small one.
_SIZE_PART, _LEAST_WISHED_PIXELS = 36, 12
_SMALLER = 0.9
_BETWEEN_GROUPS = "   "
# Reads better when small and knows more alphabets than Pillow's own, which Pillow has only since 10.1.
_SYSTEM_FONT = Path("/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf")
# Thin strokes of small letters are only grey else.
_BOLDER = [min(255, value * 3 // 2) for value in range(256)]
# The last resort knows Latin-1 only, in one size.
_BITMAP_PIXELS = 11


@dataclass(frozen=True, slots=True)
class Lettering:
    """Lines of text as two masks of one size: 255 where a letter is, and where a letter or its outline is."""

    letters: Image.Image
    outline: Image.Image
    x: int
    y: int
    """Where its top left pixel comes in the picture; like the size even, because chroma has half the pixels."""


def letter_pixels(size: tuple[int, int]) -> int:
    """How high letters are to be in photos of this size."""
    return max(round(min(size) / _SIZE_PART), _LEAST_WISHED_PIXELS)


def lettering(
    rows: Sequence[Sequence[str]], corner: Corner, size: tuple[int, int], text_pixels: int
) -> Lettering | None:
    """Every row begins a line; its groups of words share it where they fit. None when nothing can be read there.

    `text_pixels` is the wished height of letters; they are smaller where a group is too wide otherwise.
    """
    rows = [[" ".join(group.split()) for group in row if group.strip()] for row in rows]
    while any(rows) and text_pixels >= _LEAST_PIXELS:
        margin = max(2, text_pixels // 3)
        room = (size[0] - 2 * margin, size[1] - 2 * margin)
        masks = _masks(rows, room, text_pixels, to_the_right=corner.endswith("right"))
        if masks is not None:
            x = margin if corner.endswith("left") else size[0] - margin - masks[0].width
            y = margin if corner.startswith("top") else size[1] - margin - masks[0].height
            return Lettering(*masks, x // 2 * 2, y // 2 * 2)
        text_pixels = int(text_pixels * _SMALLER)
    return None


def lettered(frame: VideoFrame, groups: Sequence[str], corner: Corner) -> VideoFrame:
    """A copy of the picture with the words on it; itself where it is too small for words. Raises BadMedia."""
    size = (frame.width, frame.height)
    words = lettering([groups], corner, size, letter_pixels(size))
    if words is None:
        return frame
    copy = full_range_copy(frame)
    write_on_frame(copy, words)
    return copy


def write_on_image(image: Image.Image, words: Lettering) -> None:
    """On an RGB or grey picture."""
    image.paste("black", (words.x, words.y), words.outline)
    image.paste("white", (words.x, words.y), words.letters)


def write_on_frame(frame: VideoFrame, words: Lettering) -> None:
    """On a picture in yuv420p with full-range colours, which must be the caller's own."""
    luma, *chroma = frame.planes
    _paste(luma, words.x, words.y, ((0, words.outline), (255, words.letters)))
    grey = words.outline.reduce(2)
    for plane in chroma:
        _paste(plane, words.x // 2, words.y // 2, ((128, grey),))


def _paste(plane: VideoPlane, x: int, y: int, layers: Sequence[tuple[int, Image.Image]]) -> None:
    height = min(layers[0][1].height, plane.height - y)
    rows = memoryview(plane)[y * plane.line_size : (y + height) * plane.line_size]
    strip = Image.frombytes("L", (plane.line_size, height), bytes(rows))
    for value, mask in layers:
        strip.paste(value, (x, 0), mask)
    rows[:] = strip.tobytes()


def _masks(
    rows: Sequence[Sequence[str]], room: tuple[int, int], text_pixels: int, *, to_the_right: bool
) -> tuple[Image.Image, Image.Image] | None:
    """Letters and outline, or None where they are larger than the room."""
    font, scale = _font(text_pixels)
    border = max(1, round(text_pixels / 10))
    texts = [text for row in rows for text in _lines(row, font, (room[0] - 2 * border) // scale)]
    lines = [_line(text, font, scale) for text in texts]
    pitch = lines[0].height + border
    width, height = _even(max(line.width for line in lines) + 2 * border), _even(pitch * len(lines) + border)
    if width > room[0] or height > room[1]:
        return None
    letters = Image.new("L", (width, height))
    for number, line in enumerate(lines):
        letters.paste(line, (width - border - line.width if to_the_right else border, border + number * pitch))
    letters = letters.point(_BOLDER)
    return letters, _grown(letters, border)


def _even(pixels: int) -> int:
    return pixels + pixels % 2


def _grown(mask: Image.Image, by: int) -> Image.Image:
    """Everything wider on all sides. Not by Pillow's MaxFilter, which holds up other threads for 50 ms at 4K."""
    for x, y in ((1, 0), (0, 1)):
        for _ in range(by):
            sides = (ImageChops.offset(mask, x, y), ImageChops.offset(mask, -x, -y))
            mask = ImageChops.lighter(mask, ImageChops.lighter(*sides))
    return mask


def _lines(groups: Sequence[str], font: _Font, most: int) -> list[str]:
    """As many groups in a line as fit; one that is too wide has a line of its own."""
    lines: list[str] = []
    for group in groups:
        longer = f"{lines[-1]}{_BETWEEN_GROUPS}{group}" if lines else group
        if lines and _box(longer, font)[2] <= most:
            lines[-1] = longer
        else:
            lines.append(group)
    return lines


def _line(text: str, font: _Font, scale: int) -> Image.Image:
    """As high as any line of this font, whatever letters it has."""
    left, _, right, _ = _box(text, font)
    _, top, _, bottom = _box("0Ájp,", font)
    line = Image.new("L", (right - left, bottom - top))
    ImageDraw.Draw(line).text((-left, -top), _known_to(font, text), font=font, fill=255)
    return line.resize((line.width * scale, line.height * scale), Image.Resampling.NEAREST) if scale > 1 else line


def _box(text: str, font: _Font) -> tuple[int, int, int, int]:
    left, top, right, bottom = font.getbbox(_known_to(font, text))
    return int(left), int(top), int(right), int(bottom)


def _known_to(font: _Font, text: str) -> str:
    return text.encode("latin-1", "replace").decode("latin-1") if isinstance(font, ImageFont.ImageFont) else text


def _font(text_pixels: int) -> tuple[_Font, int]:
    """The best font there is, and how many times larger its letters are to be made."""
    try:
        return ImageFont.truetype(str(_SYSTEM_FONT), text_pixels), 1
    except (OSError, ImportError):  # not installed, or Pillow without FreeType
        pass
    try:
        font = ImageFont.load_default(text_pixels)
    except (TypeError, ImportError):  # Pillow before 10.1
        font = ImageFont.load_default()
    is_scalable = isinstance(font, ImageFont.FreeTypeFont)
    return font, 1 if is_scalable else max(1, round(text_pixels / _BITMAP_PIXELS))
