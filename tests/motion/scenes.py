"""Synthetic scenes with ground truth: things that move, things that only look so, and both at once.

Always the same pixels. Times are media seconds; what is not in `motion` is still, but for a moment after each.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from dashcam.motion.sight import MotionWish
from tests.motion.disturbances import (
    blotches,
    clouds,
    flicker,
    foliage,
    glow,
    insect,
    pumping,
    rain,
    shaken,
    snow,
    steps,
)
from tests.motion.stage import Layer, Stage, as_luma, car, put, walker

Draw = Callable[[Stage, float, int], Layer]


@dataclass(frozen=True, slots=True)
class Scene:
    """`draw` gives the picture of a moment and its number, before the sensor's noise."""

    name: str
    draw: Draw
    motion: tuple[tuple[float, float], ...] = ()
    """When something moves that is to be found; empty in scenes of nuisances only."""
    seconds: float = 20.0
    rate: float = 5.0
    noise: float = 1.5
    """Its spread, in grey levels."""
    brightness: float = 1.0
    wish: MotionWish = field(default_factory=MotionWish)

    @property
    def looks(self) -> int:
        """How many pictures it has."""
        return round(self.seconds * self.rate)

    def pictures(self) -> Iterator[tuple[float, NDArray[np.uint8]]]:
        """Seconds and luma, one after the other."""
        stage = Stage(zlib.crc32(self.name.encode()), self.brightness)
        for number in range(self.looks):
            seconds = number / self.rate
            yield seconds, as_luma(self.draw(stage, seconds, number) + self.noise * stage.noise(number))


def _share(seconds: float, begin: float, end: float) -> float | None:
    """How far a moment lies between two; None outside."""
    return (seconds - begin) / (end - begin) if begin <= seconds <= end else None


def _still(stage: Stage, _seconds: float, _number: int) -> Layer:
    return stage.picture()


def walks(
    begin: float,
    end: float,
    *,
    tall: float,
    contrast: float,
    path: tuple[float, float],
    feet: float = 150,
    on: Draw = _still,
) -> Draw:
    """Somebody crosses from one place to another, in front of whatever else there is."""

    def draw(stage: Stage, seconds: float, number: int) -> Layer:
        picture = on(stage, seconds, number)
        share = _share(seconds, begin, end)
        if share is not None:
            walker(picture, path[0] + share * (path[1] - path[0]), feet, tall, contrast, seconds)
        return picture

    return draw


def drives(
    begin: float,
    end: float,
    *,
    long: float,
    level: float,
    path: tuple[float, float],
    bottom: float = 130,
    on: Draw = _still,
) -> Draw:
    """A car goes from one place to another."""

    def draw(stage: Stage, seconds: float, number: int) -> Layer:
        picture = on(stage, seconds, number)
        share = _share(seconds, begin, end)
        if share is not None:
            car(picture, path[0] + share * (path[1] - path[0]), bottom, long, level)
        return picture

    return draw


def _stops_and_leaves(stage: Stage, seconds: float, _number: int) -> Layer:
    """Comes, stands, goes on."""
    picture = stage.picture()
    if seconds >= 5:
        place = np.interp(seconds, [5, 9, 24, 28], [-15, 150, 150, 345])
        walker(picture, float(place), 150, 60, 45, seconds if seconds < 9 or seconds > 24 else 9.0)
    return picture


def _leaves_a_box(stage: Stage, seconds: float, number: int) -> Layer:
    """A box is put down from 6 to 9 s and taken away from 22 to 25 s."""
    picture = stage.picture()
    if 7.5 <= seconds < 23.5:
        put(picture, 150, 110, 26, 20, 205)
    for begin in (6, 22):
        share = _share(seconds, begin, begin + 3)
        if share is not None:
            walker(picture, 170 + 170 * abs(2 * share - 1), 140, 70, 50, seconds)
    return picture


