"""Whatever is killed while recording: what is on the card plays, and nothing is missing in between."""

from __future__ import annotations

from pathlib import Path

from tests.endurance.bystanders import kill_bystanders
from tests.endurance.kills import kill_recorders


def test_a_killed_recorder_loses_at_most_a_fragment_and_every_file_plays_and_is_repaired(tmp_path: Path) -> None:
    report = kill_recorders(tmp_path, 10, seed=1, tell=print)
    print(report.summary())
    assert report.wrong == []
    assert len(report.lives) == 10
    assert report.clips >= 10
    assert report.repaired >= 1
    assert report.events >= 1


def test_killing_keeper_or_page_costs_no_frame(tmp_path: Path) -> None:
    report = kill_bystanders(tmp_path, 4, seed=1, tell=print)
    print(report.summary())
    assert report.wrong == []
    assert report.kills == 4
    assert report.frames_on_card > 0
