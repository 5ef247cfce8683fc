"""Profiles as NetworkManager has them over D-Bus: written from what is wanted, read to what they mean. Pure.

They are `a{sa{sv}}`; every value stands with its signature, `("u", 2)`, as jeepney has it. Names and numbers are
those of NetworkManager's D-Bus reference (nm-settings-dbus).
"""

from __future__ import annotations

import ipaddress
import socket
import struct
import uuid as uuids
from collections.abc import Iterable
from typing import Any

from dashcam.link.network_messages import WifiSecurity
from dashcam.network.base import NetworkTrouble, NewNetwork, OwnAccessPoint, Profile, SeenAccessPoint
from dashcam.network.keys import check_address, check_key, check_ssid, shown
from dashcam.system.appliance import ACCESS_POINT_ADDRESS, ACCESS_POINT_LENGTH

Settings = dict[str, dict[str, tuple[str, Any]]]

WIRELESS, SECURITY = "802-11-wireless", "802-11-wireless-security"
ACCESS_POINT_NAME = "dashcam-ap"
LOWEST_PRIORITY, HIGHEST_PRIORITY = 10, 99
# How the UUIDs of ours begin: whoever renames a profile does not make it somebody else's. Not by data for users, which
# Raspberry Pi OS 13 loses: its NetworkManager keeps profiles by netplan, which takes dots in their names for groups.
_OUR_NETWORKS, _OUR_ACCESS_POINT = "da5ca000-", "da5ca0a9-"
_FOREVER = 0  # autoconnect-retries: a phone may be gone for hours; by default it would be given up after four tries
_NO_POWER_SAVING = 2  # the radio of the Zero 2 W loses its network by it
_NOT_ANNOUNCED = 0  # mdns: avahi announces; two that do so on one machine disturb each other
_DHCP_SECONDS = 20
# What was heard longer ago may have been set anew since.
_BELIEVED_SECONDS = 60.0
_KEPT_BY_THE_SYSTEM = 0  # psk-flags: nobody is logged in who could be asked

# NM80211ApFlags and NM80211ApSecurityFlags
_PRIVACY = 0x1
_PSK, _ENTERPRISE, _SAE, _ENTERPRISE_192 = 0x100, 0x200, 0x400, 0x2000
_OPEN_BUT_ENCRYPTED = 0x800 | 0x1000  # OWE, and OWE in transition


def new_network_uuid() -> str:
    """For a network that is made by us; known as ours by it."""
    return _OUR_NETWORKS + str(uuids.uuid4()).partition("-")[2]


def new_access_point_uuid() -> str:
    """For the own access point; known as that by it."""
    return _OUR_ACCESS_POINT + str(uuids.uuid4()).partition("-")[2]


def security_of(flags: int, wpa_flags: int, rsn_flags: int) -> WifiSecurity:
    """What an access point demands, by what NetworkManager says of it."""
    both = wpa_flags | rsn_flags
    if both & _PSK:
        return "wpa"
    if both & _SAE:
        return "wpa3"
    if both & (_ENTERPRISE | _ENTERPRISE_192):
        return "enterprise"
    if both & _OPEN_BUT_ENCRYPTED or not flags & _PRIVACY:
        return "open"
    return "wep"


def likely_security(network: NewNetwork, seen: Iterable[SeenAccessPoint]) -> WifiSecurity:
    """By what is in reach; of several access points of one name by that which can be joined; else by the key."""
    heard = [each.security for each in seen if each.ssid == network.ssid and each.age_seconds <= _BELIEVED_SECONDS]
    wanted: tuple[WifiSecurity, ...] = ("wpa", "wpa3") if network.key else ("open",)
    if not heard:
        return wanted[0]
    return next((each for each in wanted if each in heard), heard[0])


