"""Snow and rain: specks that come and go all over the picture, each too narrow to be a thing."""

from __future__ import annotations

import math

import numpy as np

from dashcam.motion.change import root_mean_square
from dashcam.motion.grid import Cells, greatest_around
from dashcam.motion.picture import Grey

# A speck is so many times as strong as what is in the quiet quarter of the cells.
_LOUD = 2.5
# Without what is narrow less than this is left of it and beside it.
_LEFT = 0.5
# Fewer cells than these, or no larger a share of the picture's parts, are no weather.
_LEAST_CELLS = 3
_LEAST_WET = 0.1
# Specks are counted at most so often: a slow flake needs as long to leave its place.
_COUNT_SECONDS = 0.15
# Cells in a part of the picture, down and across; a part without a speck for so long is dry.
_PART = 6
_DRY_SECONDS = 3.0
# It falls when specks were in this share of the parts lately...
_WET = 0.75
# ...and, on average over so many seconds, in such shares of them at once: specks that appear where nothing was beside
# them; any that appear; or fewer, but hardly any others. Cars before trees come to 0.21 and 0.41, half of them alone.
_MEAN_SECONDS = 2.0
_LONE, _DENSE = 0.25, 0.65
_LIGHT, _MOSTLY_LONE = 0.13, 0.6
# It goes on falling while there is so much of that.
_GO_ON = 0.6
# So long it has to be counted before anything is said; and fewer parts than these are no picture to spread over.
_FIRST_SECONDS = 0.5
_LEAST_PARTS = 12


def broad(pixels: Grey) -> Grey:
    """What is at least four halved pixels wide and high, brighter or darker."""
    out: Grey = _broad(np.maximum(pixels, 0))
    out -= _broad(np.maximum(-pixels, 0))
    return out


class Precipitation:
    """Follows whether it snows or rains."""

    def __init__(self, rows: int, columns: int, floor: float) -> None:
        self.is_falling = False
        self._floor = floor
        self._dry_seconds = np.full((-(-rows // _PART), -(-columns // _PART)), _DRY_SECONDS)
        self._lone = self._appearing = 0.0
        self._loud: Cells = np.zeros((rows, columns), np.bool_)
        self._since_seconds = self._counted_seconds = 0.0

    def learn(self, pixels: Grey, foreign: Grey, changed: Grey, seconds: float, is_lit: bool) -> bool:
        """Takes what is foreign in each pixel, and how much of it and of its change there is in each cell.

        `is_lit`: the light changes just now, which makes specks of its own. Returns whether it falls.
        """
        self._since_seconds += seconds
        if self._since_seconds >= _COUNT_SECONDS:
            self._count(pixels, foreign, np.minimum(foreign, changed), is_lit)
            self._since_seconds = 0.0
        return self.is_falling

    def _count(self, pixels: Grey, foreign: Grey, strength: Grey, is_lit: bool) -> None:
        loud = strength > self._floor
        if np.count_nonzero(loud) >= _LEAST_CELLS:
            flat = strength.ravel()
            loud &= strength > _LOUD * float(np.partition(flat, flat.size // 4)[flat.size // 4])
        before, self._loud = self._loud, loud
        self._dry_seconds += self._since_seconds
        if is_lit:
            return
        lone = appearing = 0.0
        specks = loud & ~before
        # Most looks end here, as the rest is dear.
        if np.count_nonzero(specks) >= _LEAST_CELLS and self._parts(specks).mean() > _LEAST_WET:
            left = greatest_around(greatest_around(root_mean_square(_broad(np.abs(pixels)))))
            specks &= left < _LEFT * foreign
            parts = self._parts(specks)
            self._dry_seconds[parts] = 0
            appearing = float(parts.mean())
            lone = float(self._parts(specks & ~greatest_around(before)).mean())
        self._counted_seconds += self._since_seconds
        # The mean of all there was, at first.
        part = 1 - math.exp(-self._since_seconds / min(self._counted_seconds, _MEAN_SECONDS))
        self._lone += (lone - self._lone) * part
        self._appearing += (appearing - self._appearing) * part
        is_known = self._counted_seconds >= _FIRST_SECONDS and self._dry_seconds.size >= _LEAST_PARTS
        self.is_falling = is_known and self._falls(_GO_ON if self.is_falling else 1.0)

    def _falls(self, share: float) -> bool:
        wet = float((self._dry_seconds < _DRY_SECONDS).mean())
        is_light = self._lone >= share * _LIGHT and self._lone >= share * _MOSTLY_LONE * self._appearing
        is_much = self._lone >= share * _LONE or self._appearing >= share * _DENSE
        return wet >= share * _WET and (is_much or is_light)

    def _parts(self, cells: Cells) -> Cells:
        """The parts of the picture that have such a cell."""
        parts: Cells = np.zeros(self._dry_seconds.shape, np.bool_)
        down, across = np.nonzero(cells)
        parts[down // _PART, across // _PART] = True
        return parts


def _broad(pixels: Grey) -> Grey:
    """The greatest of the least of each four by four."""
    low = np.minimum(pixels[1:], pixels[:-1])
    low = np.minimum(low[2:], low[:-2])
    low = np.minimum(low[:, 1:], low[:, :-1])
    core = np.zeros((pixels.shape[0] + 3, pixels.shape[1] + 3), np.float32)
    np.minimum(low[:, 2:], low[:, :-2], out=core[3:-3, 3:-3])
    high = np.maximum(core[1:], core[:-1])
    high = np.maximum(high[2:], high[:-2])
    high = np.maximum(high[:, 1:], high[:, :-1])
    out: Grey = np.maximum(high[:, 2:], high[:, :-2])
    return out
