"""What moves for very long without a rest is told, until it is quiet."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from dashcam.clock import NANOSECONDS
from dashcam.recorder.unrest import Unrest


def moved(*seconds: int) -> Unrest:
    unrest = Unrest()
    for second in seconds:
        unrest.moved(second * NANOSECONDS)
    return unrest


def test_before_anything_moves_there_is_nothing_to_say() -> None:
    assert moved().words(10_000 * NANOSECONDS) == ""


@pytest.mark.parametrize(
    ("seconds", "is_told"),
    [
        (range(0, 600, 5), False),
        (range(0, 611, 5), True),
        (range(0, 621, 20), True),
        # It rested in the middle.
        ((*range(0, 400, 5), *range(420, 700, 5)), False),
    ],
)
def test_it_is_told_after_ten_minutes_without_a_rest(seconds: Sequence[int], is_told: bool) -> None:
    told = moved(*seconds).words((seconds[-1] + 1) * NANOSECONDS)
    assert ("draw zones" in told) == is_told


def test_once_it_is_quiet_it_is_told_no_more() -> None:
    unrest = moved(*range(0, 701, 5))
    assert unrest.words(720 * NANOSECONDS) != ""
    assert unrest.words(721 * NANOSECONDS) == ""
    unrest.moved(730 * NANOSECONDS)
    assert unrest.words(731 * NANOSECONDS) == ""
