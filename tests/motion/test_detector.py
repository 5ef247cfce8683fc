"""The detector, look by look: what it is told to mind and to leave alone, and what may happen to a camera."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np
import pytest

from dashcam.motion.detector import Detector
from dashcam.motion.sight import MotionWish, Sight
from dashcam.settings.zones import parse_zones
from tests.motion.stage import HEIGHT, WIDTH, Layer, Stage, as_luma, car, put

RATE = 5.0
Draw = Callable[[Layer, float], None]


def moments(begin: float, end: float, rate: float = RATE) -> list[float]:
    return [number / rate for number in range(round(begin * rate), round(end * rate))]


def sights(
    draw: Draw,
    seconds: Iterable[float],
    *,
    wish: MotionWish | None = None,
    noise: float = 1.5,
    detector: Detector | None = None,
    shift: Callable[[float], tuple[float, float]] = lambda _: (0.0, 0.0),
) -> list[Sight]:
    """What is seen of one place in which `draw` puts things."""
    stage, detector = Stage(7), detector or Detector(wish or MotionWish(), HEIGHT, WIDTH)
    found = []
    for moment in seconds:
        picture = stage.picture(*shift(moment))
        draw(picture, moment)
        found.append(detector.see(as_luma(picture + noise * stage.noise(round(moment * 100))), moment))
    return found


def crossing(begin: float, left: float = -50.0, bottom: float = 150.0, speed: float = 90.0) -> Draw:
    """A car comes into the picture at that time and goes through it."""

    def draw(picture: Layer, seconds: float) -> None:
        if seconds >= begin:
            car(picture, left + speed * (seconds - begin), bottom, 50, 190)

    return draw


def thing(size: float, contrast: float, begin: float = 4.0, speed: float = 20.0) -> Draw:
    """A box of that size comes into being and travels."""

    def draw(picture: Layer, seconds: float) -> None:
        if seconds >= begin:
            level = float(np.median(picture)) + contrast
            put(picture, 60 + speed * (seconds - begin), 90, size, size, level)

    return draw


def nothing(_picture: Layer, _seconds: float) -> None:
    """An empty place."""


def moving(found: list[Sight]) -> list[float]:
    return [sight.seconds for sight in found if sight.is_motion]


def test_an_empty_place_is_learned_and_then_left_alone() -> None:
    found = sights(nothing, moments(0, 12))
    assert moving(found) == []
    assert [sight.disturbance for sight in found[:3]] == ["learning"] * 3
    assert {sight.disturbance for sight in found[10:]} == {""}


def test_the_box_is_where_the_thing_is() -> None:
    found = sights(crossing(4), moments(0, 7))
    boxed = [sight for sight in found if sight.is_motion and 5 <= sight.seconds <= 6.5]
    assert boxed
    for sight in boxed:
        box, left = sight.regions[0], (-50 + 90 * (sight.seconds - 4)) / WIDTH
        assert left - 0.06 <= box.x <= left + 0.06
        assert box.x + box.width == pytest.approx(left + 50 / WIDTH, abs=0.06)
        assert 0.65 <= box.y <= 0.8
        assert 0.8 <= box.y + box.height <= 0.9
        assert 0 <= box.score <= 100


def test_score_and_confidence_tell_a_thing_from_nothing() -> None:
    found = sights(crossing(4), moments(0, 7))
    calm = [sight for sight in found if 1 < sight.seconds < 4]
    sure = [sight for sight in found if 5 <= sight.seconds <= 6.5]
    assert max(sight.score for sight in calm) < 20 < 60 < min(sight.score for sight in sure) <= 100
    assert max(sight.confidence for sight in calm) < 0.3 < 0.6 < min(sight.confidence for sight in sure) <= 1


def test_what_moves_from_the_first_picture_on_is_found() -> None:
    found = moving(sights(crossing(-1, speed=40), moments(0, 5)))
    assert found
    assert found[0] <= 1.4


def test_what_comes_and_stays_is_motion_only_while_it_comes() -> None:
    def parks(picture: Layer, seconds: float) -> None:
        car(picture, -50 + 90 * min(max(seconds - 4, 0), 2), 150, 50, 190)

    found = moving(sights(parks, moments(0, 14)))
    assert found
    assert found[0] <= 5.0
    assert found[-1] <= 6.6


def test_what_has_been_taken_away_leaves_no_ghost() -> None:
    def goes(picture: Layer, seconds: float) -> None:
        if seconds < 8:
            put(picture, 150, 80, 40, 30, 200)

    found = moving(sights(goes, moments(0, 16)))
    assert [second for second in found if second > 8.8] == []


def test_a_place_that_was_learned_with_somebody_in_it_is_learned_anew() -> None:
    """Whoever comes to where somebody stood at the beginning is found like anybody else."""

    def stands(picture: Layer, seconds: float) -> None:
        if seconds < 5:
            put(picture, 150, 80, 40, 40, 200)
        elif seconds >= 12:
            put(picture, 60 + 60 * (seconds - 12), 80, 40, 40, 200)

    found = moving(sights(stands, moments(0, 15)))
    assert [second for second in found if 6 < second < 12] == []
    assert [second for second in found if 12 <= second <= 13]


@pytest.mark.parametrize(
    ("zones", "expected"),
    [
        ("watch 0,0.5 1,0.5 1,1 0,1", True),
        ("watch 0,0 1,0 1,0.5 0,0.5", False),
        ("ignore 0,0.5 1,0.5 1,1 0,1", False),
        ("ignore 0,0 1,0 1,0.5 0,0.5", True),
        ("watch 0,0.5 1,0.5 1,1 0,1; ignore 0,0.6 1,0.6 1,0.95 0,0.95", False),
    ],
)
def test_zones_are_obeyed(zones: str, expected: bool) -> None:
    found = sights(crossing(4), moments(0, 8), wish=MotionWish(zones=parse_zones(zones)))
    assert bool(moving(found)) is expected


def test_something_in_a_corner_that_is_watched_is_found_when_it_gets_there() -> None:
    wish = MotionWish(zones=parse_zones("watch 0.7,0.6 1,0.6 1,1 0.7,1"))
    found = moving(sights(crossing(4), moments(0, 8), wish=wish))
    assert found
    # Its front is at seven tenths of the width after 224 of the 90 pixels a second that it goes.
    assert 4 + 200 / 90 <= found[0] <= 4 + 330 / 90


def test_a_higher_threshold_finds_less() -> None:
    lengths = [
        len(moving(sights(thing(16, 20), moments(0, 8), wish=MotionWish(threshold=threshold))))
        for threshold in (5, 25, 100)
    ]
    assert lengths == sorted(lengths, reverse=True)
    assert lengths[0] > 12 > lengths[-1]


def test_a_larger_least_area_finds_less() -> None:
    lengths = [
        len(moving(sights(thing(16, 60), moments(0, 8), wish=MotionWish(min_area=area)))) for area in (100, 500, 30000)
    ]
    assert lengths == sorted(lengths, reverse=True)
    assert lengths[0] > 15 > lengths[-1] == 0


def test_more_looks_to_confirm_notice_later() -> None:
    firsts = [moving(sights(crossing(4), moments(0, 7), wish=MotionWish(confirm_frames=n)))[0] for n in (1, 3, 6)]
    assert firsts == sorted(firsts)
    assert firsts[0] < firsts[1] < firsts[2] <= 6


@pytest.mark.parametrize("speed", [8, 20, 60])
def test_a_small_far_thing_that_travels_is_found(speed: float) -> None:
    """Eight pixels of 320: half of the least area."""
    found = moving(sights(thing(8, 45, speed=speed), moments(0, 9)))
    assert found
    assert found[0] <= 4 + 2.6


def test_a_small_thing_that_blinks_in_place_is_nothing() -> None:
    def blinks(picture: Layer, seconds: float) -> None:
        if round(seconds * RATE) % 3 == 0:
            put(picture, 150, 80, 8, 8, 220)

    assert moving(sights(blinks, moments(0, 20))) == []


@pytest.mark.parametrize("noise", [3.0, 9.0])
def test_noise_is_measured_and_things_in_it_are_found(noise: float) -> None:
    def draw(picture: Layer, seconds: float) -> None:
        crossing(10, speed=60)(picture, seconds)

    found = moving(sights(draw, moments(0, 16), noise=noise))
    assert [second for second in found if second < 10] == []
    assert [second for second in found if 10 <= second <= 12]


def test_gain_that_goes_up_at_night_is_no_motion() -> None:
    detector = Detector(MotionWish(), HEIGHT, WIDTH)
    found = sights(nothing, moments(0, 8), noise=3, detector=detector)
    found += sights(nothing, moments(8, 16), noise=9, detector=detector)
    assert moving(found) == []


@pytest.mark.parametrize("gain", [0.5, 0.8, 1.3, 1.8])
def test_a_step_of_light_is_told_and_is_no_motion(gain: float) -> None:
    def steps(picture: Layer, seconds: float) -> None:
        if seconds >= 6:
            picture *= gain

    found = sights(steps, moments(0, 12))
    assert moving(found) == []
    assert next(sight.seconds for sight in found if sight.disturbance == "light") == 6
    assert found[-1].disturbance == ""


def test_a_camera_that_shakes_says_so_and_finds_nothing() -> None:
    random = np.random.default_rng(3)

    def shakes(seconds: float) -> tuple[float, float]:
        return tuple(random.uniform(-2.5, 2.5, 2)) if 4 <= seconds < 8 else (0.0, 0.0)

    found = sights(nothing, moments(0, 14), shift=shakes)
    assert moving(found) == []
    assert {sight.disturbance for sight in found if 4.4 <= sight.seconds < 8} == {"shake"}
    assert found[-1].disturbance == ""


def test_a_camera_that_is_knocked_looks_on_from_where_it_hangs() -> None:
    found = sights(crossing(10), moments(0, 13), shift=lambda seconds: (5.3, -3.6) if seconds >= 5 else (0.0, 0.0))
    assert [second for second in moving(found) if second < 10] == []
    assert [second for second in moving(found) if 10 <= second <= 11.2]


@pytest.mark.parametrize("rate", [3.0, 10.0, 15.0])
def test_the_pace_of_looks_may_be_another(rate: float) -> None:
    found = moving(sights(crossing(5), moments(0, 9, rate)))
    assert found
    assert 5 <= found[0] <= 6.1
    assert found[-1] <= 9


def test_a_pace_that_changes_in_between_is_no_motion() -> None:
    found = sights(nothing, [*moments(0, 5, 5), *moments(5, 8, 15), *moments(8, 14, 2)])
    assert moving(found) == []


def test_after_a_pause_it_learns_anew_whatever_is_there() -> None:
    """The camera was away and has been moved meanwhile."""
    detector = Detector(MotionWish(), HEIGHT, WIDTH)
    sights(nothing, moments(0, 6), detector=detector)
    found = sights(crossing(65), moments(60, 68), detector=detector, shift=lambda _: (12.0, 9.0))
    assert found[0].disturbance == "learning"
    assert [second for second in moving(found) if second < 65] == []
    assert [second for second in moving(found) if 65 <= second <= 66.2]


def test_time_that_runs_backwards_is_a_pause() -> None:
    detector = Detector(MotionWish(), HEIGHT, WIDTH)
    sights(nothing, moments(50, 53), detector=detector)
    found = sights(nothing, moments(0, 4), detector=detector)
    assert found[0].disturbance == "learning"
    assert moving(found) == []


@pytest.mark.parametrize("level", [0, 16, 128, 255])
def test_a_picture_of_one_colour_is_nothing(level: int) -> None:
    detector = Detector(MotionWish(), HEIGHT, WIDTH)
    luma = np.full((HEIGHT, WIDTH), level, np.uint8)
    found = [detector.see(luma, seconds) for seconds in moments(0, 5)]
    assert moving(found) == []
    assert all(np.isfinite([sight.score, sight.confidence]).all() for sight in found)


@pytest.mark.parametrize(("height", "width"), [(240, 320), (179, 319), (180, 240), (320, 180), (32, 32)])
def test_any_size_will_do(height: int, width: int) -> None:
    detector = Detector(MotionWish(min_area=200), height, width)
    random = np.random.default_rng(1)
    wall = random.integers(60, 180, (height // 8 + 1, width // 8 + 1)).repeat(8, 0).repeat(8, 1)[:height, :width]
    found = []
    for seconds in moments(0, 9):
        picture = wall + random.normal(0, 1.5, (height, width))
        if seconds >= 5:
            left = round((seconds - 5) / 4 * width)
            picture[height // 4 : height * 3 // 4, left : left + width // 4] = 230
        found.append(detector.see(as_luma(picture.astype(np.float32)), seconds))
    assert [second for second in moving(found) if second < 5] == []
    assert moving(found)
    assert all(region.x + region.width <= 1 and region.y + region.height <= 1 for s in found for region in s.regions)


def test_a_picture_of_another_size_is_refused() -> None:
    detector = Detector(MotionWish(), HEIGHT, WIDTH)
    with pytest.raises(ValueError, match="new Detector"):
        detector.see(np.zeros((HEIGHT, WIDTH - 2), np.uint8), 0.0)
    with pytest.raises(ValueError, match="too small"):
        Detector(MotionWish(), 16, 320)


def test_the_same_looks_are_seen_the_same_way() -> None:
    first, second = (sights(crossing(3), moments(0, 6)) for _ in range(2))
    assert first == second
