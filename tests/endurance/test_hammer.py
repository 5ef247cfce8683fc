"""A small sample of the hammer: what CI runs of it."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import pytest

from dashcam.clips.names import sidecar_of
from tests.endurance.hammer import HammerReport, check, hammer, recorded_clips

_CLIENTS = 20
_SECONDS = 12.0


class Hammered(NamedTuple):
    """What was recorded under fire, and what was found."""

    card: Path
    report: HammerReport


@pytest.fixture(scope="module")
def hammered(tmp_path_factory: pytest.TempPathFactory) -> Hammered:
    folder = tmp_path_factory.mktemp("hammer")
    return Hammered(folder / "card", hammer(folder, _CLIENTS, _SECONDS, height=360, seed=1))


def test_no_frame_is_lost_while_the_page_is_hammered_and_the_keeper_is_busy(hammered: Hammered) -> None:
    report = hammered.report
    print(report.summary())
    assert report.wrong == []
    assert report.frames > 0
    assert {"list", "range", "stream", "download", "garbage"} <= set(report.visits.served)
    assert report.hands["looks at the whole card"] > 0


def test_the_rig_notices_a_clip_that_is_gone(hammered: Hammered) -> None:
    report = hammered.report
    lost = recorded_clips(hammered.card)[1]
    lost.unlink()
    sidecar_of(lost).unlink()
    again = HammerReport(report.visits, report.hands, report.status, report.behind_seconds)
    check(again, hammered.card)
    assert any("stands where" in text for text in again.wrong)
