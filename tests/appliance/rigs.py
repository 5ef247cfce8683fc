"""Runs a rig of tests.endurance as the program it is, in mounts of its own, and reads its report."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TypeVar

import msgspec

from tests.conftest import CHECKOUT, skip_unless_in_ci
from tests.endurance.loop_card import missing_ability

Report = TypeVar("Report")


def report_of(module: str, report: type[Report], work: Path, *options: str) -> Report:
    """What the rig found; skips the test where it cannot run. What it printed is in the test's output."""
    if reason := missing_ability():
        skip_unless_in_ci(reason)
    path = work / "report"
    command = [sys.executable, "-m", f"tests.endurance.{module}", "--report", str(path), *options]
    done = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=False)
    print(done.stdout)
    assert path.exists(), done.stdout + done.stderr
    return msgspec.json.decode(path.read_bytes(), type=report)
