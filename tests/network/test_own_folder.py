"""What the network program keeps is where no program of another user can put something else in its place."""

from __future__ import annotations

from pathlib import Path

import pytest

from dashcam.network.own_folder import own_folder
from dashcam.system.appliance import NETWORK_STATE_FOLDER, STATE_FOLDER


def test_on_an_appliance_it_is_outside_of_what_others_write(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DASHCAM_RUNTIME", "/run/dashcam")
    assert own_folder(STATE_FOLDER) == NETWORK_STATE_FOLDER


def test_elsewhere_all_is_the_users_own(tmp_path: Path) -> None:
    assert own_folder(tmp_path) == tmp_path / "network"
