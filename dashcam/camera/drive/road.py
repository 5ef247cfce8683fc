"""The ground: a two-lane road with its lines, verges and fields, row by row in perspective."""

from __future__ import annotations

import math

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from dashcam.camera.drive.colours import Floats, Paint, dithered, halved, yuv_of
from dashcam.camera.drive.geometry import FARTHEST, OWN_LANE, Doubles, View, sideways
from dashcam.camera.drive.sky import HAZE
from dashcam.camera.planes import Plane, Planes

_ASPHALT: Paint = (94, 96, 99)
_WORN: Paint = (104, 105, 106)
_LINE: Paint = (232, 232, 226)
_GRAVEL: Paint = (146, 138, 118)
_VERGE: Paint = (98, 138, 62)
_DITCH: Paint = (74, 112, 52)
_MEADOW: Paint = (122, 158, 72)

# Metres from the middle of the road outwards, both sides alike, up to which a colour goes.
_STRIPES: tuple[tuple[float, Paint], ...] = (
    (0.65, _ASPHALT), (1.25, _WORN), (2.1, _ASPHALT), (2.7, _WORN), (3.30, _ASPHALT), (3.45, _LINE), (3.75, _ASPHALT),
    (4.2, _GRAVEL), (6.2, _VERGE), (7.4, _DITCH), (9.0, _VERGE),
)  # fmt: skip
# Beyond: drilled rows of a field, alternately.
_FIELD: tuple[Paint, Paint] = ((118, 156, 68), (132, 162, 78))
_FIELD_ROW_METRES = 3.0
_STEP = 0.02
_REACH = 300.0

DASH_METRES, DASH_PERIOD_METRES = 4.0, 12.0
_DASH_HALF_WIDTH = 0.075
_WHITE = 226

# Light and dark patches along the way; they show the speed.
_PATCHES = 8
_PATCH_METRES = 5.0
_PATCH_DEPTH = 13.0
# The road swings sideways by at most this share of the focal length (more is cut off far away).
_FARTHEST_SWING = 0.30


