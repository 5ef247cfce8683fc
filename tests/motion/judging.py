"""What the detector makes of a scene."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from dashcam.clips.event import MotionWindow
from dashcam.media.looks import looks_of
from dashcam.motion.detector import Detector
from dashcam.motion.looking import Looker, windows_of
from dashcam.motion.sight import Sight
from tests.made_videos import write_video
from tests.motion.scenes import Scene
from tests.motion.stage import HEIGHT, WIDTH

# Labels are as exact as the scorer of the real clips takes them to be; a detector may hold on for a moment.
_EARLY_SECONDS, _LATE_SECONDS = 0.5, 1.5


@dataclass(frozen=True, slots=True)
class Verdict:
    """`onsets`: how long after its beginning each motion that was found was noticed."""

    found: int
    onsets: tuple[float, ...]
    false: tuple[MotionWindow, ...]
    """At least partly where nothing moves."""
    windows: tuple[MotionWindow, ...]


See = Callable[[NDArray[np.uint8], float], Sight]


def judge(scene: Scene, see: See | None = None) -> Verdict:
    """Shows the whole scene to a new detector of ours, or to another."""
    see = see or Detector(scene.wish, HEIGHT, WIDTH).see
    return _verdict(scene, windows_of(see(luma, seconds) for seconds, luma in scene.pictures()))


def judge_recorded(scene: Scene, path: Path) -> Verdict:
    """The same as a poor encoder leaves it in a file, which is then looked at."""
    write_video(
        path, scene.pictures(), rate=round(scene.rate), crf="32", preset="veryfast", g=str(round(2 * scene.rate))
    )
    looker = Looker(scene.wish)
    return _verdict(scene, windows_of(looker.see(look) for look in looks_of(path, scene.rate, WIDTH)))


def _verdict(scene: Scene, windows: list[MotionWindow]) -> Verdict:
    hits = [next((w for w in windows if w.from_seconds <= end and w.to_seconds >= begin), None)
            for begin, end in scene.motion]  # fmt: skip
    return Verdict(
        found=sum(hit is not None for hit in hits),
        onsets=tuple(hit.from_seconds - begin for hit, (begin, _) in zip(hits, scene.motion, strict=True) if hit),
        false=tuple(window for window in windows if not _is_meant(window, scene)),
        windows=tuple(windows),
    )


def _is_meant(window: MotionWindow, scene: Scene) -> bool:
    """One that begins long before something moves or goes on long after it is as false as one of its own."""
    return any(
        window.from_seconds >= begin - _EARLY_SECONDS and window.to_seconds <= end + _LATE_SECONDS
        for begin, end in scene.motion
    )
