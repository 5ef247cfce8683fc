"""The small picture that looks are compared in: half as wide and high, its local brightness, and what lies above it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Grey = NDArray[np.float32]

# Of the luma plane to one number: takes half of the sensor's noise away and leaves what min_area asks for.
HALVING = 2
# A cell of the grid that noise is measured in, in halved pixels: big enough for a statistic of sixteen numbers, small
# enough that the least area of the settings' default fills one.
CELL = 4
# How far the mean that is called local brightness reaches, in cells: about a seventh of the picture's width. Light
# falls softer than that, things do not.
_BRIGHTNESS_REACH_CELLS = 2.5
# Added to brightness before anything is divided by it: black would be infinitely sensitive.
_DARK_LEVEL = 4.0


@dataclass(frozen=True)
class Picture:
    """One look, ready to be compared with others. All arrays have whole cells."""

    seconds: float
    grey: Grey
    brightness: Grey
    """The mean around each pixel, plus a dark level: never 0."""
    texture: Grey
    """What is brighter or darker than its surroundings."""
    cells: Grey
    """The mean grey of each cell."""


class Halver:
    """Makes pictures of luma planes of one size. Raises ValueError for a size that is too small to be looked at."""

    def __init__(self, height: int, width: int) -> None:
        self.rows, self.columns = height // (HALVING * CELL), width // (HALVING * CELL)
        if self.rows < 4 or self.columns < 4:
            raise ValueError(f"a picture of {width}x{height} is too small; give at least 32x32")
        self._smooth_down = _smoothing(self.rows)
        self._smooth_across = np.ascontiguousarray(_smoothing(self.columns).T)

    def picture_of(self, luma: NDArray[np.uint8], seconds: float) -> Picture:
        """Halves the luma plane and splits it into brightness and texture; what is left of whole cells is cut off."""
        whole = luma[: self.rows * CELL * HALVING, : self.columns * CELL * HALVING]
        pairs = np.add(whole[::2], whole[1::2], dtype=np.uint16)
        grey = (pairs[:, ::2] + pairs[:, 1::2]).astype(np.float32)
        grey *= np.float32(1 / HALVING**2)
        return self.split(grey, seconds)

    def split(self, grey: Grey, seconds: float) -> Picture:
        """A halved picture as brightness and texture."""
        cells: Grey = cell_means(grey)
        # A row of cells a time: so small that the library under numpy starts no threads, which cost more than they do.
        rows = self._smooth_down.reshape(self.rows, CELL, self.rows) @ cells @ self._smooth_across
        brightness = np.asarray(rows, np.float32).reshape(grey.shape)
        texture: Grey = grey - brightness
        np.add(brightness, np.float32(_DARK_LEVEL), out=brightness)
        return Picture(seconds, grey, brightness, texture, cells)


def cell_means(values: Grey) -> Grey:
    """The mean of each cell."""
    return cell_sums(values) * np.float32(1 / CELL**2)


def cell_sums(values: Grey) -> Grey:
    """The sum over each cell."""
    height, width = values.shape
    down: Grey = np.add.reduce(values.reshape(height // CELL, CELL, width), axis=1)
    # Four columns added are three times as quick as a sum over an axis of four.
    sums: Grey = (down[:, ::4] + down[:, 1::4]) + (down[:, 2::4] + down[:, 3::4])
    return sums


def middle(values: Grey) -> float:
    """The median of a flat array, a third as dear as numpy's."""
    return float(np.partition(values, values.size // 2)[values.size // 2])


def _smoothing(count: int) -> Grey:
    """The matrix that makes a smooth curve through so many cells' means: a row for each halved pixel."""
    pixels = (np.arange(count * CELL) + 0.5) / CELL - 0.5
    weights = np.maximum(0.0, 1 - np.abs(pixels[:, None] - np.arange(count)[None, :]) / (_BRIGHTNESS_REACH_CELLS + 0.5))
    smoothing: Grey = (weights / weights.sum(axis=1, keepdims=True)).astype(np.float32)
    return smoothing
