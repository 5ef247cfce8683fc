"""What is different between two pictures, once the light and the camera's own movement have been taken out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dashcam.motion.picture import CELL, Grey, Picture, cell_sums

# A shift is taken out when it is more than this, in halved pixels: a rigid camera shows less.
_LEAST_SHIFT = 0.03


@dataclass(frozen=True)
class Change:
    """How much each cell changed, in grey levels, and what was taken out before."""

    cells: Grey
    """The root mean square of the difference in each cell."""
    pixels: Grey
    """The difference of each halved pixel."""
    light: float
    """How far the light changed over the picture, in grey levels of a typical cell."""
    shift: tuple[float, float]
    """How far the picture moved across and down, in halved pixels."""
    edges: Grey
    """The root mean square of the slope in each cell: what a movement of one pixel would change."""


def change_between(now: Picture, then: Picture) -> Change:
    """Compares two pictures of one size."""
    gain, offset, light = _light_fit(now.cells, then.cells)
    plain = now.grey - then.grey * gain
    plain -= offset
    ratio = now.brightness / then.brightness
    ratio *= then.texture
    relief = now.texture - ratio
    # Between both pictures: to the second order, so that edges cancel, too.
    across, down = _slopes((now.texture + ratio) * np.float32(0.5))
    shift, edges = _shift_fit(relief, across, down)
    if max(abs(shift[0]), abs(shift[1])) > _LEAST_SHIFT:
        moved = across * shift[0]
        moved += down * shift[1]
        plain += moved
        relief += moved
    # A thing differs both from the lit picture behind it and in texture; light fails the second, the brim around a
    # thing, whose local brightness the thing has changed, the first.
    same = plain * relief > 0
    pixels = np.minimum(np.abs(plain), np.abs(relief))
    pixels *= same
    cells = np.sqrt(cell_sums(pixels * pixels) * np.float32(1 / CELL**2))
    return Change(cells, pixels, light, shift, edges)


def _light_fit(now: Grey, then: Grey) -> tuple[np.float32, np.float32, float]:
    """Gain and offset that most of the cells have in common."""
    x, y = then.ravel(), now.ravel()
    difference = y - x
    count = difference.size * 6 // 10
    gain, offset = np.float32(1), np.float32(np.median(difference))
    for _ in range(2):
        residual = np.abs(y - x * gain - offset)
        kept = residual <= np.partition(residual, count)[count]
        u, v = x[kept], y[kept]
        mean_u, mean_v = u.mean(), v.mean()
        u, v = u - mean_u, v - mean_v
        # Pulled to a gain of 1 where the picture is too flat to tell.
        pull = np.float32(u.size * 4.0)
        gain = (u @ v + pull) / (u @ u + pull)
        offset = mean_v - gain * mean_u
    return gain, offset, float(np.median(np.abs(x * (gain - 1) + offset)))


def _slopes(values: Grey) -> tuple[Grey, Grey]:
    across, down = np.zeros_like(values), np.zeros_like(values)
    np.subtract(values[:, 2:], values[:, :-2], out=across[:, 1:-1])
    np.subtract(values[2:], values[:-2], out=down[1:-1])
    across *= np.float32(0.5)
    down *= np.float32(0.5)
    return across, down


def _shift_fit(difference: Grey, across: Grey, down: Grey) -> tuple[tuple[float, float], Grey]:
    """The movement that most of the cells have in common (Lucas and Kanade, cells that do not agree weigh less)."""
    xx, yy, xy = cell_sums(across * across), cell_sums(down * down), cell_sums(across * down)
    xd, yd, dd = cell_sums(across * difference), cell_sums(down * difference), cell_sums(difference * difference)
    edges = np.sqrt((xx + yy) * np.float32(1 / CELL**2))
    shift_x = shift_y = 0.0
    for _ in range(3):
        residual = dd + 2 * (shift_x * xd + shift_y * yd)
        residual += shift_x * shift_x * xx + shift_y * shift_y * yy + 2 * shift_x * shift_y * xy
        weight = 1 / (np.maximum(residual, 0) + np.float32(CELL**2))
        a, b, c = float((weight * xx).sum()), float((weight * xy).sum()), float((weight * yy).sum())
        p, q = float((weight * xd).sum()), float((weight * yd).sum())
        # A slope of one grey level everywhere, against the wall without a pattern.
        a, c = a + weight.size, c + weight.size
        determinant = a * c - b * b
        shift_x, shift_y = (b * q - c * p) / determinant, (b * p - a * q) / determinant
    return (shift_x, shift_y), edges
