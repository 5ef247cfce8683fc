"""The simulated radio with the same face for tests as NetworkManager's mock; its time is nobody's."""

from __future__ import annotations

from dashcam.link.network_messages import WifiSecurity
from dashcam.network.simulated import SimulatedWifi
from dashcam.network.simulated_radio import SCAN_SECONDS, Hotspot, SimulatedRadio


class SimulatedRig:
    """See `MockedRadio`. It is ready, and has looked around once."""

    is_simulated = True

    def __init__(self) -> None:
        self.now = 1000.0
        self.radio = SimulatedRadio(lambda: self.now)
        self.wifi = SimulatedWifi(self.radio, wait=self.pass_seconds)
        self.wifi.look()
        self.pass_seconds(SCAN_SECONDS)

    def pass_seconds(self, seconds: float) -> None:
        self.now += seconds

    def switch_on(
        self,
        ssid: bytes,
        key: str = "",
        security: WifiSecurity = "wpa",
        *,
        gives_addresses: bool = True,
        is_hidden: bool = False,
    ) -> None:
        hotspot = Hotspot(ssid, key, security, is_hidden=is_hidden, gives_addresses=gives_addresses)
        self.radio.add(hotspot)
        self.look_around()

    def switch_off(self, ssid: bytes) -> None:
        self.radio.switch(ssid, is_on=False)

    def look_around(self) -> None:
        self.wifi.look()
        if self.radio.can_scan:
            self.wifi.scan()
        self.pass_seconds(SCAN_SECONDS)
        self.wifi.look()

    def join_station(self, address: str) -> None:
        self.radio.station(address)

    def lose_radio(self) -> None:
        self.radio.become("absent")
