"""The simulated radio is taken when it is asked for by name, and never instead of a real one that is missing."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from dashcam.network.base import NetworkTrouble
from dashcam.network.choose import open_wifi
from dashcam.network.nmcli_wifi import NmcliWifi
from dashcam.network.simulated import SimulatedWifi
from dashcam.settings.schema import NetworkSettings


@pytest.mark.parametrize("interface", ["", "wlan0", "simulated0"])
def test_the_real_one_is_meant_by_every_other_name(interface: str) -> None:
    assert isinstance(open_wifi(NetworkSettings(interface=interface), threading.Event()), NmcliWifi)


def test_without_networkmanager_there_is_none(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", f"unix:path={tmp_path}/none")
    with pytest.raises(NetworkTrouble) as caught:
        open_wifi(NetworkSettings(), threading.Event()).look()
    assert caught.value.kind == "no_service"


def test_the_simulated_one_has_hotspots_around_it() -> None:
    wifi = open_wifi(NetworkSettings(interface="simulated"), threading.Event())
    assert isinstance(wifi, SimulatedWifi)
    assert wifi.look().interface == "simulated"
    assert "Zoe’s iPhone".encode() in wifi.radio.hotspots
