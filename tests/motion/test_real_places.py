"""What is drawn into the still seconds of real clips is found, and nothing else is."""

from __future__ import annotations

import pytest

from tests.motion.judging import judge
from tests.motion.real_places import KINDS, real_scene
from tests.motion.scoring import CLIPS, clips_in

# What the detector cannot do yet, and why: whoever improves it takes lines out.
OPEN: dict[str, str] = {}


@pytest.mark.parametrize(
    "kind",
    [
        pytest.param(kind, marks=[pytest.mark.xfail(reason=OPEN[kind], strict=True)] if kind in OPEN else [])
        for kind in KINDS
    ],
)
def test_what_moves_is_found_and_nothing_else(kind: str) -> None:
    """Each kind at another place; scripts/motion-table tries all of them everywhere."""
    if not CLIPS.is_dir():
        pytest.skip(f"no clips with ground truth in {CLIPS}")
    scene = real_scene(kind, clips_in())
    verdict = judge(scene)
    assert verdict.found == len(scene.motion), verdict.windows
    assert verdict.false == ()
