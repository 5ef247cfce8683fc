"""Finds what moves in a few small pictures a second.

Each picture is compared with the background, light and the camera's shaking taken out. A thing is what differs from the
background, by more than the noise that was measured there, changes from look to look, and goes on being there; where
leaves or rain do that too it also has to go somewhere. While it snows or rains only what is broader than a flake or a
streak is looked at. What stays becomes background.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from dashcam.motion.background import Background
from dashcam.motion.blobs import Seen, blobs_of
from dashcam.motion.change import Difference, difference_of, root_mean_square
from dashcam.motion.disturbances import Disturbances
from dashcam.motion.grid import Cells, greatest_around
from dashcam.motion.noise import Noise
from dashcam.motion.picture import CELL, HALVING, Grey, Halver, Picture
from dashcam.motion.precipitation import Precipitation, broad
from dashcam.motion.restless import Restless
from dashcam.motion.sight import MotionWish, Region, Sight
from dashcam.motion.tracks import Track, Tracks
from dashcam.motion.zone_mask import zone_mask

# A cell is significant so many spreads above its level: with the 900 cells of a look, once in hours by chance.
_SPREADS = 5.0
# The least that is ever significant, as root mean square of a cell in grey levels for each step of the threshold: 3 at
# the default of 25, which is an eighth of the cell at 25 levels or so.
_FLOOR = 0.12
# Light that changes around a cell leaves up to so much of it behind: clipping, curves, the rims of beams.
_LIGHT_LEFT = 0.25
# At edges so much of the shift that was taken out is left.
_SHIFT_LEFT = 0.6
# Where something moves already, so much of what is significant is enough for it to go on.
_GO_ON = 0.6
# What a moving thing does is not noise; a little is learned all the same, or an error would stay for ever.
_MOVING_WEIGHT = 0.05
# After such a gap between two looks everything may be different; and clocks do not run backwards.
_GAP_SECONDS = 3.0
# A look counts for at most this much time in what is learned.
_MOST_STEP_SECONDS = 1.0
_MOST_REGIONS = 8


class Detector:
    """Looks at one picture after another, all of one size. To be used by one thread."""

    def __init__(self, wish: MotionWish, height: int, width: int) -> None:
        self._wish = wish
        self._height, self._width = height, width
        self._halver = Halver(height, width)
        rows, columns = self._halver.rows, self._halver.columns
        side = HALVING * CELL
        self._mask = zone_mask(wish.zones, rows, columns, rows * side / height, columns * side / width)
        self._least_area = wish.min_area * height * width / (640 * 480) / HALVING**2
        self._noise = Noise(rows, columns)
        # Of what is left while it snows or rains.
        self._broad_noise = Noise(rows, columns)
        self._precipitation = Precipitation(rows, columns, wish.threshold * _FLOOR)
        self._restless = Restless(rows, columns)
        self._start: Picture | None = None
        self._seconds = 0.0

    def see(self, luma: NDArray[np.uint8], seconds: float) -> Sight:
        """Looks at one luma plane, `seconds` on a clock that only grows. Raises ValueError for one of another size."""
        if luma.shape != (self._height, self._width):
            raise ValueError(
                f"a picture of shape {luma.shape} where ({self._height}, {self._width}) was said: make a new Detector"
            )
        now = self._halver.picture_of(luma, seconds)
        passed, self._seconds = seconds - self._seconds, seconds
        if self._start is None or not 0 < passed <= _GAP_SECONDS:
            self._begin(now)
            return Sight(seconds=seconds, is_motion=False, score=0.0, confidence=0.0, disturbance="learning")
        return self._compare(now, passed)

    def _begin(self, now: Picture) -> None:
        self._start = now
        self._background = Background(self._halver, now)
        self._before: Difference | None = None
        self._broad_before: Grey | None = None
        self._tracks = Tracks(self._wish.confirm_frames, self._least_area)
        self._disturbances = Disturbances()
        self._near: Cells = np.zeros(self._mask.shape, np.bool_)
        self._was_near = self._near

    def _compare(self, now: Picture, passed: float) -> Sight:
        step = min(passed, _MOST_STEP_SECONDS)
        before = self._before
        place = before.shift if before else (0.0, 0.0)
        difference = difference_of(now, self._background.picture, place, self._disturbances.unlike)
        self._before = difference
        self._disturbances.learn(difference, place, passed)
        foreign_pixels = difference.pixels()
        changed_pixels = difference.between(before) if before else foreign_pixels
        foreign, changed = root_mean_square(foreign_pixels), root_mean_square(changed_pixels)
        noise, all_changed = self._noise, changed
        is_lit = self._disturbances.name == "light"
        if self._precipitation.learn(foreign_pixels, foreign, changed, passed, is_lit):
            noise = self._broad_noise
            foreign_pixels, changed_pixels = self._broad(foreign_pixels)
            foreign, changed = root_mean_square(foreign_pixels), root_mean_square(changed_pixels)
        else:
            self._broad_before = None
        level, unit = self._unit(noise, changed, difference)
        limit = np.where(self._near, np.float32(_GO_ON), np.float32(1))
        strength = (foreign - level) / unit
        is_foreign = strength > limit
        is_changed = (changed - level) / unit > limit
        restless = self._restless.learn(is_foreign & is_changed, step)
        seen = Seen(is_foreign & self._mask, is_changed, foreign_pixels, changed_pixels, unit, strength, restless)
        tracks = self._tracks.follow(blobs_of(seen, self._least_area), step, self._disturbances.more_looks)
        moving = _cells_of(tracks, self._mask.shape)
        self._was_near, self._near = self._near, greatest_around(moving)
        weights = np.where(self._near | self._was_near, np.float32(_MOVING_WEIGHT), np.float32(1))
        self._noise.learn(all_changed, step, weights, restless)
        if noise is not self._noise:
            noise.learn(changed, step, weights, restless)
        self._background.learn(now, difference, is_foreign, is_changed, step)
        return self._sight(tracks)

    def _broad(self, foreign_pixels: Grey) -> tuple[Grey, Grey]:
        """What is broader than flakes and streaks, and how that has changed; at first, not at all."""
        now = broad(foreign_pixels)
        before, self._broad_before = self._broad_before, now
        return now, now - (now if before is None else before)

    def _unit(self, noise: Noise, changed: Grey, difference: Difference) -> tuple[Grey, Grey]:
        """From what level on, and in what unit, something in each cell is significant, in grey levels."""
        level, spread = noise.unit(changed)
        unit = np.maximum(spread * np.float32(_SPREADS), np.float32(self._wish.threshold * _FLOOR))
        unit += difference.edges * np.float32(_SHIFT_LEFT * self._disturbances.jitter)
        unit += difference.light * np.float32(_LIGHT_LEFT)
        return level, unit

    def _sight(self, tracks: list[Track]) -> Sight:
        confirmed = sorted((t for t in tracks if t.is_confirmed), key=lambda track: -track.blob.strength)
        most = max((track.covered * min(1.0, track.blob.strength) for track in tracks), default=0.0)
        sure = max((self._confidence(track) for track in tracks), default=0.0)
        return Sight(
            seconds=self._seconds,
            is_motion=bool(confirmed),
            # Half of it at the least area that counts.
            score=100 * (1 - math.pow(0.5, most / self._least_area)),
            confidence=sure,
            regions=tuple(self._region(track) for track in confirmed[:_MOST_REGIONS]),
            disturbance=self._disturbances.name,
        )

    def _confidence(self, track: Track) -> float:
        """Grows with each look, with how far above the noise it is, and where it is quiet or when it travels."""
        blob = track.blob
        is_clear = track.goes_straight or blob.restless == 0
        sure = (1 - math.pow(0.5, track.looks)) * (1 - math.pow(0.5, blob.strength)) * (1.0 if is_clear else 0.5)
        return sure * (1.0 if track.is_confirmed else 0.5) * (0.7 if self._disturbances.name else 1.0)

    def _region(self, track: Track) -> Region:
        blob, down, across = track.blob, HALVING * CELL / self._height, HALVING * CELL / self._width
        return Region(
            x=blob.columns.start * across,
            y=blob.rows.start * down,
            width=(blob.columns.stop - blob.columns.start) * across,
            height=(blob.rows.stop - blob.rows.start) * down,
            score=100 * (1 - math.pow(0.5, blob.strength)),
        )


def _cells_of(tracks: list[Track], shape: tuple[int, ...]) -> Cells:
    """Where things are that are sure to move."""
    cells: Cells = np.zeros(shape, np.bool_)
    for track in tracks:
        if track.is_confirmed:
            cells |= track.blob.cells
    return cells
