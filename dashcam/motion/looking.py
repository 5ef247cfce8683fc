"""The detector over a recorded video: it sees what it would have seen live, and says from when to when things moved."""

from __future__ import annotations

import time
from collections.abc import Iterable

import numpy as np

from dashcam.clips.event import MotionWindow
from dashcam.media.looks import Look
from dashcam.motion.detector import Detector
from dashcam.motion.sight import MotionWish, Sight


class Looker:
    """Shows one video's looks to a detector, and counts what that costs. For one thread."""

    def __init__(self, wish: MotionWish) -> None:
        self.analysed = 0
        """Pictures that were looked at."""
        self.cpu_seconds = 0.0
        """CPU time of the looking alone, without reading and decoding."""
        self._wish = wish
        self._size: tuple[int, int] | None = None
        self._detector: Detector | None = None

    def see(self, look: Look) -> Sight:
        """What is in this picture; a video that changes its size on the way begins anew."""
        began = time.thread_time()  # the decoder has threads of its own
        size = (look.height, look.width)
        if self._detector is None or size != self._size:
            self._detector, self._size = Detector(self._wish, *size), size
        sight = self._detector.see(np.frombuffer(look.luma, np.uint8).reshape(size), look.seconds)
        self.cpu_seconds += time.thread_time() - began
        self.analysed += 1
        return sight


class Windows:
    """From when to when something moved, sight after sight; each lasts to the first sight without, or to the end."""

    def __init__(self) -> None:
        self.found: list[MotionWindow] = []
        self._is_open = False

    def add(self, sight: Sight) -> None:
        """The next sight."""
        if self._is_open:
            last = self.found.pop()
            score = max(last.score, sight.score) if sight.is_motion else last.score
            self.found.append(MotionWindow(last.from_seconds, sight.seconds, score))
        elif sight.is_motion:
            self.found.append(MotionWindow(sight.seconds, sight.seconds, sight.score))
        self._is_open = sight.is_motion


def windows_of(sights: Iterable[Sight]) -> list[MotionWindow]:
    """From when to when something moved, and how strongly at most."""
    windows = Windows()
    for sight in sights:
        windows.add(sight)
    return windows.found
