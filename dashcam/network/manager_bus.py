"""NetworkManager over D-Bus: what nmcli cannot tell exactly (ages, bytes), and what must be on no command line."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from dashcam.network.base import CALL_SECONDS, NetworkTrouble, SeenAccessPoint
from dashcam.network.profile_settings import SECURITY, Settings, security_of, value_of
from dashcam.network.troubles import NO_RADIO, raise_bus_trouble
from dashcam.system.bus import SYSTEM_BUS, Bus, BusMissing, BusObject, BusRefusal, open_bus

_NAME = "org.freedesktop.NetworkManager"
_ROOT = "/org/freedesktop/NetworkManager"
_NOTHING = "/"
_WIFI_DEVICE, _ACCESS_POINT_MODE = 2, 3  # NMDeviceType, NM80211Mode
_UNMANAGED = 10
_ON_DISK = 0x1  # NMSettingsAddConnection2Flags, NMSettingsUpdate2Flags


def boot_seconds() -> float:
    """The clock by which NetworkManager says when an access point was last heard."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


@dataclass(frozen=True, slots=True)
class Device:
    """A Wi-Fi radio, as NetworkManager has it."""

    path: str
    common: dict[str, Any]
    wireless: dict[str, Any]

    @property
    def interface(self) -> str:
        """Such as wlan0."""
        return str(self.common.get("Interface", ""))

    @property
    def number(self) -> int:
        """NMDeviceState"""
        return int(self.common.get("State", 0))

    @property
    def reason(self) -> int:
        """NMDeviceStateReason"""
        return int(self.common.get("StateReason", (0, 0))[1])


@dataclass(frozen=True, slots=True)
class Activity:
    """What a radio does."""

    uuid: str = ""
    settings: Settings = field(default_factory=dict)
    address: str = ""
    signal_percent: int | None = None


@dataclass(frozen=True, slots=True)
class SavedSettings:
    """A profile and where it is."""

    path: str
    settings: Settings


class Session:
    """A few questions over one connection; for one thread."""

    def __init__(self, bus: Bus, boot_clock: Callable[[], float]) -> None:
        self._bus = bus
        self._boot_clock = boot_clock

    def properties(self, path: str, interface: str) -> dict[str, Any]:
        """All of an interface of an object; empty when there is no such object any more."""
        if path in ("", _NOTHING):
            return {}
        whom = BusObject(_NAME, path, "org.freedesktop.DBus.Properties")
        try:
            [found] = self._bus.call(whom, "GetAll", "s", (interface,))
        except BusRefusal as error:
            if error.is_absence and not error.name.endswith(("ServiceUnknown", "NameHasNoOwner")):
                return {}
            raise
        return {name: value for name, (_signature, value) in found.items()}

    def manager(self) -> dict[str, Any]:
        """NetworkManager itself."""
        return self.properties(_ROOT, _NAME)

    def device(self, interface: str, manager: dict[str, Any]) -> Device | None:
        """The radio of this name; without a name the first one that NetworkManager looks after."""
        radios = []
        for path in manager.get("Devices", ()):
            common = self.properties(path, f"{_NAME}.Device")
            if common.get("DeviceType") == _WIFI_DEVICE and interface in ("", common.get("Interface")):
                radios.append((common.get("State", 0) <= _UNMANAGED, str(common.get("Interface")), path, common))
        if not radios:
            return None
        *_, path, common = min(radios, key=lambda radio: radio[:2])
        return Device(path, common, self.properties(path, f"{_NAME}.Device.Wireless"))

    def activity(self, device: Device) -> Activity:
        """Which profile is active on it or becomes so, and what came of that."""
        active = self.properties(device.common.get("ActiveConnection", ""), f"{_NAME}.Connection.Active")
        if not active:
            return Activity()
        addresses = self.properties(device.common.get("Ip4Config", ""), f"{_NAME}.IP4Config").get("AddressData", ())
        heard = self.properties(device.wireless.get("ActiveAccessPoint", ""), f"{_NAME}.AccessPoint")
        strength = heard.get("Strength")
        return Activity(
            uuid=str(active.get("Uuid", "")),
            settings=self._settings_at(str(active.get("Connection", ""))),
            address=next((str(each["address"][1]) for each in addresses if "address" in each), ""),
            signal_percent=None if strength is None else int(strength),
        )

    def heard(self, device: Device) -> tuple[SeenAccessPoint, ...]:
        """Every access point in its list that is not itself one of the device's own."""
        now_seconds = self._boot_clock()
        found = []
        for path in device.wireless.get("AccessPoints", ()):
            each = self.properties(path, f"{_NAME}.AccessPoint")
            if each and each.get("Mode") != _ACCESS_POINT_MODE:  # that of others is the mode of who joins them
                found.append(_seen(each, now_seconds))
        return tuple(found)

    def request_scan(self, device: Device, hidden: tuple[bytes, ...]) -> None:
        """Asks for a look around, and for these networks by name."""
        options = {"ssids": ("aay", list(hidden))} if hidden else {}
        self._bus.call(BusObject(_NAME, device.path, f"{_NAME}.Device.Wireless"), "RequestScan", "a{sv}", (options,))

    def saved(self) -> tuple[SavedSettings, ...]:
        """Every profile that can be read, without secrets."""
        [paths] = self._bus.call(BusObject(_NAME, f"{_ROOT}/Settings", f"{_NAME}.Settings"), "ListConnections")
        read = ((path, self._settings_at(path)) for path in paths)
        return tuple(SavedSettings(path, settings) for path, settings in read if settings)

    def add(self, settings: Settings) -> None:
        """Makes a profile, on disk."""
        whom = BusObject(_NAME, f"{_ROOT}/Settings", f"{_NAME}.Settings")
        self._bus.call(whom, "AddConnection2", "a{sa{sv}}ua{sv}", (settings, _ON_DISK, {}))

    def replace(self, path: str, settings: Settings) -> None:
        """Gives a profile other settings, on disk. Without a key in them it keeps its own."""
        self._bus.call(self._profile(path), "Update2", "a{sa{sv}}ua{sv}", (settings, _ON_DISK, {}))

    def key_of(self, path: str) -> str:
        """The key of a profile; empty when it has none or nobody may know."""
        try:
            [found] = self._bus.call(self._profile(path), "GetSecrets", "s", (SECURITY,))
        except BusRefusal:
            return ""
        return str(value_of(found, SECURITY, "psk", ""))

    def _settings_at(self, path: str) -> Settings:
        """Empty when it is gone, or belongs to somebody alone."""
        if path in ("", _NOTHING):
            return {}
        try:
            [settings] = self._bus.call(self._profile(path), "GetSettings")
        except BusRefusal:
            return {}
        found: Settings = settings
        return found

    @staticmethod
    def _profile(path: str) -> BusObject:
        return BusObject(_NAME, path, f"{_NAME}.Settings.Connection")


