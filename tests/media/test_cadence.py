"""Which pictures are looked at: so many a second, evenly, whatever the rate of the video."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from dashcam.media.cadence import Cadence


def picked(times: list[float], rate: float) -> list[float]:
    cadence = Cadence(rate)
    return [seconds for seconds in times if cadence.is_due(seconds)]


def test_every_sixth_picture_of_thirty_a_second() -> None:
    times = [number / 30 for number in range(300)]
    assert picked(times, 5) == times[::6]


def test_a_rate_that_does_not_divide_is_kept_on_the_whole() -> None:
    times = [number / 12.5 for number in range(1250)]
    assert len(picked(times, 5)) == 500


def test_times_rounded_down_are_not_missed() -> None:
    assert picked([0.0, 0.199, 0.399, 0.599], 5) == [0.0, 0.199, 0.399, 0.599]


def test_after_a_pause_nothing_is_made_up_for() -> None:
    assert picked([0.0, 60.0, 60.04, 60.08, 60.12, 60.2], 5) == [0.0, 60.0, 60.12]


def test_a_slow_video_gives_all_it_has() -> None:
    assert picked([0.0, 1.0, 2.0], 15) == [0.0, 1.0, 2.0]


@given(st.lists(st.floats(0, 100)), st.floats(1, 15))
def test_each_is_later_than_the_one_before(times: list[float], rate: float) -> None:
    found = picked(times, rate)
    assert found == sorted(set(found))
    assert len(found) <= 2 + 100 * rate