def _parks(stage: Stage, seconds: float, _number: int) -> Layer:
    """A car comes at 6 s and stays from 9 s on."""
    picture = stage.picture()
    if seconds >= 6:
        car(picture, float(np.interp(seconds, [6, 9], [-90, 120])), 150, 85, 60)
    return picture


def _bright_car(stage: Stage, seconds: float, number: int) -> Layer:
    """The exposure goes down with a white van and comes up again after it."""
    picture = drives(6, 9, long=130, level=228, path=(-130, 320), bottom=140)(stage, seconds, number)
    return picture * np.float32(np.interp(seconds, [6.3, 7.2, 9.0, 10.4], [1, 0.72, 0.72, 1]))


def _night_car(stage: Stage, seconds: float, number: int) -> Layer:
    """Its light comes first, then two lamps and the body."""
    picture = stage.picture()
    place = float(np.interp(seconds, [6, 10], [-100, 340]))
    if 6 <= seconds <= 10:
        picture = glow(picture, stage, place + 110, 110, 60, 70)
        put(picture, place, 100, 70, 26, 70)
        for lamp in (60, 66):
            put(picture, place + lamp, 112, 5, 5, 230)
    return picture


def _bird(stage: Stage, seconds: float, number: int) -> Layer:
    """Sits in the box, looks around, picks."""
    picture = stage.picture()
    if 6 <= seconds <= 12:
        moved = np.random.default_rng(number).normal(0, 4, 2)
        put(picture, 140 + moved[0], 90 + moved[1], 26, 16, 60)
        put(picture, 160 + 2 * moved[0], 80 + 2 * moved[1], 11, 10, 45)
    return picture


def _dawn(stage: Stage, seconds: float, _number: int) -> Layer:
    return stage.picture() * np.float32(0.25 + 0.75 * seconds / 40)


def _sweep(stage: Stage, seconds: float, _number: int) -> Layer:
    """The light of a car that is not in the picture goes over the wall, twice."""
    picture = stage.picture()
    for begin, ends in ((6.0, (-90.0, 410.0)), (13.0, (410.0, -90.0))):
        share = _share(seconds, begin, begin + 4)
        if share is not None:
            picture = glow(picture, stage, ends[0] + share * (ends[1] - ends[0]), 80, 75, 55)
    return picture


def _comes_near(stage: Stage, seconds: float, _number: int) -> Layer:
    """A lamp beyond the edge grows and goes out."""
    return glow(stage.picture(), stage, 330, 90, float(np.interp(seconds, [5, 9, 9.4], [0, 110, 0])), 90)


def _hunts(stage: Stage, seconds: float, _number: int) -> Layer:
    """An exposure that cannot decide."""
    swing = 0.1 * np.sin(2 * np.pi * 0.7 * seconds) if 6 <= seconds <= 13 else 0.0
    return stage.picture() * np.float32(1 + swing)


def _day() -> list[Scene]:
    return [
        Scene("walker", walks(6, 12, tall=60, contrast=45, path=(-15, 335)), ((6.3, 11.7),)),
        Scene("walker at 15 a second", walks(6, 12, tall=60, contrast=45, path=(-15, 335)), ((6.3, 11.7),), rate=15),
        Scene("walker, hardly darker", walks(6, 14, tall=70, contrast=22, path=(-15, 335)), ((6.4, 13.6),)),
        Scene("far walker", walks(6, 16, tall=24, contrast=50, path=(80, 230), feet=80), ((6.0, 16.0),)),
        Scene(
            "farther walker, small area",
            walks(6, 16, tall=12, contrast=50, path=(120, 220), feet=70),
            ((6.0, 16.0),),
            wish=MotionWish(min_area=60),
        ),
        Scene("far car", drives(6, 11, long=24, level=190, path=(60, 260), bottom=70), ((6.0, 11.0),)),
        Scene("quick car", drives(8, 9.2, long=95, level=60, path=(-95, 320)), ((8.1, 9.1),)),
        Scene("parks", _parks, ((6.2, 9.0),), seconds=25),
        Scene("stops and leaves", _stops_and_leaves, ((5.3, 9.0), (24.2, 27.7)), seconds=32),
        Scene("leaves a box, takes it", _leaves_a_box, ((6.0, 9.0), (22.0, 25.0)), seconds=32),
        Scene("bird", _bird, ((6.0, 12.0),)),
    ]