class ManagerBus:
    """Opens sessions; from any thread."""

    def __init__(self, address: str = SYSTEM_BUS, boot_clock: Callable[[], float] = boot_seconds) -> None:
        self._address = address
        self._boot_clock = boot_clock

    @contextmanager
    def session(self, limit_seconds: float = CALL_SECONDS) -> Iterator[Session]:
        """A connection for this long. Whatever goes wrong within is a NetworkTrouble."""
        is_connected = False
        try:
            with open_bus(limit_seconds, self._address) as bus:
                is_connected = True
                yield Session(bus, self._boot_clock)
        except BusMissing as error:
            if is_connected:
                raise NetworkTrouble("timeout", f"NetworkManager does not answer; try again ({error})") from error
            raise_bus_trouble(error)
        except BusRefusal as error:
            raise_bus_trouble(error)

    @contextmanager
    def radio(self, interface: str) -> Iterator[tuple[Session, Device]]:
        """A session and the radio. Raises NetworkTrouble `no_radio` without one."""
        with self.session() as session:
            device = session.device(interface, session.manager())
            if device is None:
                raise NetworkTrouble("no_radio", NO_RADIO)
            yield session, device


def _seen(heard: dict[str, Any], now_seconds: float) -> SeenAccessPoint:
    last_seconds = int(heard.get("LastSeen", -1))
    flags = (int(heard.get(name, 0)) for name in ("Flags", "WpaFlags", "RsnFlags"))
    return SeenAccessPoint(
        ssid=_name(bytes(heard.get("Ssid", b""))),
        address=str(heard.get("HwAddress", "")).lower(),
        signal_percent=int(heard.get("Strength", 0)),
        security=security_of(*flags),
        frequency_mhz=int(heard.get("Frequency", 0)),
        age_seconds=float("inf") if last_seconds < 0 else max(0.0, now_seconds - last_seconds),
    )


def _name(ssid: bytes) -> bytes:
    """Those that hide their name send an empty one, or zeros of its length."""
    return ssid if ssid.strip(b"\0") else b""
