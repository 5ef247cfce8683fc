"""The one function that chooses a Wi-Fi radio."""

from __future__ import annotations

import threading
import time

from dashcam.network.base import Wifi
from dashcam.network.simulated import INTERFACE, SimulatedWifi
from dashcam.network.simulated_radio import Hotspot, SimulatedRadio
from dashcam.settings.schema import NetworkSettings


def open_wifi(settings: NetworkSettings, stop: threading.Event) -> Wifi:
    """The radio that the settings name, or the first there is; touches nothing yet. With `stop` nobody waits on.

    `network.interface = "simulated"` is a radio that is none, with two hotspots around it, and never taken otherwise.
    """
    if settings.interface == INTERFACE:
        return _simulated(stop)
    # Only now: where Wi-Fi is left alone the package and D-Bus cost memory for nothing.
    from dashcam.network.nmcli_wifi import NmcliWifi

    return NmcliWifi(settings.interface, stop=stop)


def _simulated(stop: threading.Event) -> Wifi:
    radio = SimulatedRadio(time.monotonic, ready_after_seconds=2.0)
    radio.add(Hotspot("Zoe’s iPhone".encode(), key="simulated", signal_percent=84))  # noqa: RUF001 - as iPhones write it
    radio.add(Hotspot(b"Home", key="simulated", signal_percent=51, is_on=False))
    radio.add(Hotspot(b"Cafe", security="open", signal_percent=37))
    return SimulatedWifi(radio, wait=stop.wait)
