"""Words in a corner of the picture, drawn into its luma rows alone: white, on what is behind them made dark.

Letters are drawn once, put together when the words change, and laid over each frame in a few passes over the place
that they cover. The colours behind stay as they are, so white may have a tint.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from contextlib import suppress
from itertools import combinations, pairwise
from typing import Literal, Self, TypeAlias
from unicodedata import normalize

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

Luma: TypeAlias = NDArray[np.uint8]
Corner = Literal["top-left", "top-right", "bottom-left", "bottom-right"]
_Font: TypeAlias = ImageFont.FreeTypeFont | ImageFont.ImageFont

# The letters' size as a part of the picture's shorter side, and what still reads after encoding.
_SIZE_PART, _LEAST_PIXELS = 36, 13
_LINES = 2
# White of limited-range video.
_WHITE = 235
# What is behind keeps a quarter of its light: black stays black (16), snow (235) becomes a dark grey.
_DARKER_BITS, _LIFT = 2, 12
# Names may hold any letters, a few at a time.
_MOST_LETTERS = 500
_UNKNOWN = "?"
# Never a letter of any font: what is drawn for it is drawn for all that a font lacks.
_NO_LETTER = "\U0010ffff"
_FIGURES = "0123456789"
_FONT_OF_THE_SYSTEM = "DejaVuSans.ttf"
# Of Pillow's font of one size.
_FIXED_HEIGHT = 11


def letter_pixels(width: int, height: int) -> int:
    """How large letters are in pictures of this size."""
    return max(round(min(width, height) / _SIZE_PART), _LEAST_PIXELS)


class Letters:
    """Each letter as a patch of luma on black, drawn when it is first used; figures are equally wide."""

    def __init__(self, pixels: int) -> None:
        self._fonts = _fonts(pixels)
        first = self._fonts[0]
        self._own_height, self._baseline, self._times = _FIXED_HEIGHT, 0, max(round(pixels / _FIXED_HEIGHT), 1)
        if isinstance(first, ImageFont.FreeTypeFont):
            self._own_height, self._baseline, self._times = sum(first.getmetrics()), first.getmetrics()[0], 1
        self._figure_width = max(math.ceil(first.getlength(figure)) for figure in _FIGURES)
        self._unknown = [self._drawn(font, _NO_LETTER) for font in self._fonts]
        self._patches: dict[str, Luma] = {}
        self.height = self._own_height * self._times

    def draw_ahead(self, text: str) -> Self:
        """Draws what will be needed: letter by letter that takes longer than a camera should wait."""
        for letter in text:
            self._patch(letter)
        return self

    def line(self, text: str) -> Luma:
        """The words side by side."""
        patches = [self._patch(letter) for letter in text]
        return np.concatenate(patches, axis=1) if patches else np.zeros((self.height, 0), np.uint8)

    def _patch(self, letter: str) -> Luma:
        patch = self._patches.get(letter)
        if patch is None:
            if len(self._patches) >= _MOST_LETTERS:
                self._patches.clear()
            patch = self._patches[letter] = self._best(letter if letter.isprintable() else " ")
        return patch

    def _best(self, letter: str) -> Luma:
        """The letter by the first font that has it, else without its accent, else a question mark."""
        for candidate in (letter, normalize("NFKD", letter)[0]):
            for font, unknown in zip(self._fonts, self._unknown, strict=True):
                patch = self._drawn(font, candidate)
                if patch is not None and not (unknown is not None and np.array_equal(patch, unknown)):
                    return self._enlarged(patch)
        return np.zeros((self.height, 0), np.uint8) if letter == _UNKNOWN else self._best(_UNKNOWN)

    def _drawn(self, font: _Font, letter: str) -> Luma | None:
        """None where the font cannot be asked for such a letter; one that it lacks may be an empty box."""
        try:
            length = font.getlength(letter)
            width = self._width(letter, length)
            image = Image.new("L", (width, self._own_height), 0)
            anchor = "ls" if isinstance(font, ImageFont.FreeTypeFont) else None
            place = ((width - length) / 2, self._baseline)
            ImageDraw.Draw(image).text(place, letter, fill=_WHITE, font=font, anchor=anchor)
        except (ValueError, OSError):
            return None
        return np.asarray(image, np.uint8)

    def _width(self, letter: str, length: float) -> int:
        if letter in _FIGURES:
            return self._figure_width
        # The font's own space is too narrow between figures.
        least = self._figure_width * 2 // 3 if letter == " " else 1
        return max(math.ceil(length), least)

    def _enlarged(self, patch: Luma) -> Luma:
        return patch.repeat(self._times, axis=0).repeat(self._times, axis=1)


class Stamp:
    """The stamp at one picture size, of which the lowest `kept_rows` are not its own. Used by one thread."""

    def __init__(self, width: int, height: int, kept_rows: int = 0, letters: Letters | None = None) -> None:
        """`letters`: of the height that `letter_pixels` says, if some are there already."""
        self._size = (width, height)
        self._kept_rows = kept_rows
        pixels = letter_pixels(width, height)
        self._letters = letters or Letters(pixels)
        self._padding, self._margin, self._gap = round(pixels / 3), round(pixels / 2), round(pixels * 1.1)
        self._written: tuple[tuple[str, ...], Corner] | None = None
        self._ink: Luma = np.zeros((0, 0), np.uint8)
        self._behind = np.zeros_like(self._ink)
        self._place = (slice(0, 0), slice(0, 0))

    def write(self, groups: tuple[str, ...], corner: Corner) -> None:
        """What stands there from now on: groups of words that are not torn apart. Does nothing when it stands."""
        if (groups, corner) == self._written:
            return
        width, height = self._size
        border = 2 * (self._margin + self._padding)
        most_lines = max((height - self._kept_rows - border) // self._letters.height, 0)
        lines = self._lines(groups, max(width - border, 0))[:most_lines]
        self._ink = self._on_ground(lines, is_right="right" in corner)
        self._behind = np.empty_like(self._ink)
        rows, columns = self._ink.shape
        top = self._margin if "top" in corner else height - self._kept_rows - self._margin - rows
        left = self._margin if "left" in corner else width - self._margin - columns
        self._place = (slice(top, top + rows), slice(left, left + columns))
        self._written = (groups, corner)

    @property
    def box(self) -> tuple[float, float, float, float]:
        """Where it stands now: left, top, right and lower edge, as shares of the picture's width and height."""
        (rows, columns), (width, height) = self._place, self._size
        return columns.start / width, rows.start / height, columns.stop / width, rows.stop / height

    def draw(self, luma: Luma) -> None:
        """Lays it over a picture's luma (rows by columns, which may be padded), with no memory of its own."""
        room, behind = luma[self._place], self._behind
        # In one piece: of rows with a picture between them numpy would make copies in every pass.
        np.copyto(behind, room)
        np.right_shift(behind, _DARKER_BITS, out=behind)
        np.add(behind, _LIFT, out=behind)
        np.maximum(behind, self._ink, out=behind)
        np.copyto(room, behind)

    def _lines(self, groups: tuple[str, ...], room: int) -> list[Luma]:
        """As few lines as have room, two at least, and each about as long; what is too long even alone is cut off."""
        patches = [self._letters.line(group)[:, :room] for group in groups]
        lines: list[Luma] = []
        for count in range(min(_LINES, len(patches)), len(patches) + 1):
            lines = _narrowest([self._in_one_line(run) for run in runs] for runs in _in_runs(patches, count))
            if max((line.shape[1] for line in lines), default=0) <= room:
                break
        return lines

    def _in_one_line(self, patches: Sequence[Luma]) -> Luma:
        gap = np.zeros((self._letters.height, self._gap), np.uint8)
        spaced = [part for patch in patches for part in (patch, gap)][:-1]
        return np.concatenate(spaced, axis=1)

    def _on_ground(self, lines: list[Luma], *, is_right: bool) -> Luma:
        if not lines:
            return np.zeros((0, 0), np.uint8)
        widest = max(line.shape[1] for line in lines)
        height, padding = self._letters.height, self._padding
        ground = np.zeros((len(lines) * height + 2 * padding, widest + 2 * padding), np.uint8)
        for number, line in enumerate(lines):
            top = padding + number * height
            left = padding + (widest - line.shape[1] if is_right else 0)
            ground[top : top + height, left : left + line.shape[1]] = line
        return ground


def _in_runs(patches: list[Luma], count: int) -> Iterable[list[list[Luma]]]:
    """Every way to put them into so many runs, in their order."""
    if not patches:
        return
    for cuts in combinations(range(1, len(patches)), count - 1):
        edges = (0, *cuts, len(patches))
        yield [patches[start:end] for start, end in pairwise(edges)]


def _narrowest(ways: Iterable[list[Luma]]) -> list[Luma]:
    return min(ways, key=lambda lines: max(line.shape[1] for line in lines), default=[])


def _fonts(pixels: int) -> list[_Font]:
    """Pillow's own font, which knows English, and Debian's for all else; where neither is, one of fixed size.

    Pillow brings a font of any size since 10.1.
    """
    found: list[_Font] = []
    with suppress(TypeError, OSError, ImportError):
        found.append(ImageFont.load_default(pixels))
    with suppress(OSError, ImportError):
        found.append(ImageFont.truetype(_FONT_OF_THE_SYSTEM, pixels))
    return found or [ImageFont.load_default()]
