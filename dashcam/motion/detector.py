"""Finds what moves in a few small pictures a second."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dashcam.motion.blobs import label
from dashcam.motion.change import Change, change_between
from dashcam.motion.noise import Noise
from dashcam.motion.picture import CELL, HALVING, Halver, Picture
from dashcam.motion.sight import Disturbance, MotionWish, Region, Sight
from dashcam.motion.zone_mask import zone_mask

_LEARN_SECONDS = 1.0
# A cell is active so many spreads above its level.
_SPREADS = 5.0
# Root mean square of a cell for each step of the threshold: a quarter of the cell's pixels changed by the threshold
# make half of it; 4 grey levels at the default.
_FLOOR = 0.16


class Detector:
    """Looks at one picture after another. All of one size; `seconds` only grows."""

    def __init__(self, wish: MotionWish, height: int, width: int) -> None:
        self._wish = wish
        self._height, self._width = height, width
        self._halver = Halver(height, width)
        rows, columns = self._halver.rows, self._halver.columns
        pixels = HALVING * CELL
        self._mask = zone_mask(wish.zones, rows, columns, rows * pixels / height, columns * pixels / width)
        self._noise = Noise(rows, columns)
        self._least_area = wish.min_area * height * width / (640 * 480) / HALVING**2
        self._before: Picture | None = None
        self._begun: float | None = None
        self._streak = 0
        self._last = np.zeros((rows, columns), np.bool_)
        self._is_motion = False

    def see(self, luma: NDArray[np.uint8], seconds: float) -> Sight:
        """Looks at one luma plane. Raises ValueError for one of another size."""
        if luma.shape != (self._height, self._width):
            raise ValueError(
                f"a picture of {luma.shape[1]}x{luma.shape[0]} where {self._width}x{self._height} "
                "was said: make a new detector"
            )
        now = self._halver.picture_of(luma, seconds)
        before, self._before = self._before, now
        if self._begun is None or before is None:
            self._begun = seconds
            return Sight(seconds=seconds, is_motion=False, score=0.0, confidence=0.0, disturbance="learning")
        change = change_between(now, before)
        above, spread = self._noise.excess(change.cells)
        shift = float(np.hypot(*change.shift))
        unit = np.maximum(spread * _SPREADS, self._wish.threshold * _FLOOR + 0.15 * change.light)
        unit += change.edges * (0.7 * shift)
        strength = above / unit
        strength *= self._mask
        sight = self._judge(change, strength, unit, seconds)
        self._noise.learn(change.cells, min(seconds - before.seconds, 1.0))
        return sight

    def _judge(self, change: Change, strength: NDArray[np.float32], unit: NDArray[np.float32], seconds: float) -> Sight:
        active = strength > 1
        labels, count = label(active)
        kept = np.zeros_like(active)
        found = []
        near = _grown(self._last)
        best = 0.0
        for number in range(1, count + 1):
            cells = labels == number
            down, across = np.nonzero(cells)
            blocks = change.pixels.reshape(active.shape[0], CELL, active.shape[1], CELL)[down, :, across, :]
            area = int((blocks > 0.5 * unit[cells][:, None, None]).sum())
            best = max(best, area / self._least_area)
            least = self._least_area * (0.5 if self._is_motion else 1.0)
            if area < least:
                continue
            found.append((area, cells))
            kept |= cells
        continues = bool((kept & near).any())
        self._streak = self._streak + 1 if kept.any() and (continues or not self._streak) else int(kept.any())
        self._is_motion = self._streak >= self._wish.confirm_frames
        self._last = kept
        disturbance: Disturbance = "learning" if seconds - (self._begun or 0) < _LEARN_SECONDS else ""
        return Sight(
            seconds=seconds,
            is_motion=self._is_motion,
            score=min(100.0, 50 * best),
            confidence=min(1.0, self._streak / 4),
            regions=tuple(
                self._region(cells, area, strength) for area, cells in sorted(found, key=lambda f: -f[0])[:8]
            ),
            disturbance=disturbance,
        )

    def _region(self, cells: NDArray[np.bool_], area: float, strength: NDArray[np.float32]) -> Region:
        down, across = np.nonzero(cells)
        side = HALVING * CELL
        x, y = across.min() * side / self._width, down.min() * side / self._height
        right, bottom = (across.max() + 1) * side / self._width, (down.max() + 1) * side / self._height
        score = min(100.0, 20 * float(strength[cells].max()))
        return Region(x=float(x), y=float(y), width=float(right - x), height=float(bottom - y), score=score)


def _grown(cells: NDArray[np.bool_]) -> NDArray[np.bool_]:
    out = np.pad(cells, 2)
    rows, columns = cells.shape
    grown = np.zeros_like(cells)
    for down in range(5):
        for across in range(5):
            grown |= out[down : down + rows, across : across + columns]
    return grown
