"""After a power cut closed clips are whole and the open one is nearly so; without syncing neither is true."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from tests.conftest import CHECKOUT, skip_unless_in_ci
from tests.endurance.logged_card import missing_ability
from tests.endurance.power_states import PowerCutReport


class PowerCuts:
    """The rig as a program: its mounts are its own."""

    def __init__(self, report: Path) -> None:
        self._report = report

    def __call__(self, *options: str) -> PowerCutReport:
        command = [sys.executable, "-m", "tests.endurance.power_cut", "--states", "30"]
        command += ["--segment-seconds", "2", "--report", str(self._report), *options]
        done = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=False)
        print(done.stdout)
        assert self._report.exists(), done.stdout + done.stderr
        return msgspec.json.decode(self._report.read_bytes(), type=PowerCutReport)


@pytest.fixture
def power_cut(tmp_path: Path) -> PowerCuts:
    if reason := missing_ability():
        skip_unless_in_ci(reason)
    return PowerCuts(tmp_path / "report")


def test_no_power_cut_costs_more_than_is_promised(power_cut: PowerCuts) -> None:
    report = power_cut("--seed", "1", "--clips", "7", "--events")
    assert report.wrong == []
    assert report.states == 30
    assert report.phases["closing"] >= 3
    assert report.phases["growing"] >= 3
    assert report.phases["event"] >= 5
    assert report.events >= 2
    assert report.repaired >= 1
    assert report.receiver == "coming and going"


def test_without_syncing_the_same_rig_finds_what_is_lost(power_cut: PowerCuts) -> None:
    report = power_cut("--seed", "1", "--clips", "2", "--without-sync")
    assert report.states == 30
    assert report.wrong_states >= 10
