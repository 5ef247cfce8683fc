"""The one face of every Wi-Fi radio: what it is at this moment, what it sees, what it knows, and what it can be told.

Whoever drives it decides; a radio only does. All methods may be called from any thread, also while another one waits in
`activate`. None waits longer than its limit, or `CALL_SECONDS` where there is none; all raise NetworkTrouble. What is
absent is a state, not an error: without a radio `look` says so and what needs one raises `no_radio`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

from dashcam.errors import NetworkError
from dashcam.link.network_messages import WifiSecurity

CALL_SECONDS = 20.0
"""No call without a limit of its own takes longer."""
LONGEST_SSID_BYTES = 32

TroubleKind = Literal[
    "wrong_key",
    "not_found",
    "no_address",
    "refused",
    "timeout",
    "no_radio",
    "not_ready",
    "no_service",
    "forbidden",
    "invalid",
    "unknown",
]
"""not_found: no such network in reach, or no such profile; no_address: joined, but got no address by DHCP;
refused: the network does not let it in, and it is not known that the key is wrong;
not_ready: the radio is off, not yet up, or busy: try again; no_service: NetworkManager does not run;
forbidden: polkit does not let us; invalid: what was asked for can never work; the message says what to change."""

# NetworkManager's NMDeviceState
UNMANAGED, UNAVAILABLE, DISCONNECTED, PREPARE, ACTIVATED, DEACTIVATING, FAILED = 10, 20, 30, 40, 100, 110, 120


class NetworkTrouble(NetworkError):
    """What was asked of the radio did not work; the message tells why and the cure, `kind` is for programs."""

    def __init__(self, kind: TroubleKind, detail: str) -> None:
        super().__init__(detail)
        self.kind = kind
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Station:
    """Who has joined the own access point."""

    address: str
    """Of its radio: aa:bb:cc:dd:ee:ff."""
    inactive_seconds: float
    """Since it was last heard."""


@dataclass(frozen=True, slots=True)
class RadioState:
    """The radio at one moment. The defaults are those of a machine without one."""

    interface: str = ""
    """Such as wlan0; empty: there is no radio."""
    number: int = 0
    """NetworkManager's NMDeviceState; see the properties below."""
    reason: int = 0
    """NetworkManager's NMDeviceStateReason of the last change."""
    uuid: str = ""
    """Of the profile that is active or being activated."""
    ssid: bytes = b""
    """Of that profile."""
    is_access_point: bool = False
    """That profile is an access point, whoever made it."""
    address: str = ""
    """IPv4, without the length of the network."""
    signal_percent: int | None = None
    stations: tuple[Station, ...] | None = ()
    """Of the own access point; None when it cannot be told who is on it."""
    country: str = ""
    """By which the radio goes; empty while that is not known."""
    is_enabled: bool = True
    """NetworkManager has it switched on."""
    is_blocked: bool = False
    """By rfkill, of its own switch or by the system."""

    @property
    def is_ready(self) -> bool:
        """It can be given something to do."""
        return DISCONNECTED <= self.number <= FAILED

    @property
    def is_joining(self) -> bool:
        """It joins a network, or opens the access point, by itself or because it was told to."""
        return PREPARE <= self.number < ACTIVATED

    @property
    def is_joined(self) -> bool:
        """It is on a network and has an address."""
        return self.number == ACTIVATED and not self.is_access_point

    @property
    def is_open(self) -> bool:
        """It is an access point that can be joined."""
        return self.number == ACTIVATED and self.is_access_point


@dataclass(frozen=True, slots=True)
class SeenAccessPoint:
    """An access point that was heard. One that is gone stays in the list for minutes: only `age_seconds` tells."""

    ssid: bytes
    """Empty: it hides its name."""
    address: str
    """Of its radio (BSSID)."""
    signal_percent: int
    security: WifiSecurity
    frequency_mhz: int
    age_seconds: float
    """Since it was last heard."""


@dataclass(frozen=True, slots=True)
class Profile:
    """A network that NetworkManager knows, whoever made it; never with its key."""

    uuid: str
    name: str
    ssid: bytes
    security: WifiSecurity = "wpa"
    is_ours: bool = True
    """Made by us; others are used but never altered."""
    is_access_point: bool = False
    is_hidden: bool = False
    joins_by_itself: bool = True
    priority: int = 0
    """The highest is joined first."""
    address: str = ""
    """A fixed one with its length, such as 192.168.1.50/24; empty: by DHCP."""
    gateway: str = ""

    @property
    def has_key(self) -> bool:
        """A key is needed to join it."""
        return self.security != "open"


@dataclass(frozen=True, slots=True)
class NewNetwork:
    """A network to be known from now on. Whatever of it cannot work is told by `save_profile`."""

    ssid: bytes
    key: str = field(default="", repr=False)
    """8 to 63 characters or 64 hexadecimal digits; empty: an open network."""
    is_hidden: bool = False
    address: str = ""
    gateway: str = ""
    security: WifiSecurity | None = None
    """None: by what is in reach, else by the key."""


@dataclass(frozen=True, slots=True)
class OwnAccessPoint:
    """What the unit opens itself; its address is always the same."""

    ssid: bytes
    key: str = field(repr=False)
    channel: int = 6


class Wifi(Protocol):
    """A radio of any kind. The constructor is cheap and touches nothing."""

    def look(self) -> RadioState:
        """The radio at this moment."""

    def seen(self) -> tuple[SeenAccessPoint, ...]:
        """Everything heard in the last minutes, the own access point apart; nothing without a radio."""

    def scan(self, hidden: Sequence[bytes] = ()) -> None:
        """Has it look around, also for these networks that hide; returns at once, `seen` shows the ages.

        Raises `not_ready` when it looks around already, or cannot because it is an access point.
        """

    def profiles(self) -> tuple[Profile, ...]:
        """All that are known, the preferred one first; the own access point is not among them."""

    def save_profile(self, network: NewNetwork) -> str:
        """Makes a profile and gives its UUID. If we have one of this SSID that one is changed, and keeps its place.

        A new one is preferred least, until `order` says otherwise. It may be joined at once, by itself.
        """

    def forget(self, uuid: str) -> None:
        """Removes a profile; one that nobody knows is forgotten already. Raises `invalid` for what is not ours."""

    def order(self, uuids: Sequence[str]) -> None:
        """Ours, the preferred one first; those left out come after them as they were. Others' keep theirs."""

    def activate(self, uuid: str, limit_seconds: float) -> None:
        """Leaves what it is on, joins this network and waits until it has an address.

        When it raises, nothing is joined, but NetworkManager may go on trying what joins by itself.
        """

    def activate_access_point(self, own: OwnAccessPoint, limit_seconds: float) -> None:
        """Leaves what it is on and opens the own access point; its profile is made or changed first, if need be.

        Nothing happens when it is open already, just so: nobody who is on it loses it.
        """

    def deactivate(self, limit_seconds: float) -> None:
        """Leaves what it is on; nothing to do is no trouble. After the access point known networks join by themselves.

        After a network only others do, until that one is activated.
        """

    def cycle_radio(self) -> None:
        """Switches the radio off and on again. Also switches on one that somebody has switched off."""
