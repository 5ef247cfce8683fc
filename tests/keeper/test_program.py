"""`dashcam keep` as a process: what it tells systemd."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from dashcam.link.client import ask
from dashcam.link.messages import GetProgress, KeeperProgress
from dashcam.system.exit_codes import ALREADY_RUNNING
from tests.conftest import CHECKOUT
from tests.recorder.running import Systemd

LIMIT_SECONDS = 60


@pytest.fixture
def systemd(tmp_path: Path) -> Iterator[Systemd]:
    heard = Systemd(tmp_path)
    yield heard
    heard.close()


def keeper(data: Path, systemd: Systemd) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "dashcam", "keep", "--data", str(data)],
        cwd=CHECKOUT,
        env={**os.environ, **systemd.environment, "WATCHDOG_USEC": "400000"},
    )


def test_it_is_ready_once_it_can_be_asked_and_tells_that_it_lives_and_ends(tmp_path: Path, systemd: Systemd) -> None:
    data = tmp_path / "card"
    process = keeper(data, systemd)
    try:
        systemd.wait_for("READY=1")
        assert ask(data / ".state", "keeper", GetProgress(), KeeperProgress).pid == process.pid
        systemd.wait_for("WATCHDOG=1")
        systemd.forget()
        systemd.wait_for("WATCHDOG=1")
        second = keeper(data, systemd)
        assert second.wait(LIMIT_SECONDS) == ALREADY_RUNNING
        assert "READY=1" not in systemd.listen()
        systemd.forget()
        process.send_signal(signal.SIGTERM)
        assert process.wait(LIMIT_SECONDS) == 0
        systemd.wait_for("STOPPING=1")
    finally:
        process.kill()
        process.wait()
