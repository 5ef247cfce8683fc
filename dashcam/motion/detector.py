"""Finds what moves in a few small pictures a second."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from dashcam.motion.background import Background
from dashcam.motion.blobs import label
from dashcam.motion.change import Difference, difference_of, root_mean_square
from dashcam.motion.noise import Noise, greatest_around
from dashcam.motion.picture import CELL, HALVING, Grey, Halver, Picture
from dashcam.motion.sight import Disturbance, MotionWish, Region, Sight
from dashcam.motion.tracks import Blob, Track, Tracks
from dashcam.motion.zone_mask import zone_mask

Cells = NDArray[np.bool_]

_LEARN_SECONDS = 1.0
# A cell is active so many spreads above its level.
_SPREADS = 5.0
# Root mean square of a cell for each step of the threshold: 4 grey levels at the default.
_FLOOR = 0.16
# Light that changes by so much leaves a quarter of it behind: clipping, curves, shadows.
_LIGHT_LEFT = 0.25
# Of a shift that was taken out so much is left at edges.
_SHIFT_LEFT = 0.6
# How often something began in a cell is forgotten within so many seconds; more often than so is restless.
_RESTLESS_SECONDS = 10.0
_RESTLESS = 1.5
_MOST_BLOBS = 12
# Of the least area: what a thing must have to be followed, and what of it must have changed.
_LEAST_SHARE = 0.25
_LEAST_MOVED = 0.1
# Halved pixels within the last second or so from which on the camera shakes.
_SHAKES = 0.15
# Where something moves already, less is enough for it to go on.
_GO_ON = 0.6


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
        self._tracks = Tracks(wish.confirm_frames, self._least_area)
        self._background: Background | None = None
        self._before: Difference | None = None
        self._begun = self._seconds = 0.0
        self._jitter = self._usual = 0.0
        self._onsets = np.full((rows, columns), 2.0, np.float32)
        self._recent = np.zeros((rows, columns), np.float32)
        self._active = np.zeros((rows, columns), np.bool_)
        self._near = self._was_near = self._active

    def see(self, luma: NDArray[np.uint8], seconds: float) -> Sight:
        """Looks at one luma plane. Raises ValueError for one of another size."""
        if luma.shape != (self._height, self._width):
            raise ValueError(
                f"a picture of {luma.shape[1]}x{luma.shape[0]} where {self._width}x{self._height} "
                "was said: make a new detector"
            )
        now = self._halver.picture_of(luma, seconds)
        if self._background is None:
            self._background = Background(self._halver, now)
            self._begun = self._seconds = seconds
            return Sight(seconds=seconds, is_motion=False, score=0.0, confidence=0.0, disturbance="learning")
        passed, self._seconds = seconds - self._seconds, seconds
        before = self._before
        difference = difference_of(now, self._background.picture, before.shift if before else (0.0, 0.0), self._usual)
        self._usual += (difference.unlike - self._usual) * min(1.0, passed / 2.0)
        self._before = difference
        foreign_pixels = difference.pixels()
        change_pixels = difference.between(before) if before else foreign_pixels
        foreign, changed = root_mean_square(foreign_pixels), root_mean_square(change_pixels)
        rest = math.hypot(*difference.rest)
        self._jitter = max(rest, self._jitter * math.exp(-passed / 1.0))
        spare = difference.edges * np.float32(_SHIFT_LEFT * self._jitter)
        spare += difference.light * np.float32(_LIGHT_LEFT)
        level, spread = self._noise.unit(changed)
        unit = np.maximum(spread * np.float32(_SPREADS), np.float32(self._wish.threshold * _FLOOR))
        unit += spare
        limit = np.where(self._near, np.float32(_GO_ON), np.float32(1))
        foreign_strength = (foreign - level) / unit
        is_foreign = foreign_strength > limit
        is_changed = (changed - level) / unit > limit
        restless = self._restless(is_foreign & is_changed, passed)
        blobs = self._blobs(
            is_foreign & self._mask, is_changed, foreign_pixels, change_pixels, unit, foreign_strength, restless
        )
        tracks = self._tracks.follow(blobs, passed, int(self._jitter > _SHAKES))
        moving = np.zeros_like(is_foreign)
        for track in tracks:
            if track.is_confirmed:
                moving |= track.blob.cells
        self._near = greatest_around(moving)
        weights = np.where(self._near | self._was_near, np.float32(0.05), np.float32(1))
        step = min(passed, 1.0)
        self._noise.learn(changed, step, weights, restless)
        self._background.learn(now, difference, is_foreign & ~restless, moving | (is_foreign & is_changed), step)
        self._was_near = self._near
        return self._sight(tracks, seconds)

    def _restless(self, active: Cells, passed: float) -> Cells:
        # What began within the last second is not counted yet: it may be what is being looked at.
        ripe = self._recent * np.float32(1 - math.exp(-passed))
        self._recent -= ripe
        self._onsets *= np.float32(math.exp(-passed / _RESTLESS_SECONDS))
        self._onsets += ripe
        self._recent += active & ~self._active
        self._active = active
        return _mean_around(self._onsets) > _RESTLESS

    def _blobs(
        self,
        foreign: Cells,
        changed: Cells,
        foreign_pixels: Grey,
        change_pixels: Grey,
        unit: Grey,
        strength: Grey,
        restless: Cells,
    ) -> list[Blob]:
        rows, columns = foreign.shape
        labels, count = label(foreign)
        if not count:
            return []
        down, across = np.nonzero(foreign)
        names = labels[down, across]
        blocks = np.abs(foreign_pixels.reshape(rows, CELL, columns, CELL)[down, :, across, :])
        areas = (blocks > 0.5 * unit[down, across][:, None, None]).sum(axis=(1, 2))
        blocks = np.abs(change_pixels.reshape(rows, CELL, columns, CELL)[down, :, across, :])
        moved = (blocks > 0.5 * unit[down, across][:, None, None]).sum(axis=(1, 2)) * changed[down, across]
        areas = np.bincount(names, areas, count + 1)
        moved = np.bincount(names, moved, count + 1)
        found = []
        for name in np.argsort(-areas)[:_MOST_BLOBS]:
            if (
                name == 0
                or areas[name] < _LEAST_SHARE * self._least_area
                or moved[name] < _LEAST_MOVED * self._least_area
            ):
                continue
            cells = labels == name
            mine = names == name
            y, x = down[mine], across[mine]
            found.append(
                Blob(
                    cells,
                    slice(int(y.min()), int(y.max()) + 1),
                    slice(int(x.min()), int(x.max()) + 1),
                    float(y.mean()),
                    float(x.mean()),
                    float(areas[name]),
                    float(strength[y, x].max()),
                    float(restless[y, x].mean()),
                )
            )
        return found

    def _sight(self, tracks: list[Track], seconds: float) -> Sight:
        tracks = sorted(tracks, key=lambda track: -track.blob.strength)
        confirmed = [track for track in tracks if track.is_confirmed]
        disturbance: Disturbance = "learning" if seconds - self._begun < _LEARN_SECONDS else ""
        best = max((track.blob.area / self._least_area for track in tracks), default=0.0)
        return Sight(
            seconds=seconds,
            is_motion=bool(confirmed),
            score=min(100.0, 25 * best),
            confidence=min(1.0, max((t.looks for t in tracks), default=0) / 4),
            regions=tuple(self._region(track) for track in (confirmed or tracks)[:8]),
            disturbance=disturbance,
        )

    def _region(self, track: Track) -> Region:
        side = HALVING * CELL
        blob = track.blob
        x, y = blob.columns.start * side / self._width, blob.rows.start * side / self._height
        right, bottom = blob.columns.stop * side / self._width, blob.rows.stop * side / self._height
        score = min(100.0, 20 * blob.strength)
        return Region(x=x, y=y, width=right - x, height=bottom - y, score=score)


def _mean_around(values: Grey) -> Grey:
    padded = np.pad(values, 1, mode="edge")
    down = padded[:-2] + padded[1:-1] + padded[2:]
    out: Grey = (down[:, :-2] + down[:, 1:-1] + down[:, 2:]) * np.float32(1 / 9)
    return out
