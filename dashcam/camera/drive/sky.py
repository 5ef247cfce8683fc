"""Sky, clouds, sun and two ranges of hills: everything that is too far away to come nearer."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dashcam.camera.drive.colours import Floats, Paint, halved, planes_of_rgb
from dashcam.camera.drive.geometry import FARTHEST_TURN, View
from dashcam.camera.planes import Plane, Planes

HAZE: Paint = (203, 214, 214)
_ZENITH: Paint = (66, 122, 190)
_LOW_SKY: Paint = (216, 226, 226)
_SUNLIGHT: Paint = (255, 232, 186)
_CLOUD: Paint = (250, 247, 240)
_FAR_HILL: Paint = (136, 158, 170)
_FAR_HILL_FOOT: Paint = (178, 194, 196)
_NEAR_HILL: Paint = (84, 116, 84)
_NEAR_HILL_FOOT: Paint = (146, 168, 132)

# How much of the car's turning each layer follows: nearer ones more.
_SKY_SWING, _FAR_SWING, _NEAR_SWING = 0.55, 0.8, 1.0


@dataclass(frozen=True, slots=True)
class _Layer:
    """Planes wider than the picture, from row `top` on, and where they are solid (None: everywhere)."""

    planes: Planes
    top: int
    swing: float
    solid: tuple[NDArray[np.bool_], NDArray[np.bool_]] | None

    def draw(self, target: Planes, turned_pixels: float) -> None:
        width = target.y.shape[1]
        margin = (self.planes.y.shape[1] - width) // 2
        left = margin + round(turned_pixels * self.swing)
        left = min(max(left // 2 * 2, 0), margin * 2)
        self._copy(target.y, self.planes.y, self.top, left, 0)
        self._copy(target.chroma, self.planes.chroma, self.top // 2, left // 2, 1)

    def _copy(self, target: Plane, source: Plane, top: int, left: int, which: int) -> None:
        columns = slice(left, left + target.shape[-1])
        rows = slice(top, top + source.shape[-2])
        if self.solid is None:
            target[..., rows, :] = source[..., columns]
        else:
            np.copyto(target[..., rows, :], source[..., columns], where=self.solid[which][:, columns])


class Distance:
    """The far part of the picture, down to the first row of road."""

    def __init__(self, view: View) -> None:
        swing = math.ceil(view.focal * FARTHEST_TURN / 8) * 8 + 8
        self._focal = view.focal
        wide = view.width + 2 * swing
        self._layers = [
            _sky(view, wide),
            _hills(view, wide, 0.115, _FAR_SWING, (_FAR_HILL, _FAR_HILL_FOOT), 11),
            _hills(view, wide, 0.062, _NEAR_SWING, (_NEAR_HILL, _NEAR_HILL_FOOT), 5),
        ]

    def draw(self, target: Planes, heading: float) -> None:
        """Draws it for a car that points there, in radians."""
        for layer in self._layers:
            layer.draw(target, heading * self._focal)


def mixed(first: Paint, second: Paint, share: Floats) -> Floats:
    """From the first colour to the second; `share` 0 to 1 gets a last axis of red, green, blue."""
    start, end = np.array(first, np.float32), np.array(second, np.float32)
    result: Floats = start + (end - start) * share[..., None]
    return result


def _sky(view: View, wide: int) -> _Layer:
    rows, columns = view.first_road_row, wide
    down = np.linspace(0, 1, rows, dtype=np.float32)[:, None]
    picture = mixed(_ZENITH, _LOW_SKY, np.broadcast_to(down**0.75, (rows, columns)))
    across = np.arange(columns, dtype=np.float32)[None, :]
    # The sun stands right of the middle, a third up from the horizon.
    from_sun = np.hypot(
        (across - (columns / 2 + 0.2 * view.width)) / view.height,
        (down * rows - view.horizon * 0.58) / view.height,
    ).astype(np.float32)
    clouds = _clouds(rows, columns, view.height) * (1 - down**3) * 0.8
    picture += (np.array(_CLOUD, np.float32) - picture) * clouds[..., None]
    glow = np.exp(-from_sun / 0.13) * 0.75 + np.exp(-from_sun / 0.5) * 0.25
    picture += (np.array(_SUNLIGHT, np.float32) - picture) * np.clip(glow, 0, 1)[..., None]
    disc = np.clip((0.033 - from_sun) * view.height / 3, 0, 1)
    picture += (np.array((255, 253, 244), np.float32) - picture) * disc[..., None]
    picture[view.horizon :] = HAZE
    return _Layer(planes_of_rgb(picture), 0, _SKY_SWING, None)


def _smooth_noise(rows: int, columns: int, cell_rows: float, cell_columns: float, seed: int) -> Floats:
    """Random values 0 to 1 that change over cells of that many pixels."""
    grid_rows, grid_columns = int(rows / cell_rows) + 3, int(columns / cell_columns) + 3
    grid = np.random.default_rng(seed).random((grid_rows, grid_columns), np.float32)
    y, x = np.arange(rows, dtype=np.float32) / cell_rows, np.arange(columns, dtype=np.float32) / cell_columns
    top, left = y.astype(int), x.astype(int)
    down, right = y - top, x - left
    down, right = down * down * (3 - 2 * down), right * right * (3 - 2 * right)
    upper = grid[top][:, left] * (1 - right) + grid[top][:, left + 1] * right
    lower = grid[top + 1][:, left] * (1 - right) + grid[top + 1][:, left + 1] * right
    noise: Floats = upper * (1 - down[:, None]) + lower * down[:, None]
    return noise


def _clouds(rows: int, columns: int, height: int) -> Floats:
    """How much cloud covers each pixel, 0 to 1."""
    total = np.zeros((rows, columns), np.float32)
    for octave, weight in enumerate((0.5, 0.26, 0.14, 0.10)):
        size = height / 5 / 2**octave
        total += weight * _smooth_noise(rows, columns, size * 0.45, size * 1.6, 40 + octave)
    covered = np.clip((total - 0.5) / 0.22, 0, 1)
    smooth: Floats = covered * covered * (3 - 2 * covered)
    return smooth


def _hills(view: View, wide: int, high: float, swing: float, paints: tuple[Paint, Paint], seed: int) -> _Layer:
    """A range of hills up to `high` of the picture's height above the horizon."""
    top_row = round((view.horizon - high * view.height) / 2) * 2
    rows = view.first_road_row - top_row
    ridge = _ridge(wide, view.height, seed)
    edge = rows * (1 - 0.25 - 0.75 * ridge) * 0.85
    from_edge = np.arange(rows, dtype=np.float32)[:, None] + 0.5 - edge[None, :]
    share = np.clip(from_edge / rows * 1.15, 0, 1)
    shade = _smooth_noise(rows, wide, view.height / 60, view.height / 25, seed + 1)
    picture = mixed(*paints, share) + (shade[..., None] - 0.5) * 16
    picture += (np.array(HAZE, np.float32) - picture) * (np.clip(share * 1.3 - 0.55, 0, 1) * 0.75)[..., None]
    covered = np.clip(from_edge + 0.5, 0, 1)
    solid = covered > 0.5, halved(covered) > 0.5
    return _Layer(planes_of_rgb(picture.astype(np.float32)), top_row, swing, solid)


def _ridge(wide: int, height: int, seed: int) -> Floats:
    """The outline of hills, 0 to 1, one value a column."""
    total = np.zeros(wide, np.float32)
    for octave, weight in enumerate((0.55, 0.25, 0.12, 0.05, 0.03)):
        total += weight * _smooth_noise(1, wide, 1.0, height / 1.6 / 2**octave, seed * 10 + octave)[0]
    low, high = float(total.min()), float(total.max())
    return (total - low) / max(high - low, 1e-6)
