"""Asks one interface for a `.local` name, as a phone does (RFC 6762, 5.1), and prints the IPv4 address that answers."""

from __future__ import annotations

import fcntl
import socket
import struct
import sys
import time

_GROUP, _PORT = "224.0.0.251", 5353
_TYPE_A, _CLASS_IN = 1, 1
_SIOCGIFADDR = 0x8915


def address_of(interface: str) -> str:
    """The interface's own IPv4 address."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        request = struct.pack("256s", interface.encode())
        return socket.inet_ntoa(fcntl.ioctl(probe, _SIOCGIFADDR, request)[20:24])


def question(name: str) -> bytes:
    """A query for the A record."""
    labels = b"".join(bytes([len(part)]) + part.encode() for part in name.split("."))
    return struct.pack(">6H", 0, 0, 1, 0, 0, 0) + labels + b"\0" + struct.pack(">HH", _TYPE_A, _CLASS_IN)


def skip_name(message: bytes, at: int) -> int:
    """Where the name that begins there ends."""
    while message[at] and message[at] < 0xC0:
        at += message[at] + 1
    return at + (2 if message[at] else 1)


def answers(message: bytes) -> list[str]:
    """The addresses in an answer."""
    _, flags, questions, count, *_ = struct.unpack(">6H", message[:12])
    if not flags & 0x8000:
        return []
    at, found = 12, []
    for _ in range(questions):
        at = skip_name(message, at) + 4
    for _ in range(count):
        at = skip_name(message, at)
        kind, _, _, length = struct.unpack(">HHIH", message[at : at + 10])
        at += 10
        if kind == _TYPE_A and length == 4:
            found.append(socket.inet_ntoa(message[at : at + 4]))
        at += length
    return found


def ask(name: str, interface: str, limit_seconds: float = 10.0) -> str:
    """The first address that is told; empty when nobody does."""
    own = address_of(interface)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        asking.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton(own))
        asking.bind((own, 0))
        asking.settimeout(1.0)
        until = time.monotonic() + limit_seconds
        while time.monotonic() < until:
            asking.sendto(question(name), (_GROUP, _PORT))
            try:
                found = answers(asking.recv(9000))
            except TimeoutError:
                continue
            if found:
                return found[0]
    return ""


if __name__ == "__main__":
    print(ask(sys.argv[1], sys.argv[2]))
