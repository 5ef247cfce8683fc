"""What synthetic scenes are drawn with: a textured background, noise of a sensor, things with soft edges."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

HEIGHT, WIDTH = 180, 320
# So much of the background lies beyond each edge: a camera that shakes sees it.
MARGIN = 16
_BLACK, _WHITE = 16, 235
_NOISES = 6

_PIXELS = np.arange(max(HEIGHT, WIDTH), dtype=np.float32)

Layer = NDArray[np.float32]


def smooth(random: np.random.Generator, height: int, width: int, cell: float) -> Layer:
    """Noise whose lumps are about so many pixels wide; spread 1."""
    rows, columns = round(height / cell) + 3, round(width / cell) + 3
    grid = random.standard_normal((rows, columns)).astype(np.float32)
    down, across = _between(height, rows, cell), _between(width, columns, cell)
    lumps: Layer = (down @ grid @ across.T).astype(np.float32)
    lumps /= lumps.std()
    return lumps


def _between(length: int, cells: int, cell: float) -> Layer:
    """How much of each cell a pixel is made of."""
    place = np.arange(length) / cell
    index, share = place.astype(int), (place % 1).astype(np.float32)
    weights = np.zeros((length, cells), np.float32)
    weights[np.arange(length), index] = 1 - share
    weights[np.arange(length), index + 1] = share
    return weights


class Stage:
    """One place, always the same for a seed."""

    def __init__(self, seed: int, brightness: float = 1.0) -> None:
        self.random = np.random.default_rng(seed)
        high, wide = HEIGHT + 2 * MARGIN, WIDTH + 2 * MARGIN
        wall: Layer = np.full((high, wide), 105, np.float32)
        for strength, cell in ((22, 45), (12, 12), (9, 3.5)):
            wall += strength * smooth(self.random, high, wide, cell)
        # Walls, windows, kerbs: edges are what shakes and sways.
        for _ in range(14):
            top, left = self.random.integers(0, high - 20), self.random.integers(0, wide - 30)
            tall, broad = self.random.integers(8, 60), self.random.integers(8, 90)
            wall[top : top + tall, left : left + broad] += self.random.normal(0, 28)
        self.around: Layer = (_BLACK + (np.clip(wall, 25, 225) - _BLACK) * brightness).astype(np.float32)
        self._noises = self.random.standard_normal((_NOISES, HEIGHT, WIDTH)).astype(np.float32)
        self.rows, self.columns = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.float32)

    def picture(self, right: float = 0.0, down: float = 0.0) -> Layer:
        """The place, seen by a camera that was moved by so many pixels."""
        top, left = int(np.floor(down)), int(np.floor(right))
        low, far = np.float32(down - top), np.float32(right - left)
        top, left = top + MARGIN, left + MARGIN
        seen = self.around[top : top + HEIGHT + 1, left : left + WIDTH + 1]
        if not low and not far:
            return seen[:-1, :-1].copy()
        seen = seen[:-1] * (1 - low) + seen[1:] * low
        moved: Layer = seen[:, :-1] * (1 - far) + seen[:, 1:] * far
        return moved

    def noise(self, look: int) -> Layer:
        """Another noise for each look; spread 1."""
        moved = np.random.default_rng(look + 1000)
        shift = (int(moved.integers(HEIGHT)), int(moved.integers(WIDTH)))
        return np.roll(self._noises[int(moved.integers(_NOISES))], shift, (0, 1))


def as_luma(picture: Layer) -> NDArray[np.uint8]:
    """Rounded, and cut off where the sensor is."""
    return np.clip(np.rint(picture), _BLACK, _WHITE).astype(np.uint8)


def put(picture: Layer, left: float, top: float, width: float, height: float, level: float) -> None:
    """Draws a thing with exact edges, however small and wherever it is."""
    down, across = _cover(HEIGHT, top, height), _cover(WIDTH, left, width)
    rows, columns = np.flatnonzero(down), np.flatnonzero(across)
    if rows.size and columns.size:
        high, wide = slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)
        part = (high, wide)
        alpha = np.outer(down[high], across[wide])
        picture[part] += alpha * (level - picture[part])


def _cover(length: int, begin: float, size: float) -> Layer:
    pixels = _PIXELS[:length]
    cover: Layer = np.clip(np.minimum(pixels + 1, begin + size) - np.maximum(pixels, begin), 0, 1)
    return cover


def walker(picture: Layer, middle: float, feet: float, tall: float, contrast: float, seconds: float) -> None:
    """Somebody on foot: head, body, legs that swing; so much darker (or brighter) than what is behind."""
    level = float(np.median(picture)) - contrast
    broad, swing = tall * 0.3, tall * 0.14 * np.sin(seconds * 2 * np.pi * 0.9)
    put(picture, middle - broad * 0.3, feet - tall, broad * 0.6, tall * 0.16, level + 14)
    put(picture, middle - broad / 2, feet - tall * 0.84, broad, tall * 0.42, level)
    for side in (swing, -swing):
        put(picture, middle + side - broad * 0.22, feet - tall * 0.42, broad * 0.44, tall * 0.42, level - 8)


def car(picture: Layer, left: float, bottom: float, long: float, level: float) -> None:
    """A car from the side."""
    tall = long * 0.42
    put(picture, left, bottom - tall * 0.6, long, tall * 0.5, level)
    put(picture, left + long * 0.2, bottom - tall, long * 0.55, tall * 0.42, level - 20)
    for wheel in (0.15, 0.72):
        put(picture, left + long * wheel, bottom - tall * 0.22, long * 0.14, tall * 0.22, 30)
