"""What a network's name, key and fixed address may be; every error names the cure. Pure."""

from __future__ import annotations

import ipaddress
import re

from dashcam.network.base import LONGEST_SSID_BYTES, NetworkTrouble

_HEXADECIMAL_KEY = re.compile(r"[0-9A-Fa-f]{64}", re.ASCII)
_FEWEST, _MOST = 8, 63
# What the keyboards of phones make of quotation marks, dashes and spaces.
_TYPOGRAPHIC = {0x2018: "'", 0x2019: "'", 0x201C: '"', 0x201D: '"', 0x2013: "-", 0x2014: "-", 0xA0: " "}


def shown(ssid: bytes) -> str:
    """An SSID for people: what is no UTF-8 or cannot be printed is written as in Python's bytes."""
    text = ssid.decode(errors="backslashreplace")
    return "".join(each if each.isprintable() else each.encode("unicode_escape").decode() for each in text)


def check_ssid(ssid: bytes) -> None:
    """Raises NetworkTrouble `invalid` for what no network can be called."""
    if not ssid:
        raise NetworkTrouble("invalid", "a network needs a name")
    if len(ssid) > LONGEST_SSID_BYTES:
        raise NetworkTrouble(
            "invalid",
            f"the name {shown(ssid)} has {len(ssid)} bytes and a network's has {LONGEST_SSID_BYTES} at most; "
            "letters with accents count twice, emoji four times",
        )


def check_key(key: str) -> None:
    """Raises NetworkTrouble `invalid` for what no WPA key can be; an empty one means an open network.

    IEEE 802.11-2020, J.4.1: 8 to 63 characters from 32 to 126, or the 256 bits themselves.
    """
    if not key or _HEXADECIMAL_KEY.fullmatch(key):
        return
    for number, each in enumerate(key, 1):
        if not 32 <= ord(each) <= 126:
            likely = each.translate(_TYPOGRAPHIC)
            meant = f"; is it {likely} instead?" if likely != each else "; look it up where the key is set"
            name = f"“{each}”" if each.isprintable() else "no sign that can be seen"
            raise NetworkTrouble(
                "invalid", f"character {number} of the key is {name}, which no Wi-Fi key can hold{meant}"
            )
    if len(key) < _FEWEST or len(key) > _MOST:
        raise NetworkTrouble(
            "invalid",
            f"the key has {len(key)} characters; a Wi-Fi key has {_FEWEST} to {_MOST}, or 64 hexadecimal digits. "
            "Look it up in the settings of the hotspot",
        )


def check_address(address: str, gateway: str) -> None:
    """Raises NetworkTrouble `invalid` for a fixed address that cannot be used; both empty: by DHCP."""
    if not address:
        if gateway:
            raise NetworkTrouble("invalid", f"a gateway ({gateway}) needs a fixed address, such as 192.168.1.50/24")
        return
    if "/" not in address:
        raise NetworkTrouble(
            "invalid", f"the fixed address {address} needs the length of its network: {address}/24, most of the time"
        )
    try:
        found = ipaddress.IPv4Interface(address)
    except ValueError as error:
        raise NetworkTrouble("invalid", f"{address} is no IPv4 address such as 192.168.1.50/24") from error
    network = found.network
    is_end = network.prefixlen < 31 and found.ip in (network.network_address, network.broadcast_address)
    if not 1 <= network.prefixlen <= 31 or is_end or _is_special(found.ip):
        raise NetworkTrouble("invalid", f"{address} cannot be the address of a device; take another of its network")
    if gateway:
        _check_gateway(found, gateway)


def _is_special(address: ipaddress.IPv4Address) -> bool:
    return address.is_multicast or address.is_loopback or address.is_unspecified or address.is_reserved


def _check_gateway(found: ipaddress.IPv4Interface, gateway: str) -> None:
    try:
        way = ipaddress.IPv4Address(gateway)
    except ValueError as error:
        raise NetworkTrouble("invalid", f"the gateway {gateway} is no IPv4 address such as 192.168.1.1") from error
    if way not in found.network or way == found.ip:
        raise NetworkTrouble("invalid", f"the gateway {gateway} must be another address of the network {found.network}")
