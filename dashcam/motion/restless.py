"""Places where something begins again and again: leaves in the wind, a lamp that flickers, water, a busy road."""

from __future__ import annotations

import math

import numpy as np

from dashcam.motion.grid import Cells, mean_around
from dashcam.motion.picture import Grey

# How often something began is forgotten within so many seconds, and more often than that is restless: a car now and
# then is not, each gust of wind is.
_FORGET_SECONDS = 10.0
_MOST_ONSETS = 1.5
# What began just now is not counted for so long: it may be the very thing that is being looked at.
_RIPEN_SECONDS = 1.0
# To go on for two seconds counts as much as to begin once more.
_LASTING = 0.5
# Nothing is known at first: three seconds have to pass in quiet.
_UNKNOWN_ONSETS = 2.0


class Restless:
    """Counts for each cell how often it became active."""

    def __init__(self, rows: int, columns: int) -> None:
        self._onsets: Grey = np.full((rows, columns), _UNKNOWN_ONSETS, np.float32)
        self._recent: Grey = np.zeros((rows, columns), np.float32)
        self._limit: Grey = mean_around(np.full((rows, columns), _MOST_ONSETS, np.float32))
        self._active: Cells = np.zeros((rows, columns), np.bool_)

    def learn(self, active: Cells, seconds: float) -> Cells:
        """Takes the cells that are active in a look, `seconds` after the one before; gives the restless ones."""
        ripe = self._recent * np.float32(1 - math.exp(-seconds / _RIPEN_SECONDS))
        self._recent -= ripe
        self._onsets *= np.float32(math.exp(-seconds / _FORGET_SECONDS))
        self._onsets += ripe
        self._recent += (active & ~self._active) + active * np.float32(seconds * _LASTING)
        self._active = active
        return mean_around(self._onsets) > self._limit
