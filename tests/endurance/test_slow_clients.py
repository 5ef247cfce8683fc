"""A small sample of the slow clients: what CI runs of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.endurance import slow_clients

# How long an answer takes, and what is in memory at the moment, is for a machine that has nothing else to do; here
# it is only that everybody is answered and that the page does not grow with the number of clients.
PATIENCE_SECONDS = 45.0
MOST_GROWTH_BYTES = 60_000_000


def test_slow_clients_cost_no_frame_and_keep_nobody_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slow_clients, "_PATIENCE_SECONDS", PATIENCE_SECONDS)
    monkeypatch.setattr(slow_clients, "_MOST_GROWTH_BYTES", MOST_GROWTH_BYTES)
    report = slow_clients.besiege(tmp_path, 400, 8.0, height=360)
    print(report.summary())
    assert report.wrong == []
    assert report.frames > 0
    assert report.waits
