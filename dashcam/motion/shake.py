"""How far the whole picture has moved: the camera shakes, or hangs differently."""

from __future__ import annotations

import math

import numpy as np

from dashcam.motion.picture import CELL, Grey, cell_sums, middle

# Halved pixels either way: a twentieth of the picture's width. A camera that moves further than that is being carried.
_REACH = 8


def slopes(doubled: Grey) -> tuple[Grey, Grey]:
    """The slope across and down of half of the picture given."""
    across, down = np.zeros_like(doubled), np.zeros_like(doubled)
    np.subtract(doubled[:, 2:], doubled[:, :-2], out=across[:, 1:-1])
    np.subtract(doubled[2:], doubled[:-2], out=down[1:-1])
    across *= np.float32(0.25)
    down *= np.float32(0.25)
    return across, down


def fine_shift(difference: Grey, across: Grey, down: Grey) -> tuple[tuple[float, float], Grey, float]:
    """The movement that most cells have in common, the size of each cell's slopes, and what is left in a typical one.

    Lucas and Kanade's fit; cells that it does not explain weigh less: a thing that moves is not the camera.
    """
    xx, yy, xy = cell_sums(across * across), cell_sums(down * down), cell_sums(across * down)
    xd, yd, dd = cell_sums(across * difference), cell_sums(down * difference), cell_sums(difference * difference)
    edges = np.sqrt((xx + yy) * np.float32(1 / CELL**2))
    x = y = 0.0
    residual = dd
    for _ in range(3):
        weight = 1 / (residual + np.float32(CELL**2))
        # A slope of one grey level everywhere, against the wall without a pattern.
        a, b, c = float((weight * xx).sum()) + xx.size, float((weight * xy).sum()), float((weight * yy).sum()) + xx.size
        p, q = float((weight * xd).sum()), float((weight * yd).sum())
        determinant = a * c - b * b
        x, y = (b * q - c * p) / determinant, (b * p - a * q) / determinant
        residual = np.maximum(dd + 2 * (x * xd + y * yd) + (x * x * xx + y * y * yy + 2 * x * y * xy), 0)
    return (x, y), edges, math.sqrt(middle(residual.ravel()) / CELL**2)


def coarse_shift(now: Grey, then: Grey) -> tuple[int, int]:
    """The whole number of pixels across and down at which the profiles of two pictures' texture agree best."""
    return _best_offset(now.mean(axis=0), then.mean(axis=0)), _best_offset(now.mean(axis=1), then.mean(axis=1))


def moved(values: Grey, shift: tuple[int, int]) -> Grey:
    """The picture moved across and down; its border goes on."""
    rows = np.clip(np.arange(values.shape[0]) - shift[1], 0, values.shape[0] - 1)
    columns = np.clip(np.arange(values.shape[1]) - shift[0], 0, values.shape[1] - 1)
    out: Grey = values[rows][:, columns]
    return out


def _best_offset(now: Grey, then: Grey) -> int:
    reach = min(_REACH, now.size // 4)
    inner = now[reach:-reach]
    wrong = [float(np.abs(inner - then[reach - n : now.size - reach - n]).sum()) for n in range(-reach, reach + 1)]
    return int(np.argmin(wrong)) - reach
