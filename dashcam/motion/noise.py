"""How much each cell changes when nothing happens: measured, cell by cell, while the camera looks."""

from __future__ import annotations

import math

import numpy as np

from dashcam.motion.picture import Grey

# A cell's own measure follows within so many seconds; a change that is far from the usual weighs much less than its
# time, so that what passes once is forgotten and what comes again and again is learned.
_FOLLOW_SECONDS = 4.0
# From so many times the spread on a change weighs less: a quarter of it at twice as much, a hundredth at ten times.
_USUAL_SPREADS = 3.0
# Grey levels: rounding and the encoder's own decisions make as much of nothing.
_LEAST_SPREAD = 0.25


class Noise:
    """Level and spread of the changes of every cell."""

    def __init__(self, rows: int, columns: int) -> None:
        self.level: Grey = np.zeros((rows, columns), np.float32)
        self.spread: Grey = np.zeros((rows, columns), np.float32)
        self._seconds = 0.0
        self._is_new = True

    def excess(self, change: Grey) -> tuple[Grey, Grey]:
        """How far each cell is above its level, and the spread it has to be measured by, both in grey levels.

        What most of the picture does in this very look is no thing: a keyframe of another quality, flicker, rain.
        """
        if self._is_new:
            self._begin(change)
        above = change - self.level
        spread = self._around(self.spread)
        share = (above / spread).ravel()
        middle = change.size // 2
        common, high = np.partition(share, [middle, change.size * 7 // 10])[[middle, change.size * 7 // 10]]
        widen = max(1.0, float(high - common) / 0.6)
        above -= np.float32(max(0.0, min(float(common), 6.0))) * spread
        spread *= np.float32(min(widen, 6.0))
        return above, spread

    def learn(self, change: Grey, seconds: float) -> None:
        """Takes the changes of one look, `seconds` after the look before."""
        self._seconds += seconds
        # The mean of all there was, at first.
        part = np.float32(1 - math.exp(-seconds / min(_FOLLOW_SECONDS, max(self._seconds, seconds))))
        above = change - self.level
        usual = self.spread * np.float32(_USUAL_SPREADS)
        weight = part / (1 + np.square(np.maximum(above, 0) / usual))
        self.level += weight * above
        self.spread += weight * (np.abs(above) * np.float32(1.25) - self.spread)
        np.maximum(self.spread, np.float32(_LEAST_SPREAD), out=self.spread)

    def _begin(self, change: Grey) -> None:
        # Most cells are still, even where something moves from the first picture on.
        quiet, loud = np.percentile(change, [30, 60])
        self.level[:] = quiet
        self.spread[:] = max(float(loud - quiet), _LEAST_SPREAD, 0.3 * float(quiet))
        self._is_new = False

    @staticmethod
    def _around(values: Grey) -> Grey:
        """The greatest of each cell and those beside it: a branch sways into the next cell as well."""
        out = values.copy()
        np.maximum(out[1:], values[:-1], out=out[1:])
        np.maximum(out[:-1], values[1:], out=out[:-1])
        down = out.copy()
        np.maximum(out[:, 1:], down[:, :-1], out=out[:, 1:])
        np.maximum(out[:, :-1], down[:, 1:], out=out[:, :-1])
        return out
