"""What the motion detector costs a picture, beside the plain difference that tutorials begin with."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from statistics import median

import numpy as np
from numpy.typing import NDArray

from dashcam.motion.detector import Detector
from dashcam.motion.sight import MotionWish
from tests.bench.measuring import Bench
from tests.bench.table import Row
from tests.motion.plain_difference import PlainDifference
from tests.motion.scenes import Scene, all_scenes
from tests.motion.stage import HEIGHT, WIDTH

_REPEATS, _QUICK_REPEATS = 5, 1
_TARGET_MICROSECONDS = 1000.0
# What is seen at any time, and what is the most work: everything moves.
_SCENES = {"walker": "somebody walks by", "trees in wind": "trees in wind"}

_Pictures = Sequence[tuple[float, NDArray[np.uint8]]]


def measure(bench: Bench) -> list[Row]:
    """Some seconds of several scenes, each a few times in turns with the peer."""
    repeats = _QUICK_REPEATS if bench.is_quick else _REPEATS
    scenes = {scene.name: scene for scene in all_scenes()}
    sizes = f"{WIDTH}x{HEIGHT}"
    rows = [
        _row(bench, f"motion detection, a picture of {sizes}: {words}", _pictures(scenes[name]), repeats)
        for name, words in _SCENES.items()
    ]
    return [*rows, _row(bench, f"motion detection, a picture of {sizes}: the car drives", _drive(), repeats)]


def _pictures(scene: Scene) -> _Pictures:
    return list(scene.pictures())


def _drive() -> _Pictures:
    """Everything moves by several pixels, another way each time: as a drive looks to a detector that is left on."""
    random = np.random.default_rng(4)
    wide = next(iter(all_scenes()[0].pictures()))[1]
    return [(number / 5, np.roll(wide, tuple(random.integers(-40, 40, 2)), (0, 1))) for number in range(100)]


def _row(bench: Bench, what: str, pictures: _Pictures, repeats: int) -> Row:
    own, peer = [], []
    for _ in range(repeats):
        own.append(_microseconds(Detector(MotionWish(), HEIGHT, WIDTH).see, pictures))
        peer.append(_microseconds(PlainDifference().see_with_time, pictures))
    ours, theirs = median(own), median(peer)
    bench.say(f"{what}: {ours:.0f} us, plain difference {theirs:.0f} us")
    return Row(
        what,
        f"{ours:.0f} us",
        f"plain difference in numpy: {theirs:.0f} us",
        ours / theirs,
        f"below {_TARGET_MICROSECONDS:g} us",
        ours < _TARGET_MICROSECONDS,
    )


def _microseconds(see: Callable[[NDArray[np.uint8], float], object], pictures: _Pictures) -> float:
    """CPU time of a picture, the mean of all."""
    began = time.process_time()
    for seconds, luma in pictures:
        see(luma, seconds)
    return 1e6 * (time.process_time() - began) / len(pictures)
