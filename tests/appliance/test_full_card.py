"""A card that is full goes on being recorded to, and locked clips stay."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.appliance.rigs import report_of
from tests.endurance.full_card import FillReport


@pytest.mark.parametrize("options", [(), ("--alone",)], ids=["with the keeper", "recorder alone"])
def test_a_small_card_is_filled_twice_over_without_a_lost_frame(tmp_path: Path, options: tuple[str, ...]) -> None:
    report = report_of("full_card", FillReport, tmp_path, "--times", "2", "--megabytes", "32", *options)
    assert report.wrong == []
    assert report.fillings >= 2
    assert report.clips_deleted > 10
    assert report.locked == 4
