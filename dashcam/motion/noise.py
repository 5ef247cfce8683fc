"""How much each cell changes when nothing happens: measured, cell by cell, while the camera looks."""

from __future__ import annotations

import math

import numpy as np

from dashcam.motion.grid import Cells, greatest_around
from dashcam.motion.picture import Grey

# A cell's own measure follows within so many seconds; a change that is far from the usual weighs much less than its
# time, so that what passes once is forgotten and what comes again and again is learned.
_FOLLOW_SECONDS = 4.0
# From so many times the spread on a change weighs less: a quarter of it at twice as much, a hundredth at ten times.
_USUAL_SPREADS = 3.0
_MOST_SPREADS = 4.0
# More than this many spreads at once is not put down to the whole picture: something big moves.
_MOST_COMMON = 6.0
# Grey levels: rounding and the encoder's own decisions make as much of nothing.
_LEAST_SPREAD = 0.25


class Noise:
    """Level and spread of the changes of every cell."""

    def __init__(self, rows: int, columns: int) -> None:
        self.level: Grey = np.zeros((rows, columns), np.float32)
        self.spread: Grey = np.zeros((rows, columns), np.float32)
        self._seconds = 0.0
        self._is_new = True

    def unit(self, change: Grey) -> tuple[Grey, Grey]:
        """What the changes of this look are to be measured from, and the spread to measure them by, in grey levels.

        What most of the picture does in this very look is no thing: a keyframe of another quality, flicker, rain.
        """
        if self._is_new:
            self._begin(change)
        spread = greatest_around(self.spread)
        share = ((change - self.level) / spread).ravel()
        middle, upper = share.size // 2, share.size * 7 // 10
        common, high = np.partition(share, [middle, upper])[[middle, upper]]
        level = self.level + np.float32(min(max(0.0, float(common)), _MOST_COMMON)) * spread
        # The upper part of a bell: three quarters of a spread lie between these two.
        spread *= np.float32(min(max(1.0, float(high - common) / 0.6), _MOST_COMMON))
        return level, spread

    def learn(self, change: Grey, seconds: float, weights: Grey, restless: Cells) -> None:
        """Takes the changes of one look, `seconds` after the look before. What moves has less weight.

        `restless` cells have no outliers.
        """
        self._seconds += seconds
        # The mean of all there was, at first.
        part = np.float32(1 - math.exp(-seconds / min(_FOLLOW_SECONDS, max(self._seconds, seconds))))
        above = change - self.level
        # One look counts for so much at most, however loud: the spread grows by a bounded part of itself.
        np.minimum(above, self.spread * np.float32(_MOST_SPREADS), out=above)
        outlier = np.square(np.maximum(above, 0) / (self.spread * np.float32(_USUAL_SPREADS)))
        outlier[restless] = 0
        weight = part * weights / (1 + outlier)
        self.level += weight * above
        self.spread += weight * (np.abs(above) * np.float32(1.25) - self.spread)
        np.maximum(self.spread, np.float32(_LEAST_SPREAD), out=self.spread)

    def _begin(self, change: Grey) -> None:
        # Most cells are still, even where something moves from the first picture on.
        quiet, loud = np.percentile(change, [30, 60])
        self.level[:] = quiet
        self.spread[:] = max(float(loud - quiet), _LEAST_SPREAD, 0.3 * float(quiet))
        self._is_new = False
