"""What every tutorial begins with: the difference of two blurred pictures, a threshold, and an area. In plain numpy."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dashcam.motion.sight import Sight

_THRESHOLD = 25
_AREA_OF_640X480 = 500


class PlainDifference:
    """Says whether enough pixels differ from the picture before by more than the threshold."""

    def __init__(self) -> None:
        self._before: NDArray[np.int16] | None = None

    def see(self, luma: NDArray[np.uint8]) -> bool:
        """True when this one differs."""
        blurred = _blurred(luma)
        before, self._before = self._before, blurred
        if before is None:
            return False
        changed = np.count_nonzero(np.abs(blurred - before) > _THRESHOLD)
        return bool(changed >= _AREA_OF_640X480 * luma.size / (640 * 480))

    def see_with_time(self, luma: NDArray[np.uint8], seconds: float) -> Sight:
        """The same, said as our detector does."""
        is_motion = self.see(luma)
        return Sight(seconds=seconds, is_motion=is_motion, score=100.0 * is_motion, confidence=1.0)


def _blurred(luma: NDArray[np.uint8]) -> NDArray[np.int16]:
    """The mean of 3 by 3."""
    wide = luma.astype(np.int16)
    rows = wide[:-2] + wide[1:-1] + wide[2:]
    mean: NDArray[np.int16] = (rows[:, :-2] + rows[:, 1:-1] + rows[:, 2:]) // 9
    return mean
