"""The targets on the clips with ground truth: everything found, almost nothing else, and soon."""

from __future__ import annotations

import pytest

from dashcam.media.looks import looks_of
from dashcam.motion.looking import Looker, windows_of
from dashcam.motion.sight import LOOK_WIDTH, MotionWish
from dashcam.settings.schema import MotionSettings
from tests.motion.scoring import CLIPS, SCORER, Rates, clips_in, load_scorer

MOST_FALSE = 1
MOST_STILL_SHARE = 0.02
LATEST_ONSET_SECONDS = 0.5


@pytest.fixture(scope="module")
def total() -> Rates:
    """Of all clips, seen with the settings that everybody has."""
    if not CLIPS.is_dir() or not SCORER.is_file():
        pytest.skip(f"no clips with ground truth in {CLIPS}")
    scorer, settings = load_scorer(), MotionSettings()
    raw = []
    for clip in clips_in():
        looker = Looker(MotionWish.of(settings))
        windows = windows_of(looker.see(look) for look in looks_of(clip.video, settings.rate, LOOK_WIDTH))
        raw.append(scorer.score(clip.truth, [[window.from_seconds, window.to_seconds] for window in windows]))
    return scorer.report(scorer.add(raw))


def test_every_interval_is_found(total: Rates) -> None:
    assert total["motion_n"] == total["hits"] == 30


def test_there_is_at_most_one_false_alarm(total: Rates) -> None:
    false = total["false"]
    assert false is not None
    assert false <= MOST_FALSE


def test_still_time_is_left_alone(total: Rates) -> None:
    share = total["still_flagged"]
    assert share is not None
    assert share <= MOST_STILL_SHARE


def test_it_is_noticed_within_half_a_second(total: Rates) -> None:
    onset = total["onset_s"]
    assert onset is not None
    assert onset <= LATEST_ONSET_SECONDS
