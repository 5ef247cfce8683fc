"""Looks for motion in a recorded clip as the watcher does live, piece by piece, so that others have their turn.

Every look that the live watcher would have had is had. Keyframes alone are far cheaper, but they do not tell where
nothing moves: on the clips with ground truth a detector that saw one picture a second, or one in two, found 24 and 18
of 30 intervals, and plain differences of such pictures flagged a third of the still time. So they only tell which
clips to look into first (`difference_of_keyframes`).
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from dashcam.clips.event import MOST_TRACE_POINTS, MOST_WINDOWS, MotionTrace, MotionWindow
from dashcam.errors import BadMedia
from dashcam.media.looks import Look, looks_of
from dashcam.motion.looking import Looker, Windows
from dashcam.motion.search_jobs import Clip, Going, LookedInto
from dashcam.motion.sight import LOOK_WIDTH, MotionWish
from dashcam.settings.schema import MotionSettings

# Of the clip before: as much as the detector needs to know what is always there, and how noisy it is.
WARM_SECONDS = 5.0
_LEAST_STEP_SECONDS = 0.2
# For so long nobody hears how far it is, and it cannot be told to go on or to end.
_PIECE_SECONDS = 1.0
_BLOCK = 8


class ClipSearch:
    """One clip. `go_on` until it answers LookedInto."""

    def __init__(
        self, clip: Clip, settings: MotionSettings, wish: str, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        """`wish`: the fingerprint of the settings."""
        self._duration = max(clip.duration_seconds, 0.0)
        self._wish = wish
        self._monotonic = monotonic
        self._looker = Looker(MotionWish.of(settings))
        self._looks = _looks(clip, settings.rate)
        self._windows = Windows()
        self._step = round(max(_LEAST_STEP_SECONDS, self._duration / MOST_TRACE_POINTS), 3)
        self._scores = [0] * max(1, min(int(self._duration / self._step) + 1, MOST_TRACE_POINTS))
        self._reached = 0.0

    def go_on(self) -> Going | LookedInto:
        """A piece of it. Raises BadMedia for what is no video, and the OSError of the card."""
        until = self._monotonic() + _PIECE_SECONDS
        for look in self._looks:
            sight = self._looker.see(look)
            if look.seconds >= 0:
                self._windows.add(sight)
                self._reached = look.seconds
                place = min(int(look.seconds / self._step), len(self._scores) - 1)
                self._scores[place] = max(self._scores[place], round(sight.score))
            if self._monotonic() >= until:
                return Going(seconds=self._reached)
        return LookedInto(trace=self._trace())

    def close(self) -> None:
        """Lets go of the file."""
        self._looks.close()  # type: ignore[attr-defined] # a generator

    def _trace(self) -> MotionTrace:
        windows = fewer(self._windows.found)
        return MotionTrace(
            seen="scan",
            step_seconds=self._step,
            scores=tuple(self._scores),
            windows=tuple(
                MotionWindow(round(window.from_seconds, 2), round(window.to_seconds, 2), round(window.score, 1))
                for window in windows
            ),
            looked_seconds=round(self._duration, 2),
            wish=self._wish,
        )


def difference_of_keyframes(clip: Clip) -> float:
    """By how many grey levels the place that changes most does so from one keyframe to the next.

    Raises BadMedia for what is no video, and the OSError of the card.
    """
    path = Path(os.fsdecode(clip.path))
    highest = 0.0
    for before, after in pairwise(map(_grey, looks_of(path, 1.0, LOOK_WIDTH, keyframes_only=True))):
        if before.shape == after.shape:
            highest = max(highest, _highest_block(np.abs(after - before)))
    return round(highest, 1)


def fewer(windows: list[MotionWindow]) -> list[MotionWindow]:
    """Joins those that are nearest to each other until they fit into a sidecar."""
    if len(windows) <= MOST_WINDOWS:
        return windows
    gaps = sorted(range(1, len(windows)), key=lambda place: windows[place].from_seconds - windows[place - 1].to_seconds)
    closed = set(gaps[: len(windows) - MOST_WINDOWS])
    joined: list[MotionWindow] = []
    for place, window in enumerate(windows):
        if place in closed:
            before = joined.pop()
            joined.append(MotionWindow(before.from_seconds, window.to_seconds, max(before.score, window.score)))
        else:
            joined.append(window)
    return joined


def _looks(clip: Clip, rate: float) -> Iterator[Look]:
    yield from _warming(clip, rate)
    yield from looks_of(Path(os.fsdecode(clip.path)), rate, LOOK_WIDTH)


def _warming(clip: Clip, rate: float) -> Iterator[Look]:
    """The end of the clip before, at times below 0."""
    if not clip.before:
        return
    start = max(clip.before_seconds - WARM_SECONDS, 0.0)
    try:
        for look in looks_of(Path(os.fsdecode(clip.before)), rate, LOOK_WIDTH, start=start):
            if look.seconds < clip.before_seconds:
                yield Look(look.seconds - clip.before_seconds, look.width, look.height, look.luma)
    except (BadMedia, OSError):
        return  # then it learns at the beginning


def _grey(look: Look) -> NDArray[np.float32]:
    return np.frombuffer(look.luma, np.uint8).reshape(look.height, look.width).astype(np.float32)


def _highest_block(difference: NDArray[np.float32]) -> float:
    rows, columns = difference.shape[0] // _BLOCK, difference.shape[1] // _BLOCK
    if not rows or not columns:
        return float(difference.mean())
    blocks = difference[: rows * _BLOCK, : columns * _BLOCK].reshape(rows, _BLOCK, columns, _BLOCK)
    return float(blocks.mean(axis=(1, 3)).max())