def _hard() -> list[Scene]:
    def crosses(begin: float, end: float, on: Draw) -> Draw:
        return walks(begin, end, tall=60, contrast=50, path=(-15, 335), on=on)

    return [
        Scene("walker in rain", crosses(8, 13, rain(90)), ((8.3, 12.7),)),
        Scene("walker in light snow", crosses(8, 13, snow(20, 2, 4)), ((8.3, 12.7),)),
        Scene("walker in snow", crosses(8, 13, snow(60, 2, 5)), ((8.3, 12.7),)),
        Scene("walker in heavy snow", crosses(8, 13, snow(160, 2, 5)), ((8.3, 12.7),)),
        Scene("walker before trees in wind", crosses(10, 15, foliage(2.5)), ((10.3, 14.7),)),
        Scene("walker at night", crosses(8, 14, blotches(2.5)), ((8.4, 13.6),), noise=7, brightness=0.5),
        Scene("walker under lamps", crosses(8, 13, flicker(0.06, 50.3)), ((8.3, 12.7),)),
        Scene("walker under clouds", crosses(8, 13, clouds(14)), ((8.3, 12.7),)),
        Scene("walker after a step", crosses(12, 17, steps((8, 1.25))), ((12.3, 16.7),)),
        Scene("walker, keyframes pump", crosses(8, 13, pumping(2.0, 3)), ((8.3, 12.7),)),
        Scene("bright van", _bright_car, ((6.2, 9.0),)),
        Scene("car with lamps at night", _night_car, ((6.5, 9.8),), noise=4, brightness=0.3),
    ]


def _nuisances() -> list[Scene]:
    return [
        Scene("nothing", _still),
        Scene("rain", rain(60)),
        Scene("heavy rain", rain(200)),
        Scene("light snow", snow(20, 2, 4)),
        Scene("snow", snow(60, 2, 5)),
        Scene("heavy snow", snow(160, 2, 5)),
        Scene("trees in a breeze", foliage(1.5)),
        Scene("trees in wind", foliage(3.0), seconds=30),
        Scene("headlight sweep", _sweep, noise=4, brightness=0.35),
        Scene("headlights come near", _comes_near, noise=4, brightness=0.35),
        Scene("brightness steps", steps((6, 1.25), (11, 0.8), (16, 1.0)), seconds=22),
        Scene("lamp switched off and on", steps((7, 0.45), (14, 1.0)), seconds=22),
        Scene("slow dawn", _dawn, seconds=40, noise=3),
        Scene("exposure hunts", _hunts),
        Scene("night noise", blotches(3.0), noise=9, brightness=0.3),
        Scene("flicker 50 Hz", flicker(0.06, 50.3)),
        Scene("flicker 60 Hz at 15 a second", flicker(0.05, 59.7), rate=15, seconds=15),
        Scene("shake", shaken((6, 9, 2.5), (13, 15, 1.5))),
        Scene("knock", shaken((8, 8.6, 5.0))),
        Scene("insects near the lens", insect(4.0, 9.2, 13.0, 16.4)),
        Scene("keyframes pump", pumping(1.0, 3)),
        Scene("long GOPs pump", pumping(4.0, 4)),
        Scene("shadows of clouds", clouds(14), seconds=30),
    ]


def all_scenes() -> list[Scene]:
    """With something to be found first, nuisances after them."""
    return [*_day(), *_hard(), *_nuisances()]
