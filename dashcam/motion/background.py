"""What is always there: follows the light at once, what stays within seconds, and what moves hardly at all."""

from __future__ import annotations

import math

import numpy as np

from dashcam.motion.change import Difference
from dashcam.motion.grid import Cells
from dashcam.motion.picture import CELL, Grey, Halver, Picture

# Seconds in which the background takes over what it sees: noise is averaged over the first; a thing that stays is
# there for good after about twice the second; what moves leaves no trace in the third.
_FOLLOW_SECONDS = 4.0
_STAYS_SECONDS = 2.0
_MOVES_SECONDS = 30.0
# It stays when nothing has changed there for about a second.
_SETTLE_SECONDS = 0.5
_SETTLED = 0.15
# A camera that hangs this many halved pixels elsewhere, for so long, has been moved for good.
_MOVED_PIXELS = 0.5
_MOVED_SECONDS = 2.0


class Background:
    """The picture without what moves."""

    def __init__(self, halver: Halver, first: Picture) -> None:
        self._halver = halver
        self.picture = first
        self._seconds = 0.0
        self._moved_seconds = 0.0
        self._stir: Grey = np.zeros(first.cells.shape, np.float32)

    def learn(self, now: Picture, difference: Difference, foreign: Cells, changing: Cells, seconds: float) -> None:
        """Takes in one look; `foreign` cells are not as the background, of these the `changing` ones move just now."""
        self._stir = self._stir * np.float32(math.exp(-seconds / _SETTLE_SECONDS)) + changing
        stirs = self._stir > _SETTLED
        self._seconds += seconds
        far = max(abs(difference.shift[0]), abs(difference.shift[1]))
        self._moved_seconds = self._moved_seconds + seconds if far > _MOVED_PIXELS else 0.0
        if self._moved_seconds > _MOVED_SECONDS:
            self.picture, self._seconds, self._moved_seconds = now, 0.0, 0.0
            return
        parts = np.full(foreign.shape, _part(seconds, min(_FOLLOW_SECONDS, self._seconds + seconds)), np.float32)
        parts[foreign] = _part(seconds, _STAYS_SECONDS)
        parts[foreign & stirs] = _part(seconds, _MOVES_SECONDS)
        grey = self.picture.grey * np.float32(difference.gain)
        grey += np.float32(difference.offset)
        if far < _MOVED_PIXELS:
            grey += difference.plain * _pixels(parts)
        self.picture = self._halver.split(grey, now.seconds)


def _part(seconds: float, follow_seconds: float) -> float:
    return 1 - math.exp(-seconds / follow_seconds)


def _pixels(cells: Grey) -> Grey:
    return np.repeat(np.repeat(cells, CELL, axis=1), CELL, axis=0)