def check_network(network: NewNetwork, security: WifiSecurity) -> None:
    """Raises NetworkTrouble `invalid` for what could never be joined."""
    check_ssid(network.ssid)
    check_key(network.key)
    check_address(network.address, network.gateway)
    name = shown(network.ssid)
    if security == "enterprise":
        raise NetworkTrouble("invalid", f"{name} asks for a user and a certificate, which the dashcam cannot give")
    if security == "wep":
        raise NetworkTrouble("invalid", f"{name} is locked by WEP, which anyone can open; set its router to WPA2")
    if security == "open" and network.key:
        raise NetworkTrouble("invalid", f"{name} is open; leave the key empty, or look whether it is the right network")
    if security != "open" and not network.key:
        raise NetworkTrouble("invalid", f"{name} needs a key; type the one that the hotspot's settings show")
    if security == "wpa3" and len(network.key) == 64:
        raise NetworkTrouble(
            "invalid", f"{name} goes by WPA3 alone, which cannot use 64 hexadecimal digits; type the key itself"
        )


def network_settings(
    network: NewNetwork, security: WifiSecurity, uuid: str, priority: int, interface: str = ""
) -> Settings:
    """A network to be joined by itself. `interface`: this radio alone; empty: any."""
    made = _frame(uuid, f"dashcam {shown(network.ssid)}", interface)
    made["connection"] |= {
        "autoconnect": ("b", True),
        "autoconnect-priority": ("i", priority),
        "autoconnect-retries": ("i", _FOREVER),
    }
    made[WIRELESS] |= {
        "ssid": ("ay", network.ssid),
        "mode": ("s", "infrastructure"),
        "hidden": ("b", network.is_hidden),
    }
    if security != "open":
        made[SECURITY] = {
            "key-mgmt": ("s", "sae" if security == "wpa3" else "wpa-psk"),
            "psk": ("s", network.key),
            "psk-flags": ("u", _KEPT_BY_THE_SYSTEM),
        }
    made["ipv4"] = _fixed(network.address, network.gateway) if network.address else _by_dhcp()
    return made


def access_point_settings(own: OwnAccessPoint, uuid: str, interface: str = "") -> Settings:
    """The own access point: WPA2, and NetworkManager hands out addresses. It is opened when told to alone."""
    check_ssid(own.ssid)
    check_key(own.key)
    if not own.key:
        raise NetworkTrouble("invalid", "the own access point needs a key: an open one lets everybody at the clips")
    made = _frame(uuid, ACCESS_POINT_NAME, interface)
    made["connection"] |= {"autoconnect": ("b", False)}
    made[WIRELESS] |= {
        "ssid": ("ay", own.ssid),
        "mode": ("s", "ap"),
        "band": ("s", "bg"),
        "channel": ("u", own.channel),
    }
    made[SECURITY] = {
        "key-mgmt": ("s", "wpa-psk"),
        "proto": ("as", ["rsn"]),
        "pairwise": ("as", ["ccmp"]),
        "group": ("as", ["ccmp"]),
        "psk": ("s", own.key),
        "psk-flags": ("u", _KEPT_BY_THE_SYSTEM),
    }
    made["ipv4"] = {
        "method": ("s", "shared"),
        "address-data": ("aa{sv}", [_address_data(ACCESS_POINT_ADDRESS, ACCESS_POINT_LENGTH)]),
    }
    return made


def _frame(uuid: str, name: str, interface: str) -> Settings:
    """What all of ours have in common."""
    connection: dict[str, tuple[str, Any]] = {
        "id": ("s", name),
        "uuid": ("s", uuid),
        "type": ("s", WIRELESS),
        "mdns": ("i", _NOT_ANNOUNCED),
    }
    if interface:
        connection["interface-name"] = ("s", interface)
    return {
        "connection": connection,
        WIRELESS: {"powersave": ("u", _NO_POWER_SAVING), "assigned-mac-address": ("s", "permanent")},
        # Phones hand out IPv4; without an address of it nothing is joined.
        "ipv6": {"method": ("s", "disabled")},
    }


