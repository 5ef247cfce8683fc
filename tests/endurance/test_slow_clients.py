"""A small sample of the slow clients: what CI runs of it."""

from __future__ import annotations

from pathlib import Path

from tests.endurance.slow_clients import besiege


def test_slow_clients_cost_no_frame_and_keep_nobody_out(tmp_path: Path) -> None:
    report = besiege(tmp_path, 400, 8.0, height=360)
    print(report.summary())
    assert report.wrong == []
    assert report.frames > 0
    assert report.waits
