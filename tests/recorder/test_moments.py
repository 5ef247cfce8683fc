"""What is known of a moment: the trusted time, and the nearest place."""

from __future__ import annotations

import pytest

from dashcam.clock import NANOSECONDS, RELEASE_UTC_NS, WallClock
from dashcam.place import Place
from dashcam.recorder.moments import Moments
from dashcam.recorder.rhythm import Reach


def place(number: int) -> Place:
    return Place(latitude=float(number), longitude=0.0)


def moments(utc_ns: int = RELEASE_UTC_NS + NANOSECONDS) -> Moments:
    return Moments(WallClock(lambda: 100 * NANOSECONDS, lambda: utc_ns), "Europe/Berlin")


def found_at(known: Moments, second: float) -> float | None:
    nearest = known.place_at(round(second * NANOSECONDS))
    return nearest.latitude if nearest else None


@pytest.mark.parametrize(
    ("second", "found"),
    [(9.0, 10.0), (10.4, 10.0), (10.6, 11.0), (12.2, 11.0), (12.3, None), (8.7, None), (39.0, 40.0), (20.0, None)],
)
def test_the_place_is_that_of_the_nearest_fix_and_none_where_none_is_near(second: float, found: float | None) -> None:
    known = moments()
    for number in (10, 11, 40):
        known.put(number * NANOSECONDS, place(number))
    assert found_at(known, second) == found


@pytest.mark.parametrize(
    ("second", "found"),
    [(10.4, 10.0), (10.9, 10.0), (11.0, None), (11.1, None), (12.4, None), (12.6, 13.0), (13.0, 13.0), (13.9, 13.0)],
)
def test_from_the_first_fix_on_that_is_not_good_there_is_no_place_until_the_next_good_one(
    second: float, found: float | None
) -> None:
    known = moments()
    known.put(10 * NANOSECONDS, place(10))
    for number in (11, 12):
        known.miss(number * NANOSECONDS)
    known.put(13 * NANOSECONDS, place(13))
    assert found_at(known, second) == found


def test_what_is_known_at_the_moment_ends_with_the_fix() -> None:
    """As the stamp asks: what comes afterwards is not known yet."""
    known = moments()
    known.put(10 * NANOSECONDS, place(10))
    assert found_at(known, 11.1) == 10
    known.miss(11 * NANOSECONDS)
    assert found_at(known, 11.1) is None


def test_a_fix_that_becomes_known_late_holds_until_the_next_one_does() -> None:
    known = moments()
    known.put(10 * NANOSECONDS, place(10), Reach(NANOSECONDS, NANOSECONDS // 2))
    assert [found_at(known, second) for second in (8.9, 9.0, 11.5, 11.6)] == [None, 10, 10, None]


def test_the_time_is_that_of_the_clock_at_that_moment_and_none_while_none_is_trusted() -> None:
    assert moments().at(90 * NANOSECONDS).utc_ns == RELEASE_UTC_NS - 9 * NANOSECONDS
    assert moments(utc_ns=0).at(90 * NANOSECONDS).utc_ns is None
    assert str(moments().at(0).zone) == "Europe/Berlin"
