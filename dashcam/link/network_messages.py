"""Requests to the network program and what it answers; see `dashcam.link.messages`.

An SSID is bytes, any up to 32. Here it is `ssid_hex`, by which a network is meant, and `ssid`, as people are shown it.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from dashcam.link.message import Done, Failed, Message, SettingsChanged, SettingsTaken
from dashcam.link.status import SystemClock

WifiState = Literal["off", "no_radio", "starting", "joining", "joined", "opening", "access_point", "looking", "failed"]
"""off: left alone by the settings; looking: the access point is down for a moment, to look for known networks."""
WifiSecurity = Literal["open", "wpa", "wpa3", "wep", "enterprise"]
"""wpa: a key, WPA2 or WPA2 with WPA3; wpa3: WPA3 alone. wep and enterprise cannot be joined."""
ShareKind = Literal["smb", "ftp"]


class WifiStatus(msgspec.Struct, frozen=True, kw_only=True):
    """The one radio and its one role. The defaults are those of a machine that leaves it alone."""

    state: WifiState = "off"
    words: str = ""
    """For people: what it does and why, with the cure where something is wrong."""
    interface: str = ""
    ssid: str = ""
    """Of the network that it has joined or joins, or of the own access point."""
    network_id: str = ""
    """Of the saved network that it has joined or joins."""
    signal_percent: int | None = None
    address: str = ""
    """IPv4, without the length of the network."""
    stations: int = 0
    """How many have joined the own access point."""
    since_seconds: float = 0.0
    """For how long it has been in this state."""
    country: str = ""
    """By which the radio goes; empty while that is not known."""


class SavedNetwork(msgspec.Struct, frozen=True, kw_only=True):
    """A network that is joined by itself; the first in the list is preferred. Never with its key."""

    id: str
    """NetworkManager's UUID."""
    ssid_hex: str
    ssid: str
    is_hidden: bool = False
    has_key: bool = True
    address: str = ""
    """A fixed address with its length, such as 192.168.1.50/24; empty: by DHCP."""
    gateway: str = ""
    words: str = ""
    """What became of the last try that failed, with the cure; empty after one that succeeded."""


class ScannedNetwork(msgspec.Struct, frozen=True, kw_only=True):
    """A network in reach, the strongest of its access points."""

    ssid_hex: str
    ssid: str
    signal_percent: int
    security: WifiSecurity
    is_5_ghz: bool = False
    network_id: str = ""
    """Of the saved network that this is."""


class ShareStatus(msgspec.Struct, frozen=True, kw_only=True):
    """A share: whether it is wanted, whether it runs, and where."""

    kind: ShareKind
    is_wanted: bool
    is_running: bool
    has_password: bool
    user: str
    words: str = ""
    addresses: tuple[str, ...] = ()
    r"""To be typed: `\\dashcam.local\dashcam`, `smb://10.41.0.1/dashcam`, `ftp://dashcam.local/`."""


class BootFileReport(msgspec.Struct, frozen=True, kw_only=True):
    """What became of dashcam.toml on the boot partition."""

    path: str
    taken: tuple[str, ...] = ()
    """What was taken over, in words, without secrets."""
    mistakes: tuple[str, ...] = ()
    secrets_left: bool = False
    """Secrets could not be taken out of the file."""


# ---- requests, and their replies


class GetNetworkStatus(Message, frozen=True, kw_only=True):
    """Answered with NetworkStatus."""


class NetworkStatus(Message, frozen=True, kw_only=True):
    """The machine's clock, Wi-Fi, and the shares."""

    version: str
    pid: int
    clock: SystemClock
    wifi: WifiStatus = WifiStatus()
    saved: tuple[SavedNetwork, ...] = ()
    shares: tuple[ShareStatus, ...] = ()
    host_name: str = ""
    """As it is announced, without .local: another one may have had the wanted name already."""
    page_addresses: tuple[str, ...] = ()
    """Where the page is, best first: `http://dashcam.local/`, `http://10.41.0.1/`."""
    boot_file: BootFileReport | None = None
    """None while there is none."""
    warnings: tuple[str, ...] = ()
    """For the driver."""


class ScanNetworks(Message, frozen=True, kw_only=True):
    """Answered with NetworksSeen: what the radio sees now, or, while it is the access point, what it saw last."""


class NetworksSeen(Message, frozen=True, kw_only=True):
    """Strongest first. `age_seconds`: None when nothing was ever seen; `words`: why it is old, for people."""

    networks: tuple[ScannedNetwork, ...]
    age_seconds: float | None = 0.0
    words: str = ""


class AddNetwork(Message, frozen=True, kw_only=True):
    """Answered with NetworkAdded. A network of this SSID that is saved already gets the new key instead."""

    ssid_hex: str
    key: str = ""
    """8 to 63 characters or 64 hexadecimal digits; empty: an open network."""
    is_hidden: bool = False
    address: str = ""
    gateway: str = ""
    is_first: bool = True
    """Preferred to the others; else it comes last."""


class NetworkAdded(Message, frozen=True, kw_only=True):
    """The saved network's id."""

    id: str


class ForgetNetwork(Message, frozen=True, kw_only=True):
    """Answered with Done."""

    id: str


class OrderNetworks(Message, frozen=True, kw_only=True):
    """All ids, the preferred one first; answered with Done."""

    ids: tuple[str, ...]


class TryNetwork(Message, frozen=True, kw_only=True):
    """Leaves what it is on and tries a saved network, or all of them; answered with TryBegins before it leaves.

    When that fails the own access point is there again.
    """

    id: str = ""
    """Empty: any."""


class TryBegins(Message, frozen=True, kw_only=True):
    """It leaves in `leaves_in_seconds`, and if that fails is back within `back_within_seconds` after that."""

    leaves_in_seconds: float
    back_within_seconds: float
    words: str


class GetAccessPoint(Message, frozen=True, kw_only=True):
    """Answered with AccessPoint; for the owner, because it holds the key."""


class AccessPoint(Message, frozen=True, kw_only=True):
    """The own access point, whether or not it is open now."""

    ssid: str
    key: str
    address: str
    """10.41.0.1"""
    qr_text: str
    """What a phone's camera joins it by: WIFI:T:WPA;S:...;P:...;;"""


class SetSharePassword(Message, frozen=True, kw_only=True):
    """One password for Samba and FTP; answered with Done when both know it. It is kept by them alone, as hashes."""

    password: str


NetworkRequest = (
    GetNetworkStatus
    | SettingsChanged
    | ScanNetworks
    | AddNetwork
    | ForgetNetwork
    | OrderNetworks
    | TryNetwork
    | GetAccessPoint
    | SetSharePassword
)
NetworkReply = Done | Failed | NetworkStatus | SettingsTaken | NetworksSeen | NetworkAdded | TryBegins | AccessPoint
