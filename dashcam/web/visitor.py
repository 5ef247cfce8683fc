"""Who asks, and at which of this machine's addresses: settings must not take the page away from them."""

from __future__ import annotations

import ipaddress
from typing import NamedTuple

from bottle import request

# What the server puts beside the usual words of a request.
CALLED_AT = "dashcam.called_at"


class Visitor(NamedTuple):
    """The address of whoever asks, and that of this machine at which the request has come in; empty: not known."""

    address: str
    called_at: str


def visitor() -> Visitor:
    """Of the request that is being answered."""
    return Visitor(str(request.environ.get("REMOTE_ADDR", "")), str(request.environ.get(CALLED_AT, "")))


def answers_at(host: str, called_at: str) -> bool:
    """True when a page served at `host` can be reached at `called_at`, too."""
    try:
        served, called = _plain(host), _plain(called_at)
    except ValueError:
        return False
    if served.is_unspecified:
        # IPv6's "every address" takes IPv4, too; not the other way round.
        return served.version == 6 or called.version == 4
    return served == called


def is_same(address: str, other: str) -> bool:
    """True for two ways to write one address."""
    try:
        return _plain(address) == _plain(other)
    except ValueError:
        return address == other


def _plain(address: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    """Without what a socket for both kinds makes of an IPv4 address. Raises ValueError for a name."""
    found = ipaddress.ip_address(address.partition("%")[0])
    return getattr(found, "ipv4_mapped", None) or found
