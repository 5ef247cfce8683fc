"""What is known of a moment: the trusted time, and the nearest place."""

from __future__ import annotations

import pytest

from dashcam.clock import NANOSECONDS, RELEASE_UTC_NS, WallClock
from dashcam.place import Place
from dashcam.recorder.moments import Moments


def place(number: int) -> Place:
    return Place(latitude=float(number), longitude=0.0)


def moments(utc_ns: int = RELEASE_UTC_NS + NANOSECONDS) -> Moments:
    return Moments(WallClock(lambda: 100 * NANOSECONDS, lambda: utc_ns), "Europe/Berlin")


@pytest.mark.parametrize(
    ("second", "found"),
    [(9.0, 10.0), (10.4, 10.0), (10.6, 11.0), (12.9, 11.0), (13.1, None), (7.9, None), (39.0, 40.0), (20.0, None)],
)
def test_the_place_is_that_of_the_nearest_fix_and_none_where_none_is_near(second: float, found: float | None) -> None:
    known = moments()
    for number in (10, 11, 40):
        known.put(number * NANOSECONDS, place(number))
    nearest = known.place_at(int(second * NANOSECONDS))
    assert (nearest.latitude if nearest else None) == found


def test_the_time_is_that_of_the_clock_at_that_moment_and_none_while_none_is_trusted() -> None:
    assert moments().at(90 * NANOSECONDS).utc_ns == RELEASE_UTC_NS - 9 * NANOSECONDS
    assert moments(utc_ns=0).at(90 * NANOSECONDS).utc_ns is None
    assert str(moments().at(0).zone) == "Europe/Berlin"
