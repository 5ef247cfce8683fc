"""Where the trees, posts, signs and cars of the drive are at a moment, and how they are drawn."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from PIL import Image

from dashcam.camera.drive import paintings
from dashcam.camera.drive.geometry import (
    EYE_HEIGHT,
    LANE_WIDTH,
    OWN_LANE,
    View,
    driven_metres,
    sideways,
)
from dashcam.camera.drive.sky import HAZE
from dashcam.camera.drive.sprites import Sprite
from dashcam.camera.planes import Planes

# Farther things are smaller than a few pixels.
_SEEN_METRES = 230.0
_HAZE_METRES = 420.0
# Nearer things are beside or behind the windscreen.
_NEAREST_METRES = 2.4

_POST_EVERY, _POST_ACROSS, _POST_SEEN = 25.0, 4.35, 140.0
_TREE_EVERY = 13.0
_SIGN_EVERY, _SIGN_ACROSS = 410.0, 5.0
_BARN_EVERY, _BARN_ACROSS = 760.0, 38.0
_ONCOMING_EVERY, _ONCOMING_SPEED = 190.0, 22.0

_TREE_KINDS = ("oak", "birch", "fir", "bush")
_ONCOMING_KINDS = ("red car", "white car", "blue car", "truck")


@dataclass(frozen=True, slots=True)
class Thing:
    """Something at a place: metres ahead of the camera, and across from the middle of the road."""

    kind: str
    ahead: float
    across: float


def things_at(seconds: float) -> list[Thing]:
    """All that can be seen after so many seconds, the farthest first."""
    driven = driven_metres(seconds)
    things = [*_beside_the_road(driven), *_oncoming(driven, seconds), _car_ahead(seconds)]
    return sorted(things, key=lambda thing: -thing.ahead)


def _slots(first: float, last: float, every: float) -> range:
    return range(math.ceil(first / every), math.floor(last / every) + 1)


def _beside_the_road(driven: float) -> Iterator[Thing]:
    first, last = driven + _NEAREST_METRES, driven + _SEEN_METRES
    for slot in _slots(first, driven + _POST_SEEN, _POST_EVERY):
        for side in (-1, 1):
            yield Thing("post", slot * _POST_EVERY - driven, side * _POST_ACROSS)
    for slot in _slots(first, last, _SIGN_EVERY):
        yield Thing("sign", slot * _SIGN_EVERY - driven, _SIGN_ACROSS)
    for slot in _slots(first, last, _BARN_EVERY):
        yield Thing("barn", slot * _BARN_EVERY - driven, _BARN_ACROSS * (-1) ** slot)
    for slot in _slots(first, last, _TREE_EVERY):
        for kind, along, across in _trees(slot):
            yield Thing(kind, along - driven, across)


# More than can be seen at once; to make them anew for each picture costs as much as to draw them.
@lru_cache(128)
def _trees(slot: int) -> tuple[tuple[str, float, float], ...]:
    """Up to one tree a side (kind, along, across), in groups: some stretches are wooded, others open."""
    trees = []
    for side in (-1, 1):
        chance = random.Random(slot * 2 + side)
        is_wooded = math.sin(slot * 0.21 + side) + math.sin(slot * 0.083) > -0.2
        if chance.random() < (0.75 if is_wooded else 0.12):
            across = chance.uniform(9.5, 17) if chance.random() < 0.6 else chance.uniform(17, 45)
            kind = chance.choice(_TREE_KINDS)
            trees.append((kind, slot * _TREE_EVERY + chance.uniform(0, 6), side * across))
    return tuple(trees)


def _oncoming(driven: float, seconds: float) -> Iterator[Thing]:
    came = _ONCOMING_SPEED * seconds
    for slot in _slots(driven + came + _NEAREST_METRES, driven + came + _SEEN_METRES, _ONCOMING_EVERY):
        chance = random.Random(slot)
        if chance.random() < 0.7:
            ahead = slot * _ONCOMING_EVERY - came - driven
            yield Thing(chance.choice(_ONCOMING_KINDS), ahead, -LANE_WIDTH / 2 + chance.uniform(-0.2, 0.2))


def _car_ahead(seconds: float) -> Thing:
    ahead = 30 + 9 * math.sin(seconds / 6.3) + 3 * math.sin(seconds / 2.3)
    closing = 9 / 6.3 * math.cos(seconds / 6.3) + 3 / 2.3 * math.cos(seconds / 2.3)
    return Thing("braking car" if closing < -1.7 else "car ahead", ahead, OWN_LANE + 0.15 * math.sin(seconds / 3.1))


def _painted() -> dict[str, tuple[Image.Image, float]]:
    """Each kind's painting and its height in metres."""
    return {
        "oak": (paintings.broad_tree(1, (42, 74, 38), (132, 164, 72)), 8.5),
        "birch": (paintings.broad_tree(2, (70, 100, 46), (172, 188, 96)), 6.5),
        "fir": (paintings.fir_tree(), 9.5),
        "bush": (paintings.bush(), 1.7),
        "post": (paintings.post(), 1.05),
        "sign": (paintings.speed_sign(), 2.9),
        "barn": (paintings.barn(), 7.0),
        "red car": (paintings.car_front((176, 34, 36)), 1.5),
        "white car": (paintings.car_front((226, 228, 228)), 1.5),
        "blue car": (paintings.car_front((44, 84, 150)), 1.5),
        "truck": (paintings.truck_front(), 3.3),
        "car ahead": (paintings.car_rear((70, 110, 128), is_braking=False), 1.5),
        "braking car": (paintings.car_rear((70, 110, 128), is_braking=True), 1.5),
    }


class Traffic:
    """Draws everything between the hills and the dashboard that is not ground."""

    def __init__(self, view: View, floor: int) -> None:
        """`floor`: the first row that nothing is drawn into."""
        self._view = view
        self._floor = floor
        self._sprites = {
            kind: Sprite(painting, metres_high, focal=view.focal, haze=HAZE, haze_metres=_HAZE_METRES)
            for kind, (painting, metres_high) in _painted().items()
        }

    def draw(self, target: Planes, seconds: float) -> None:
        """Draws all things as they are after so many seconds."""
        things = things_at(seconds)
        swings = sideways(driven_metres(seconds), np.array([thing.ahead for thing in things]))
        for thing, swing in zip(things, swings.tolist(), strict=True):
            self._draw_thing(target, thing, swing)

    def _draw_thing(self, target: Planes, thing: Thing, swing: float) -> None:
        if thing.ahead < _NEAREST_METRES:
            return
        sprite = self._sprites[thing.kind]
        pixels_a_metre = self._view.focal / thing.ahead
        middle = self._view.width / 2 + (thing.across + swing - OWN_LANE) * pixels_a_metre
        ground = self._view.horizon + EYE_HEIGHT * pixels_a_metre
        sprite.draw(target, middle, ground, sprite.metres_high * pixels_a_metre, self._floor)
