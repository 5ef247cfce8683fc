"""Whether it snows or rains is told by specks all over the picture; a thing in one place is no weather."""

from __future__ import annotations

import numpy as np
import pytest

from dashcam.motion.change import root_mean_square
from dashcam.motion.grid import Cells
from dashcam.motion.picture import CELL, Grey
from dashcam.motion.precipitation import Precipitation, broad

ROWS, COLUMNS = 22, 40
STEP_SECONDS, FLOOR = 0.2, 4.0


def look_at(precipitation: Precipitation, pixels: Grey, before: Grey) -> bool:
    foreign, changed = root_mean_square(pixels), root_mean_square(pixels - before)
    return precipitation.learn(pixels, foreign, changed, STEP_SECONDS, False)


def falls(pictures: list[Grey]) -> list[bool]:
    precipitation = Precipitation(ROWS, COLUMNS, FLOOR)
    before = np.zeros_like(pictures[0])
    told = []
    for pixels in pictures:
        told.append(look_at(precipitation, pixels, before))
        before = pixels
    return told


def empty() -> Grey:
    picture: Grey = np.zeros((ROWS * CELL, COLUMNS * CELL), np.float32)
    return picture


def with_flakes(seed: int) -> Grey:
    picture, random = empty(), np.random.default_rng(seed)
    for _ in range(80):
        row, column = random.integers(0, ROWS * CELL - 1), random.integers(0, COLUMNS * CELL - 1)
        picture[row : row + 2, column : column + 2] = 80
    return picture


def with_thing(number: int) -> Grey:
    picture = empty()
    picture[30:60, 3 * number : 3 * number + 12] = 80
    return picture


def test_specks_all_over_the_picture_are_weather_and_go_with_it() -> None:
    told = falls([with_flakes(seed) for seed in range(20)] + [empty()] * 30)
    assert told[19]
    assert not told[0]
    assert not told[-1]


def test_a_thing_that_moves_and_a_still_picture_are_none() -> None:
    assert not any(falls([with_thing(number) for number in range(30)]))
    assert not any(falls([empty()] * 20))


@pytest.mark.parametrize("grey", [80, -80])
def test_what_is_broad_is_left_of_a_picture_with_flakes(grey: int) -> None:
    picture = with_flakes(3)
    picture[40:52, 60:72] = grey
    left = broad(picture)
    where: Cells = left != 0
    assert np.all(left[40:52, 60:72] == grey)
    assert np.count_nonzero(where) < np.count_nonzero(picture) / 2
