"""A small sample of the guarding rig: what CI runs of it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.endurance.guarding import guard, scorer_of

SPEED = 3


@pytest.mark.parametrize("name", ["car_detection", "bottle_hand"])
def test_a_parked_car_keeps_all_that_moves_and_nothing_else(shared_data: Path, name: str) -> None:
    scorer = shared_data.parent / "tools" / "score_motion.py"
    if not scorer.exists():
        pytest.skip(f"{scorer} is not there")
    video = shared_data / "static" / f"{name}.mp4"
    guarded = guard(video, json.loads(video.with_suffix(".json").read_text()), scorer_of(scorer), SPEED)
    print(guarded)
    assert guarded.found == guarded.intervals
    assert guarded.missed == ()
    assert guarded.false == 0