class Road:
    """Everything from the first road row down to the dashboard."""

    def __init__(self, view: View) -> None:
        self._view = view
        self._rows = np.arange(view.first_road_row, _last_row(view), dtype=np.float64)
        self._ahead = view.ahead_of(self._rows)
        self._nearer = view.ahead_of(self._rows + 0.5)
        self._farther = np.minimum(view.ahead_of(self._rows - 0.5), FARTHEST * 1.2)
        self._margin = round(view.focal * _FARTHEST_SWING / 2) * 2
        luma, chroma = self._textures()
        self._luma_windows = sliding_window_view(luma, view.width, axis=-1)
        self._chroma_windows = sliding_window_view(chroma, view.width // 2, axis=-1)
        self._patches = _patch_table()
        # Patches shorter than a row blend into each other.
        self._patch_share = np.clip(_PATCH_METRES / (self._farther - self._nearer), 0, 1)
        self._numbers = np.arange(self._rows.size)

    @property
    def floor(self) -> int:
        """The first row below the road; the dashboard covers it."""
        return self._view.first_road_row + self._rows.size

    def draw(self, target: Planes, driven: float) -> None:
        """Draws the ground as seen after so many metres."""
        shifts = self._shifts(driven)
        lefts = np.clip(self._margin - shifts, 0, 2 * self._margin)
        patches = self._patch_of(driven)
        top, bottom = self._view.first_road_row, self.floor
        target.y[top:bottom] = self._luma_windows[patches, self._numbers, lefts]
        half_lefts, half_numbers = lefts[::2] // 2, self._numbers[: self._rows.size // 2]
        target.chroma[:, top // 2 : bottom // 2] = self._chroma_windows[:, half_numbers, half_lefts]
        self._draw_dashes(target.y, driven, self._margin - lefts)

    def _shifts(self, driven: float) -> NDArray[np.intp]:
        pixels = self._view.focal * sideways(driven, self._ahead) / self._ahead
        return np.round(pixels).astype(np.intp)

    def _patch_of(self, driven: float) -> NDArray[np.intp]:
        places = ((driven + self._ahead) / _PATCH_METRES * 4).astype(np.intp) % self._patches.size
        levels = (self._patches[places] - (_PATCHES - 1) / 2) * self._patch_share + (_PATCHES - 1) / 2
        return np.round(levels).astype(np.intp)

    def _draw_dashes(self, luma: Plane, driven: float, shifts: NDArray[np.intp]) -> None:
        painted = _dashes_until(driven + self._farther) - _dashes_until(driven + self._nearer)
        share = painted / (self._farther - self._nearer)
        pixels_a_metre = self._view.focal / self._ahead
        middle = self._view.width / 2 - OWN_LANE * pixels_a_metre + shifts
        half = np.maximum(_DASH_HALF_WIDTH * pixels_a_metre, 0.5)
        strength = share * np.minimum(_DASH_HALF_WIDTH * pixels_a_metre / 0.5, 1)
        lefts = np.clip(np.round(middle - half), 0, self._view.width).astype(int).tolist()
        rights = np.clip(np.round(middle + half), 0, self._view.width).astype(int).tolist()
        top = self._view.first_road_row
        for row in np.flatnonzero(strength > 0.08).tolist():
            piece = luma[top + row, lefts[row] : rights[row]]
            if piece.size:
                ground = int(piece[0])
                piece[:] = ground + int((_WHITE - ground) * strength[row])

    def _textures(self) -> tuple[Plane, Plane]:
        """Luma of every patch level (levels, rows, columns with margins), and the colour planes."""
        profile, is_green = _profile()
        view = self._view
        wide = view.width + 2 * self._margin
        columns = np.arange(wide) + 0.5 - wide / 2
        integral = np.vstack([np.zeros((1, 4)), np.cumsum(np.column_stack([profile, is_green]), axis=0)]) * _STEP
        rows = np.empty((self._rows.size, wide, 4), np.float32)
        for number, ahead in enumerate(self._ahead):
            metres_a_pixel = ahead / view.focal
            rows[number] = _mean_over(integral, columns * metres_a_pixel + OWN_LANE, max(metres_a_pixel, _STEP))
        haze = (0.9 * (self._ahead / FARTHEST) ** 1.2).astype(np.float32)[:, None]
        haze_yuv = yuv_of(np.array(HAZE, np.float32))
        base = [rows[..., part] + (haze_yuv[part] - rows[..., part]) * haze for part in range(3)]
        depth = (0.25 + 0.75 * rows[..., 3]) * _PATCH_DEPTH * (1 - haze)
        levels = np.linspace(-0.5, 0.5, _PATCHES, dtype=np.float32)
        luma = np.stack([dithered(base[0] + depth * level) for level in levels])
        return luma, np.stack([dithered(halved(part)) for part in base[1:]])


def _last_row(view: View) -> int:
    """Some rows below the dashboard's highest point; it is drawn over them."""
    return min(view.dashboard_row + math.ceil(view.height * 0.03 / 2) * 2 + 2, view.height)


def _profile() -> tuple[Floats, Floats]:
    """Across the land from -_REACH to _REACH in steps: the colours (as YUV), and 1 where it is green, else 0."""
    places = np.abs(np.arange(-_REACH, _REACH, _STEP) + _STEP / 2)
    field = np.floor(places / _FIELD_ROW_METRES).astype(int) % 2
    paints = np.where(field[:, None] == 0, np.array(_FIELD[0]), np.array(_FIELD[1]))
    # Meadows far out, wider than any field row.
    paints[(places % 90) > 52] = _MEADOW
    for limit, paint in reversed(_STRIPES):
        paints[places < limit] = paint
    return yuv_of(paints.astype(np.float32)), (places > 4.2).astype(np.float32)


def _mean_over(integral: Doubles, middles: Doubles, width: float) -> Doubles:
    """Mean of the profile over `width` metres around each place, from its running integral."""
    upper = _at(integral, middles + width / 2)
    lower = _at(integral, middles - width / 2)
    mean: Doubles = (upper - lower) / width
    return mean


def _at(integral: Doubles, places: Doubles) -> Doubles:
    index = (places + _REACH) / _STEP
    # Beyond the ends the land goes on as it is there.
    whole = np.clip(np.floor(index).astype(int), 0, len(integral) - 2)
    part = index - whole
    between: Doubles = integral[whole] + (integral[whole + 1] - integral[whole]) * part[:, None]
    return between


def _patch_table() -> NDArray[np.float64]:
    """Levels of light along the way, four a patch, repeated after 64 patches."""
    knots = np.random.default_rng(7).random(64)
    places = np.arange(64 * 4) / 4
    left = places.astype(int)
    part = places - left
    part = part * part * (3 - 2 * part)
    values = knots[left] * (1 - part) + knots[(left + 1) % 64] * part
    levels: NDArray[np.float64] = np.clip(values * 1.3 - 0.15, 0, 1) * (_PATCHES - 1)
    return levels


def _dashes_until(metres: Doubles) -> Doubles:
    """How many metres of painted dash there are up to here."""
    periods = np.floor(metres / DASH_PERIOD_METRES)
    return periods * DASH_METRES + np.minimum(metres - periods * DASH_PERIOD_METRES, DASH_METRES)
