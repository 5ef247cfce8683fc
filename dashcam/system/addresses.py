"""The addresses that a phone in the same network can open."""

from __future__ import annotations

import fcntl
import ipaddress
import socket
import struct
from pathlib import Path

# Asked only which way a packet would take; none is sent. From the block for documentation (RFC 5737).
_SOMEWHERE_ELSE = ("192.0.2.1", 9)
_SIOCGIFFLAGS, _SIOCGIFADDR = 0x8913, 0x8915  # linux/sockios.h
_IFF_UP, _IFF_LOOPBACK, _IFF_RUNNING = 0x1, 0x8, 0x40  # linux/if.h
# Networks inside this machine; a phone is never in them.
_INNER_INTERFACES = ("docker", "veth", "br-", "virbr", "lxc", "cni", "podman")
_AVAHI = Path("/run/avahi-daemon/pid")
_EVERY_ADDRESS = ("", "0.0.0.0", "::")


def page_addresses(host: str, port: int) -> list[str]:
    """The page's addresses, the most useful one first; `host` is the setting `web.host`.

    Without a network it is the one on this machine.
    """
    hosts = [host]
    if host in _EVERY_ADDRESS:
        hosts = lan_addresses() or ["127.0.0.1"]
        if _AVAHI.exists():
            hosts.append(f"{socket.gethostname().partition('.')[0]}.local")
    return [f"http://{_bracketed(name)}{'' if port == 80 else f':{port}'}/" for name in hosts]


def is_local_only(host: str) -> bool:
    """True when `host` can be reached from this machine only."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def lan_addresses() -> list[str]:
    """This machine's IPv4 addresses in the networks it is part of; first the one towards the rest of the world."""
    found = [address for address in (_address_of(name) for _, name in socket.if_nameindex()) if address]
    towards_the_world = _outgoing_address()
    if towards_the_world and towards_the_world in found:
        found.remove(towards_the_world)
        found.insert(0, towards_the_world)
    return list(dict.fromkeys(found))


def _outgoing_address() -> str | None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(_SOMEWHERE_ELSE)
        except OSError:
            return None
        return str(probe.getsockname()[0])


def _address_of(interface: str) -> str | None:
    if interface.startswith(_INNER_INTERFACES):
        return None
    request = struct.pack("256s", interface.encode()[:15])
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            flags = struct.unpack_from("h", fcntl.ioctl(probe, _SIOCGIFFLAGS, request), 16)[0]
            if flags & _IFF_LOOPBACK or flags & (_IFF_UP | _IFF_RUNNING) != _IFF_UP | _IFF_RUNNING:
                return None
            return socket.inet_ntoa(fcntl.ioctl(probe, _SIOCGIFADDR, request)[20:24])
        except OSError:  # it has none, or has just gone
            return None


def _bracketed(name: str) -> str:
    return f"[{name}]" if ":" in name else name
