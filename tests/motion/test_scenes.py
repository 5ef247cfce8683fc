"""Synthetic scenes: what moves is found, and what only looks so is not."""

from __future__ import annotations

from pathlib import Path
from statistics import median

import numpy as np
import pytest

from tests.motion.judging import Verdict, judge, judge_recorded
from tests.motion.scenes import Scene, all_scenes

USUAL_ONSET_SECONDS = 0.5
LATEST_ONSET_SECONDS = 1.0
# What the detector cannot do yet, and why: whoever improves it takes lines out.
OPEN: dict[str, str] = {}


def parameters() -> list[object]:
    return [
        pytest.param(
            scene,
            id=scene.name,
            marks=[pytest.mark.xfail(reason=OPEN[scene.name], strict=True)] if scene.name in OPEN else [],
        )
        for scene in all_scenes()
    ]


@pytest.mark.parametrize("scene", parameters())
def test_what_moves_is_found_and_nothing_else(scene: Scene, verdicts: dict[str, Verdict]) -> None:
    verdict = verdicts[scene.name] = judge(scene)
    assert verdict.found == len(scene.motion), verdict.windows
    assert verdict.false == ()
    assert all(onset <= LATEST_ONSET_SECONDS for onset in verdict.onsets), verdict.windows


@pytest.fixture(scope="module")
def verdicts() -> dict[str, Verdict]:
    """Of the scenes so far, for what is said of all of them."""
    return {}


def test_it_is_noticed_within_half_a_second(verdicts: dict[str, Verdict]) -> None:
    """Comes last: of the scenes that ran before it."""
    onsets = [onset for verdict in verdicts.values() for onset in verdict.onsets]
    if not onsets:
        pytest.skip("no scene with motion was run")
    assert median(onsets) <= USUAL_ONSET_SECONDS


@pytest.mark.parametrize("name", ["walker", "far walker", "headlight sweep"])
def test_a_poor_encoder_changes_nothing(name: str, tmp_path: Path) -> None:
    (scene,) = (scene for scene in all_scenes() if scene.name == name)
    verdict = judge_recorded(scene, tmp_path / "scene.mp4")
    assert verdict.found == len(scene.motion), verdict.windows
    assert verdict.false == ()


def test_scenes_are_the_same_each_time_and_in_range() -> None:
    scene = all_scenes()[0]
    first, second = (list(scene.pictures()) for _ in range(2))
    assert len(first) == scene.looks
    assert all(np.array_equal(one, other) for (_, one), (_, other) in zip(first, second, strict=True))
    assert all(luma.min() >= 16 and luma.max() <= 235 for _, luma in first)


def test_names_of_open_scenes_are_names_of_scenes() -> None:
    names = [scene.name for scene in all_scenes()]
    assert len(set(names)) == len(names)
    assert set(names) >= OPEN.keys()
