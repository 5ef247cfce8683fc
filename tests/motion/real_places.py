"""Scenes in front of real cameras: what happens is drawn, where it happens are the still seconds of recorded clips.

Their noise, their light and their encoder's errors are real. The few seconds are played forwards and backwards.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dashcam.media.looks import looks_of
from dashcam.motion.sight import LOOK_WIDTH
from tests.motion.disturbances import clouds, flicker, glow, rain, shaken, steps
from tests.motion.scenes import Draw, Scene, drives, walks
from tests.motion.scoring import Clip
from tests.motion.stage import HEIGHT, MARGIN, Layer, Stage, as_luma

_RATE = 5.0
# Labels are as exact as that.
_EDGE_SECONDS = 0.3
_LEAST_SECONDS = 4.0


class Place(Stage):
    """The still seconds of a clip in the place of a drawn wall."""

    def __init__(self, looks: tuple[Layer, ...]) -> None:
        super().__init__(7)
        self._looks = looks

    def begin(self, number: int) -> None:
        """The look that is drawn on next."""
        turn = 2 * len(self._looks) - 2
        place = number % turn
        self.around = self._looks[min(place, turn - place)]


@dataclass(frozen=True)
class PlacedScene(Scene):
    """A scene in such a place; the sensor's noise is in the picture already."""

    place: tuple[Layer, ...] = ()

    def pictures(self) -> Iterator[tuple[float, NDArray[np.uint8]]]:
        """Seconds and luma, one after the other."""
        stage = Place(self.place)
        for number in range(self.looks):
            stage.begin(number)
            yield number / self.rate, as_luma(self.draw(stage, number / self.rate, number))


def still_looks(clip: Clip) -> tuple[Layer, ...]:
    """Those of the longest still stretch of a clip, with more picture around the edges."""
    begin, end = max(clip.still, key=lambda stretch: stretch[1] - stretch[0])
    found = []
    with closing(looks_of(clip.video, _RATE, LOOK_WIDTH, start=begin + _EDGE_SECONDS)) as looks:
        for look in looks:
            if look.seconds > end - _EDGE_SECONDS:
                break
            luma = np.frombuffer(look.luma, np.uint8).reshape(look.height, look.width).astype(np.float32)
            missing = HEIGHT - look.height
            found.append(np.pad(luma, ((MARGIN, MARGIN + missing), (MARGIN, MARGIN)), mode="reflect"))
    return tuple(found)


def _sweeps(stage: Stage, seconds: float, _number: int) -> Layer:
    picture = stage.picture()
    if 6 <= seconds <= 10:
        return glow(picture, stage, -90 + (seconds - 6) * 125, 80, 45, 55)
    return picture


def _draws() -> dict[str, tuple[Draw, tuple[tuple[float, float], ...]]]:
    crossing = ((6.3, 11.7),)
    return {
        "nothing": (steps(), ()),
        "walker": (walks(6, 12, tall=60, contrast=45, path=(-15, 335)), crossing),
        "far walker": (walks(6, 12, tall=24, contrast=50, path=(120, 210), feet=100), ((6.0, 12.0),)),
        "far car": (drives(6, 11, long=26, level=200, path=(60, 260), bottom=90), ((6.0, 11.0),)),
        "walker in rain": (walks(6, 12, tall=60, contrast=45, path=(-15, 335), on=rain(60)), crossing),
        "rain": (rain(60), ()),
        "light steps": (steps((6, 1.2), (11, 0.85), (15, 1.0)), ()),
        "dimmed": (steps((7, 0.5), (14, 1.0)), ()),
        "glow": (_sweeps, ()),
        "shake": (shaken((6, 9, 2.0), (13, 14, 3.0)), ()),
        "flicker": (flicker(0.04, 50.3), ()),
        "clouds": (clouds(14), ()),
    }


KINDS = tuple(_draws())


def real_scenes(clips: list[Clip]) -> list[Scene]:
    """Everything that is drawn, at each place."""
    return [_placed(kind, clip.video.stem, still_looks(clip)) for clip in _places(clips) for kind in KINDS]


def real_scene(kind: str, clips: list[Clip]) -> Scene:
    """One of a kind, at one of the places."""
    places = _places(clips)
    clip = places[KINDS.index(kind) % len(places)]
    return _placed(kind, clip.video.stem, still_looks(clip))


def _places(clips: list[Clip]) -> list[Clip]:
    """Clips that are still for long enough, but for the one that shakes while nothing moves."""
    return [
        clip
        for clip in clips
        if "shake" not in clip.video.stem and any(end - begin >= _LEAST_SECONDS for begin, end in clip.still)
    ]


def _placed(kind: str, name: str, place: tuple[Layer, ...]) -> Scene:
    draw, motion = _draws()[kind]
    return PlacedScene(f"{name}: {kind}", draw, motion, rate=_RATE, place=place)
