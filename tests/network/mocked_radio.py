"""NetworkManager's mock on a bus of its own, asked by the real nmcli, and a face for what is on the air around it."""

from __future__ import annotations

import os
import shutil
import subprocess
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import pytest

from dashcam.link.network_messages import WifiSecurity
from dashcam.network.base import NetworkTrouble
from dashcam.network.manager_bus import ManagerBus
from dashcam.network.nmcli_command import Nmcli
from dashcam.network.nmcli_wifi import NmcliWifi
from dashcam.network.stations import Iw
from dashcam.system.bus import BusObject, open_bus
from dashcam.system.command_output import CommandOutput, command_output
from tests.conftest import skip_unless_in_ci
from tests.endurance.child_process import dies_with_us
from tests.network.stand_in_timed import not_the_systems
from tests.system.stand_in_logind import private_bus

_TEMPLATE = Path(__file__).with_name("mocked_network_manager.py")
_MOCK = BusObject("org.freedesktop.NetworkManager", "/org/freedesktop", "org.freedesktop.DBus.Mock")
_MANAGER = BusObject(
    "org.freedesktop.NetworkManager", "/org/freedesktop/NetworkManager", "org.freedesktop.NetworkManager"
)
_LIMIT_SECONDS = 60.0
# Debian's own Python has D-Bus, GLib and the mock; ours has not.
_PYTHON = "/usr/bin/python3"
SECURITY_FLAGS: dict[WifiSecurity, tuple[int, int]] = {
    "open": (0, 0),
    "wep": (1, 0),
    "wpa": (1, 0x188),
    "wpa3": (1, 0x488),
    "enterprise": (1, 0x288),
}


class Recorder:
    """Runs programs and remembers the words they were started with."""

    def __init__(self) -> None:
        self.started: list[list[bytes]] = []

    def __call__(self, words: Sequence[bytes], limit_seconds: float, stop: threading.Event | None) -> CommandOutput:
        self.started.append(list(words))
        return command_output(words, limit_seconds, stop)


class MockedRadio:
    """The mock's radio wlan0, with the real `NmcliWifi` on it."""

    is_simulated = False

    def __init__(self, address: str, folder: Path) -> None:
        self.address = not_the_systems(address)
        self.recorder = Recorder()
        self.iw = folder / "iw"
        self.put_stations("")
        self.wifi = NmcliWifi(
            nmcli=Nmcli(run=self.recorder), bus=ManagerBus(address), iw=Iw(paths=(str(self.iw),)), rfkill=folder / "no"
        )
        self.tell("AddRadio")

    def tell(self, method: str, signature: str = "", *body: object) -> None:
        """A method of the mock itself."""
        with open_bus(_LIMIT_SECONDS, self.address) as bus:
            bus.call(_MOCK, method, signature, body)

    def switch_on(
        self,
        ssid: bytes,
        key: str = "",
        security: WifiSecurity = "wpa",
        *,
        gives_addresses: bool = True,
        is_hidden: bool = False,
    ) -> None:
        """A hotspot is there, and heard."""
        flags, rsn = SECURITY_FLAGS[security]
        self.tell("SwitchOn", "aysbuuby", ssid, key, gives_addresses, flags, rsn, not is_hidden, 77)

    def switch_off(self, ssid: bytes) -> None:
        """It is gone, but not from the list."""
        self.tell("SwitchOff", "ay", ssid)

    def pass_seconds(self, seconds: int) -> None:
        """Time passes for what was heard. Nobody hears anything meanwhile."""
        self.tell("Age", "i", seconds)

    def look_around(self) -> None:
        """A scan, and its end."""
        self.wifi.scan()

    def join_station(self, address: str) -> None:
        """Somebody is on the access point."""
        self.put_stations(f"Station {address} (on wlan0)\\n\\tinactive time:\\t0 ms\\n")

    def put_stations(self, printed: str) -> None:
        """What `iw` prints, for printf."""
        self.iw.write_text(
            "#!/bin/sh\ncase $1 in dev) printf '%b' '"
            + printed
            + "';; reg) printf 'global\\ncountry DE: X\\n';; esac\n"
        )
        self.iw.chmod(0o755)

    def lose_radio(self) -> None:
        """It is pulled out."""
        self.tell("RemoveRadio")


def need_network_manager(*programs: str) -> None:
    """Skips where it is missing, except in CI."""
    missing = [each for each in programs if shutil.which(each, path=os.environ.get("PATH", "") + ":/usr/sbin") is None]
    if missing:
        skip_unless_in_ci(f"no {missing[0]}: install Debian's packages network-manager and python3-dbusmock")


@cache
def _has_mock() -> bool:
    """Asked once."""
    return subprocess.run([_PYTHON, "-c", "import dbusmock, gi"], capture_output=True, check=False).returncode == 0


@contextmanager
def mocked_radio(folder: Path, patch: pytest.MonkeyPatch) -> Iterator[MockedRadio]:
    """The mock, for as long as the context lasts."""
    need_network_manager("nmcli", _PYTHON)
    if not _has_mock():
        skip_unless_in_ci("no python-dbusmock: install Debian's package python3-dbusmock")
    with private_bus(folder, patch) as address, open(folder / "mock.log", "wb") as log:
        words = [_PYTHON, "-m", "dbusmock", "--system", "--template", str(_TEMPLATE)]
        environment = {**os.environ, "DBUS_SYSTEM_BUS_ADDRESS": address, "PYTHONDONTWRITEBYTECODE": "1"}
        with subprocess.Popen(dies_with_us(words), env=environment, stdout=log, stderr=log) as process:
            try:
                wait_for_service(address, process, folder / "mock.log")
                yield MockedRadio(address, folder)
            finally:
                process.kill()


def wait_for_service(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    """Until NetworkManager answers on this bus, real or not."""
    waiting = threading.Event()
    for _ in range(round(_LIMIT_SECONDS / 0.05)):
        try:
            with ManagerBus(address).session() as session:
                if session.manager():
                    return
        except NetworkTrouble:
            pass
        assert process.poll() is None, log.read_text()
        waiting.wait(0.05)
    pytest.fail(log.read_text())
