"""The zones of the picture as cells of the grid."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from dashcam.settings.zones import Zone

# Points that are tried in each cell, across and down.
_POINTS = 5


def zone_mask(zones: Sequence[Zone], rows: int, columns: int, height: float, width: float) -> NDArray[np.bool_]:
    """The cells that count: at least half of each is watched and not ignored.

    `height` and `width` are what the grid covers of the picture, as shares: whole cells leave a little of it out.
    """
    y = (np.arange(rows * _POINTS) + 0.5) * (height / (rows * _POINTS))
    x = (np.arange(columns * _POINTS) + 0.5) * (width / (columns * _POINTS))
    watched = [_inside(zone, x, y) for zone in zones if zone.kind == "watch"]
    counts = np.logical_or.reduce(watched) if watched else np.ones((y.size, x.size), np.bool_)
    for zone in zones:
        if zone.kind == "ignore":
            counts &= ~_inside(zone, x, y)
    shares = counts.reshape(rows, _POINTS, columns, _POINTS).mean(axis=(1, 3))
    mask: NDArray[np.bool_] = shares >= 0.5
    return mask


def _inside(zone: Zone, x: NDArray[np.floating], y: NDArray[np.floating]) -> NDArray[np.bool_]:
    """Which points lie in the polygon: a line from them to the left crosses its border an odd number of times."""
    inside = np.zeros((y.size, x.size), np.bool_)
    corners = zone.corners
    for (x1, y1), (x2, y2) in zip(corners, (*corners[1:], corners[0]), strict=True):
        if y1 == y2:
            continue
        crossed = (y1 <= y) != (y2 <= y)
        at = x1 + (y - y1) * ((x2 - x1) / (y2 - y1))
        inside ^= crossed[:, None] & (at[:, None] < x[None, :])
    return inside
