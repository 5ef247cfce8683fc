"""What may be asked of the network program, checked as far as that can be done without it."""

from __future__ import annotations

import ipaddress
import re
from typing import Annotated

import msgspec
from msgspec import Meta

from dashcam.errors import BadRequest
from dashcam.settings.checks_network import MOST_SSID_BYTES

NETWORK_ID = "[0-9A-Za-z-]{1,64}"
_MOST_NETWORKS = 200
_LEAST_KEY_BYTES, _MOST_KEY_BYTES = 8, 63
_RAW_KEY = re.compile(r"[0-9A-Fa-f]{64}", re.ASCII)

_Id = Annotated[str, Meta(pattern=f"^{NETWORK_ID}$")]


class NewNetwork(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A network to be joined from now on: either `ssid` or, for a name of any bytes, `ssid_hex`."""

    ssid: Annotated[str, Meta(max_length=MOST_SSID_BYTES)] = ""
    ssid_hex: Annotated[str, Meta(max_length=2 * MOST_SSID_BYTES, pattern=r"^([0-9a-fA-F]{2})*$")] = ""
    key: Annotated[str, Meta(max_length=64)] = ""
    """8 to 63 bytes or 64 hexadecimal digits; empty: a network without a key."""
    is_hidden: bool = False
    """It does not tell its name, and is never in the list."""
    address: Annotated[str, Meta(max_length=18)] = ""
    """A fixed one with its length, such as 192.168.1.50/24; empty: as the network gives it."""
    gateway: Annotated[str, Meta(max_length=15)] = ""
    is_first: bool = True
    """Preferred to the others."""

    def checked(self) -> str:
        """The name's bytes in hexadecimal digits. Raises BadRequest, naming the cure."""
        if bool(self.ssid) == bool(self.ssid_hex):
            raise BadRequest("ssid: give the network's name, as it is or as its bytes")
        raw = self.ssid.encode() if self.ssid else bytes.fromhex(self.ssid_hex)
        if len(raw) > MOST_SSID_BYTES:
            raise BadRequest(f"ssid: a network's name has at most {MOST_SSID_BYTES} bytes; ä is two, an emoji four")
        self._check_key()
        self._check_address()
        return raw.hex()

    def _check_key(self) -> None:
        length = len(self.key.encode())
        is_fine = not self.key or _LEAST_KEY_BYTES <= length <= _MOST_KEY_BYTES or _RAW_KEY.fullmatch(self.key)
        if not is_fine:
            raise BadRequest("key: it has 8 to 63 characters, or 64 hexadecimal digits")

    def _check_address(self) -> None:
        try:
            if self.address and "/" not in self.address:
                raise ValueError
            own = ipaddress.IPv4Interface(self.address) if self.address else None
            gateway = ipaddress.IPv4Address(self.gateway) if self.gateway else None
        except ValueError as error:
            raise BadRequest("address: write it with its length, such as 192.168.1.50/24, and 192.168.1.1") from error
        if gateway is not None and (own is None or gateway not in own.network):
            raise BadRequest("gateway: it belongs to a fixed address, and lies in the same network")


class NetworkOrder(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The ids of all saved networks, the preferred one first."""

    ids: Annotated[tuple[_Id, ...], Meta(min_length=1, max_length=_MOST_NETWORKS)]


class NetworkTry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The id of a saved network; empty: whichever is in reach."""

    id: Annotated[str, Meta(pattern=rf"^({NETWORK_ID})?$")] = ""


class PageQr(msgspec.Struct, frozen=True, kw_only=True):
    """One of the page's addresses; left out: the best."""

    address: Annotated[str, Meta(max_length=300, description="one of page_addresses of /api/network")] = ""


class NewSharePassword(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The password of the network drive and of FTP."""

    password: Annotated[str, Meta(min_length=8, max_length=63)]

    def checked(self) -> str:
        """The password. Raises BadRequest for what some program could not send."""
        if not self.password.isprintable() or self.password != self.password.strip():
            raise BadRequest("password: write letters, digits and signs, without spaces at its ends")
        return self.password


def check_id(text: str) -> str:
    """An id as it stands in an address. Raises BadRequest for what can be none."""
    if re.fullmatch(NETWORK_ID, text, re.ASCII) is None:
        raise BadRequest("This is no network's id; /api/network has those that are saved.")
    return text