def _by_dhcp() -> dict[str, tuple[str, Any]]:
    return {"method": ("s", "auto"), "may-fail": ("b", False), "dhcp-timeout": ("i", _DHCP_SECONDS)}


def _fixed(address: str, gateway: str) -> dict[str, tuple[str, Any]]:
    found = ipaddress.IPv4Interface(address)
    made: dict[str, tuple[str, Any]] = {
        "method": ("s", "manual"),
        "may-fail": ("b", False),
        "address-data": ("aa{sv}", [_address_data(str(found.ip), found.network.prefixlen)]),
    }
    if gateway:
        # Routers of homes and phones answer for names, too; in network byte order, whatever the machine's.
        [number] = struct.unpack("=I", socket.inet_aton(gateway))
        made |= {"gateway": ("s", gateway), "dns": ("au", [number])}
    return made


def _address_data(address: str, length: int) -> dict[str, tuple[str, Any]]:
    return {"address": ("s", address), "prefix": ("u", length)}


def value_of(settings: Settings, group: str, name: str, default: Any) -> Any:
    """A value without its signature."""
    return settings.get(group, {}).get(name, ("", default))[1]


def profile_of(settings: Settings) -> Profile | None:
    """What a profile means; None for one of no infrastructure or access point, such as a cable's."""
    if value_of(settings, "connection", "type", "") != WIRELESS:
        return None
    mode = value_of(settings, WIRELESS, "mode", "") or "infrastructure"
    if mode not in ("infrastructure", "ap"):
        return None
    address, gateway = _address_of(settings)
    return Profile(
        uuid=_uuid_of(settings),
        name=value_of(settings, "connection", "id", ""),
        ssid=bytes(value_of(settings, WIRELESS, "ssid", b"")),
        security=_security_in(settings),
        is_ours=_uuid_of(settings).startswith((_OUR_NETWORKS, _OUR_ACCESS_POINT)),
        is_access_point=mode == "ap",
        is_hidden=bool(value_of(settings, WIRELESS, "hidden", False)),
        joins_by_itself=bool(value_of(settings, "connection", "autoconnect", True)),
        priority=int(value_of(settings, "connection", "autoconnect-priority", 0)),
        address=address,
        gateway=gateway,
    )


def is_own_access_point(settings: Settings) -> bool:
    """The profile that `access_point_settings` made."""
    return _uuid_of(settings).startswith(_OUR_ACCESS_POINT)


def has_same_access_point(settings: Settings, wanted: Settings) -> bool:
    """Nothing of it would have to be changed, its key apart, which cannot be seen here."""
    compared = [(group, name) for group in wanted for name in wanted[group] if name not in ("psk", "psk-flags", "id")]
    compared.append(("connection", "interface-name"))
    return all(_plain(settings, group, name) == _plain(wanted, group, name) for group, name in compared)


def _plain(settings: Settings, group: str, name: str) -> Any:
    value = value_of(settings, group, name, None)
    # NetworkManager leaves out what is as it would be anyhow.
    return value if value is not None else {"psk-flags": 0, "autoconnect": True}.get(name)


def _uuid_of(settings: Settings) -> str:
    return str(value_of(settings, "connection", "uuid", ""))


def _security_in(settings: Settings) -> WifiSecurity:
    match value_of(settings, SECURITY, "key-mgmt", ""):
        case "" | "owe":
            return "open"
        case "wpa-psk":
            return "wpa"
        case "sae":
            return "wpa3"
        case "none":
            return "wep"
    return "enterprise"


def _address_of(settings: Settings) -> tuple[str, str]:
    if value_of(settings, "ipv4", "method", "") != "manual":
        return "", ""
    for each in value_of(settings, "ipv4", "address-data", []):
        address, length = each.get("address", ("s", ""))[1], each.get("prefix", ("u", 0))[1]
        return f"{address}/{length}", str(value_of(settings, "ipv4", "gateway", ""))
    return "", ""
