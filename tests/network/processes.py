"""The network program as a process, on the bus of the stand-in."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from dashcam.errors import LinkError
from dashcam.link.client import ask
from dashcam.link.messages import GetNetworkStatus, NetworkStatus
from tests.conftest import CHECKOUT
from tests.endurance.child_process import dies_with_us
from tests.network.stand_in_timed import StandInTimed, not_the_systems

LIMIT_SECONDS = 60.0
ON_AN_UNSYNCHRONIZED_MACHINE = ("tests.network.unsynchronized",)


@contextmanager
def program(
    data: Path, timed: StandInTimed, words: Sequence[str] = ON_AN_UNSYNCHRONIZED_MACHINE, **environment: str
) -> Iterator[subprocess.Popen[bytes]]:
    """Runs `python -m words data`; its log is `network.log` beside the data folder."""
    bus = {"DBUS_SYSTEM_BUS_ADDRESS": not_the_systems(timed.address)}
    command = [sys.executable, "-m", *words, str(data)]
    with (
        open(data.parent / "network.log", "ab") as log,
        subprocess.Popen(
            dies_with_us(command), cwd=CHECKOUT, env={**os.environ, **bus, **environment}, stdout=log, stderr=log
        ) as process,
    ):
        try:
            yield process
        finally:
            process.kill()


def status_of(data: Path) -> NetworkStatus:
    """Raises LinkError while it is not there."""
    return ask(data / ".state", "network", GetNetworkStatus(), NetworkStatus)


def words_of(data: Path) -> str:
    """Empty while it is not there."""
    with suppress(LinkError):
        return status_of(data).clock.words
    return ""
