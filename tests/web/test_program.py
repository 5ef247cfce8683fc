"""`dashcam web` as a process: light, and ended by a signal."""

from __future__ import annotations

import http.client
import os
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.web.sites import PATIENCE_SECONDS, wait_until

# In megabytes; half the memory of the smallest board belongs to the recorder.
MOST_RESIDENT = 45
HEAVY = ("numpy", "av", "PIL", "picamera2", "watchdog", "segno")

PROGRAM = """
import sys
from dashcam.options import ProgramOptions
from dashcam.settings import load_settings
from dashcam.web.program import run
from pathlib import Path
data = Path(sys.argv[1])
loaded = load_settings(None, ["web.host=127.0.0.1", f"web.port={sys.argv[2]}"], Path("/nowhere"))
raise SystemExit(run(ProgramOptions(data=data, state=data / ".state", loaded=loaded)))
"""


class Running(NamedTuple):
    """A web program and where it listens."""

    process: subprocess.Popen[bytes]
    address: str


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(tmp_path), "0"], env={**os.environ, "XDG_RUNTIME_DIR": str(tmp_path)}
    )
    try:
        wait_until(lambda: list(tmp_path.glob("dashcam-*/web.address")))
        [address] = tmp_path.glob("dashcam-*/web.address")
        yield Running(process, address.read_text().strip())
    finally:
        process.kill()
        process.wait()


def test_it_serves_without_recorder_and_keeper_and_ends_on_sigterm(running: Running, tmp_path: Path) -> None:
    with urllib.request.urlopen(f"{running.address}/api/status") as answer:
        assert b'"unreachable"' in answer.read()
    running.process.send_signal(signal.SIGTERM)
    assert running.process.wait(PATIENCE_SECONDS) == 0
    assert not list(tmp_path.glob("dashcam-*/web.address"))


def test_it_is_light(running: Running) -> None:
    for path in ("/", "/api/status", "/api/days", "/stream.mjpg"):
        connection = http.client.HTTPConnection(running.address.removeprefix("http://"), timeout=PATIENCE_SECONDS)
        connection.request("HEAD", path)
        assert connection.getresponse().status in (200, 503)
        connection.close()
    status = Path(f"/proc/{running.process.pid}/status").read_text()
    resident_kb = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS:"))
    print(f"web: {resident_kb / 1000:.1f} MB resident")
    assert resident_kb < MOST_RESIDENT * 1000


def test_it_imports_nothing_heavy() -> None:
    program = f"import sys, dashcam.web.program\nprint([name for name in {HEAVY} if name in sys.modules])"
    found = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    assert found.stdout == "[]\n"


def test_a_second_one_on_the_same_port_says_why_it_cannot(running: Running, tmp_path: Path) -> None:
    port = running.address.rpartition(":")[2]
    second = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(tmp_path), port], check=False, capture_output=True, text=True
    )
    assert second.returncode != 0
    assert f"port {port}" in second.stderr
    assert "--port" in second.stderr
    with urllib.request.urlopen(f"{running.address}/api/status") as answer:
        assert answer.status == 200
