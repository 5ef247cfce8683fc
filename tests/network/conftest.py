"""A bus, a machine and a recorder's word that are nobody's: no clock of this machine is ever set."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from dashcam.clock import RELEASE_UTC_NS
from tests.network.stand_in_timed import SECOND, StandInTimed, VirtualMachine, not_the_systems, stand_in_timed

DAY_NS = 86_400 * SECOND


@pytest.fixture(autouse=True)
def _no_system_bus(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Whoever forgets to name a bus finds none; whoever names the system's fails."""
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", "unix:path=/nowhere/bus")
    yield
    not_the_systems(os.environ.get("DBUS_SYSTEM_BUS_ADDRESS", ""))


@pytest.fixture
def machine() -> VirtualMachine:
    """It goes on from when it was last on, a month ago."""
    return VirtualMachine(RELEASE_UTC_NS + 30 * DAY_NS)


@pytest.fixture
def timed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, machine: VirtualMachine) -> Iterator[StandInTimed]:
    with stand_in_timed(tmp_path, monkeypatch, machine) as made:
        yield made
