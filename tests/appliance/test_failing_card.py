"""A card that stalls, fails, vanishes or is full costs what it must, counted, and never the recorder."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.appliance.rigs import report_of
from tests.endurance.card_scenarios import Finding
from tests.endurance.steady_stream import GOP_FRAMES


def play(scenario: str, work: Path) -> Finding:
    (finding,) = report_of("failing_card", list[Finding], work, "--sample", scenario)
    assert finding.wrong == []
    return finding


def test_a_card_that_answers_nothing_for_three_seconds_costs_no_frame(tmp_path: Path) -> None:
    assert play("stall-3", tmp_path).lost_frames == 0


def test_a_longer_stall_costs_whole_gops_and_as_many_as_are_shown(tmp_path: Path) -> None:
    lost = play("stall-long", tmp_path).lost_frames
    assert lost > 0
    assert lost % GOP_FRAMES == 0


@pytest.mark.parametrize("scenario", ["read-only", "gone"])
def test_recording_goes_on_in_the_same_process_when_the_card_is_back(tmp_path: Path, scenario: str) -> None:
    assert play(scenario, tmp_path).lost_frames > 0


def test_where_nothing_may_be_deleted_it_says_so_and_resumes_by_itself(tmp_path: Path) -> None:
    play("locked", tmp_path)
