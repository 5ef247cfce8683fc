"""The detector over a recorded video: it sees what it would have seen live, and says from when to when things moved."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np

from dashcam.media.looks import Look, looks_of
from dashcam.motion.detector import Detector
from dashcam.motion.sight import LOOK_WIDTH, MotionWish, Sight


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
        began = time.process_time()
        size = (look.height, look.width)
        if self._detector is None or size != self._size:
            self._detector, self._size = Detector(self._wish, *size), size
        sight = self._detector.see(np.frombuffer(look.luma, np.uint8).reshape(size), look.seconds)
        self.cpu_seconds += time.process_time() - began
        self.analysed += 1
        return sight


def sights_of(path: Path, wish: MotionWish, rate: float) -> Iterator[Sight]:
    """All sights of a video from its beginning. Raises BadMedia before the first one, and the OSError of the card."""
    looker = Looker(wish)
    return (looker.see(look) for look in looks_of(path, rate, LOOK_WIDTH))


def intervals_of(sights: Iterable[Sight]) -> list[tuple[float, float]]:
    """From when to when something moved: from the first sight of it to the last, in a row without one in between."""
    found: list[tuple[float, float]] = []
    is_open = False
    for sight in sights:
        if sight.is_motion:
            begin = found.pop()[0] if is_open else sight.seconds
            found.append((begin, sight.seconds))
        is_open = sight.is_motion
    return found
