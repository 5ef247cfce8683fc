"""The detector over recorded videos: from when to when something moves."""

from __future__ import annotations

from dashcam.clips.event import MotionWindow
from dashcam.media.looks import Look
from dashcam.motion.looking import Looker, windows_of
from dashcam.motion.sight import MotionWish, Sight


def sights(*scores: float) -> list[Sight]:
    """One each second; 0: nothing moves."""
    return [
        Sight(seconds=float(number), is_motion=score > 0, score=score, confidence=1.0)
        for number, score in enumerate(scores)
    ]


def test_a_window_lasts_from_the_first_sight_to_the_first_without() -> None:
    assert windows_of(sights(0, 30, 50, 40, 0, 0, 10, 0)) == [MotionWindow(1, 4, 50), MotionWindow(6, 7, 10)]


def test_the_end_of_the_video_ends_a_window() -> None:
    assert windows_of(sights(0, 30, 50)) == [MotionWindow(1, 2, 50)]
    assert windows_of(sights(0, 30)) == [MotionWindow(1, 1, 30)]


def test_a_score_without_motion_makes_no_window_and_raises_none() -> None:
    quiet = Sight(seconds=2.0, is_motion=False, score=90.0, confidence=0.1)
    assert windows_of([quiet]) == []
    assert windows_of([*sights(0, 30), quiet]) == [MotionWindow(1, 2, 30)]


def test_a_video_that_changes_its_size_goes_on() -> None:
    looker = Looker(MotionWish())
    looks = [Look(number / 5, *size, bytes(size[0] * size[1])) for number, size in enumerate([(320, 180), (320, 240)])]
    assert [looker.see(look).seconds for look in looks] == [0.0, 0.2]
    assert looker.analysed == 2
    assert looker.cpu_seconds > 0
