"""Text in the picture: letters drawn once as patches of luma, then put side by side."""

from __future__ import annotations

import math
from typing import TypeAlias

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from dashcam.camera.drive.colours import Floats
from dashcam.camera.planes import Plane

_Font: TypeAlias = ImageFont.FreeTypeFont | ImageFont.ImageFont

_LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz:-.#/· "


class Lettering:
    """Letters on a plain ground, `height` pixels high; digits are equally wide, so that figures stand still."""

    def __init__(self, height: int, ground: int, ink: int) -> None:
        self.height = height
        font = _font(height)
        digit_width = max(_width(digit, font) for digit in "0123456789")
        self._patches = {}
        for letter in _LETTERS:
            width = digit_width if letter.isdigit() or letter == " " else _width(letter, font)
            share = _drawn(letter, font, width, height)
            self._patches[letter] = np.round(ground + (ink - ground) * share).astype(np.uint8)

    def write(self, luma: Plane, left: int, top: int, text: str) -> None:
        """Writes the text; what does not fit into the picture is left out, a letter that nobody drew is a space."""
        patches = [self._patches.get(letter, self._patches[" "]) for letter in text]
        if not patches:
            return
        line = np.concatenate(patches, axis=1)
        room = luma[top : top + self.height, left : left + line.shape[1]]
        room[:] = line[: room.shape[0], : room.shape[1]]


def _width(letter: str, font: _Font) -> int:
    return max(math.ceil(font.getlength(letter)), 2)


def _drawn(letter: str, font: _Font, width: int, height: int) -> Floats:
    """How much ink each pixel has, 0 to 1."""
    image = Image.new("L", (width, height), 0)
    ImageDraw.Draw(image).text(((width - font.getlength(letter)) / 2, 0), letter, fill=255, font=font)
    return np.asarray(image, np.float32) / 255


def _font(height: int) -> _Font:
    """Pillow's own font at a size that fills the height; before pillow 10.1 it has one size only."""
    try:
        return ImageFont.load_default(size=height * 0.86)
    except TypeError:
        return ImageFont.load_default()
