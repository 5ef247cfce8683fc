"""The network program: answers on its link, follows the recorder, and looks after clock, Wi-Fi, shares and name."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from dashcam import __version__
from dashcam.errors import BadRequest
from dashcam.link.follow import FollowedStatus
from dashcam.link.message import Done
from dashcam.link.messages import (
    GetNetworkStatus,
    Message,
    NetworkRequest,
    NetworkStatus,
    SettingsChanged,
    SettingsTaken,
)
from dashcam.link.network_messages import (
    AddNetwork,
    ForgetNetwork,
    GetAccessPoint,
    OrderNetworks,
    ScanNetworks,
    SetSharePassword,
    TryNetwork,
)
from dashcam.link.server import LinkServer
from dashcam.network.announce import offers_of
from dashcam.network.base import Wifi
from dashcam.network.boot_file_duty import BootFileTakers
from dashcam.network.page_addresses import page_addresses
from dashcam.network.parts import AnnouncerPart, BootFilePart, NoAnnouncer, NoBootFile, NoShares, SharesPart
from dashcam.network.resting import RestNote
from dashcam.network.settings_news import tell_programs
from dashcam.network.system_clock import ClockDuty, Machine
from dashcam.network.timedate import Timedate
from dashcam.network.wifi_answers import WifiAnswers
from dashcam.network.wifi_duty import Reached, WifiDuty
from dashcam.settings import Settings, load_settings
from dashcam.settings.schema import NetworkSettings
from dashcam.system.bus import SYSTEM_BUS
from dashcam.worker import Worker

# The recorder tells its status once a second; to be asked to end is noticed within this.
_TURN_SECONDS = 0.5


class Service:
    """The whole program; `run` is called by the main thread, requests come from the link's threads."""

    def __init__(
        self,
        state: Path,
        stop: threading.Event,
        *,
        load: Callable[[], Settings] | None = None,
        machine: Machine | None = None,
        bus_address: str = SYSTEM_BUS,
        open_radio: Callable[[NetworkSettings], Wifi] | None = None,
        shares: SharesPart | None = None,
        announcer: AnnouncerPart | None = None,
        reached: Callable[[Reached], None] = lambda _reached: None,
    ) -> None:
        """It works until `stop` is set. `load`: the settings in force; `machine`: this one if None."""
        self._state = state
        self._stop = stop
        self._load = load or (lambda: load_settings(state).settings)
        self._server = LinkServer(state, "network", requests=NetworkRequest, answer=self.answer)
        self._followed = FollowedStatus(state)
        machine = machine or Machine()
        timedate = Timedate(RestNote(state), stop, address=bus_address, monotonic_ns=machine.monotonic_ns)
        self._clock = ClockDuty(timedate, machine)
        self._shares = shares or NoShares()
        self._announcer = announcer or NoAnnouncer()
        self.boot_file: BootFilePart = NoBootFile()
        """Set before `run` by whoever has one: it is told of much that is here."""
        self.wifi = WifiDuty(
            state, open_radio or self._chosen_radio, reload_driver=self._shares.reload_radio, reached=reached
        )
        self.answers = WifiAnswers(self.wifi, stop)
        self._offering = Worker("shares", self._offer_on)
        self._taking = Worker("boot file", self._take_over)
        self._settings = Settings()

    def run(self, turned: Callable[[], None] = lambda: None) -> None:
        """Works until told to stop. Raises AlreadyRunning when another one works for this state."""
        self._server.start()
        self._followed.start()
        self.read_settings()
        self.wifi.start()
        self._offering.start()
        self._taking.start()
        version = -1
        try:
            while not self._stop.is_set():
                version, status = self._followed.wait_for_change(version, _TURN_SECONDS)
                if not self._stop.is_set():
                    self._clock.turn(None if status is None else status.clock)
                turned()
        finally:
            self._followed.close()
            self._clock.close()
            self.wifi.close()
            self._shares.close()
            for worker in (self._offering, self._taking):
                worker.stop()
            self._announcer.close()
            self._server.close()

    def read_settings(self) -> None:
        """Those in force, at the start and whenever they have changed."""
        settings = self._load()
        self._settings = settings
        self.wifi.take(settings.network)
        self._shares.take(settings, self.wifi.mode.radio.interface)
        self.boot_file.renew()

    @property
    def host_name(self) -> str:
        """As it is announced, else as it is wanted."""
        return self._announcer.host_name or self._settings.network.host_name

    def answer(self, request: Any) -> Message:
        """Called by the link in a thread of each client's own."""
        match request:
            case GetNetworkStatus():
                return self._status()
            case SettingsChanged():
                self.read_settings()
                return SettingsTaken(pending=())
            case ScanNetworks():
                return self.answers.scan()
            case AddNetwork():
                return self.answers.add(request)
            case ForgetNetwork(id=uuid):
                self.answers.forget(uuid)
                return Done()
            case OrderNetworks(ids=uuids):
                self.answers.order(uuids)
                return Done()
            case TryNetwork(id=uuid):
                return self.answers.try_now(uuid)
            case GetAccessPoint():
                return self.answers.access_point()
            case SetSharePassword(password=password):
                self._shares.set_password(password)
                return Done()
        raise BadRequest("the network program does not know this request; update it")

    def boot_file_takers(self) -> BootFileTakers:
        """Who is handed what stands in the boot partition's file."""
        return BootFileTakers(
            save_network=self.answers.save,
            known_ssids=self.answers.known_ssids,
            set_password=self._shares.set_password,
            settings_saved=self._settings_were_saved,
            own_access_point=lambda: self.wifi.own_access_point() if self._settings.network.wifi else None,
            host_name=lambda: self.host_name,
            write_boot_files=self._shares.write_boot_files,
        )

    def _take_over(self, stop: threading.Event) -> None:
        """What is on the boot partition, by whoever was set meanwhile."""
        self.boot_file.work(stop)

    def _settings_were_saved(self) -> None:
        """Not from the page, which would have told everybody."""
        self.read_settings()
        tell_programs(self._state)

    def _status(self) -> NetworkStatus:
        wifi = self.answers.status()
        pages = page_addresses(self._state, self._announcer.host_name, wifi)
        addresses = (wifi.address,) if wifi.address else ()
        troubles = [wifi.words] if wifi.state == "failed" else []
        if self._announcer.words:
            troubles.append(self._announcer.words)
        return NetworkStatus(
            version=__version__,
            pid=os.getpid(),
            clock=self._clock.status,
            wifi=wifi,
            saved=self.answers.saved(),
            shares=self._shares.status(self._announcer.host_name, addresses),
            host_name=self._announcer.host_name,
            page_addresses=pages,
            boot_file=self.boot_file.report,
            warnings=(*troubles, *self._shares.warnings),
        )

    def _offer_on(self, stop: threading.Event) -> None:
        """Shares and name have a thread of their own: root may take seconds to answer."""
        interface = ""
        while not stop.wait(_TURN_SECONDS):
            wifi = self.answers.status()
            if wifi.interface != interface:
                interface = wifi.interface
                self._shares.take(self._settings, interface)
            self._shares.turn()
            shares = self._shares.status()
            place = wifi.network_id or wifi.state
            self._announcer.turn(self._settings.network.host_name, offers_of(shares), place)

    def _chosen_radio(self, settings: NetworkSettings) -> Wifi:
        from dashcam.network.choose import open_wifi

        return open_wifi(settings, self._stop)
