"""A machine whose shares run for all tests of a module, one that is a test's own, and the network program's side."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from dashcam.network.shares import Shares
from dashcam.network.wanted import Wanted, WantedFtp, WantedSamba
from dashcam.system.appliance import APPLY_UNIT
from dashcam.system.runtime_folder import make_runtime_folder
from tests.shares.rig import PASSWORD, Machine, machine
from tests.shares.shares_rig import Rig
from tests.shares.stand_in_systemd import StandInSystemd
from tests.system.stand_in_logind import private_bus

READ_ONLY = Wanted(smb=WantedSamba(name="dashcam", workgroup="HOME"), ftp=WantedFtp())


@pytest.fixture
def own_machine() -> Iterator[Machine]:
    with machine() as made:
        yield made


@pytest.fixture(scope="module")
def sharing() -> Iterator[Machine]:
    """Samba and FTP run, to be read only."""
    with machine() as made:
        applied = made.apply(READ_ONLY, PASSWORD)
        assert (applied.smb, applied.ftp, applied.password, applied.has_password) == ("", "", "", True)
        made.start_smb()
        made.start_ftp()
        yield made


@pytest.fixture
def rig(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Rig]:
    state = tmp_path / "state"
    state.mkdir()
    make_runtime_folder(state, "network")
    with private_bus(tmp_path, monkeypatch) as address:
        systemd = StandInSystemd(address)
        made = Rig(Shares(state), systemd, state, tmp_path / "applied.json", address)
        made.shares = made.new_shares()
        systemd.actions["StartUnit", APPLY_UNIT] = made.root_applies
        systemd.start()
        try:
            yield made
        finally:
            made.shares.close()
            systemd.close()
