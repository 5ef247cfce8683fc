"""`/api/network`: Wi-Fi and the shares, as the network program has them, and what it is told to do.

A machine without that program, such as a laptop, is nothing wrong: it is told so in words. No key and no password is
answered, logged or part of an address, but for the key of the own access point, to the owner.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import msgspec
from bottle import HTTPResponse, request

from dashcam.errors import BadRequest, LinkError, NetworkError
from dashcam.link.client import ask
from dashcam.link.messages import (
    AccessPoint,
    AddNetwork,
    BootFileReport,
    Done,
    ForgetNetwork,
    GetAccessPoint,
    GetNetworkStatus,
    Message,
    NetworkAdded,
    NetworksSeen,
    NetworkStatus,
    OrderNetworks,
    SavedNetwork,
    ScanNetworks,
    SetSharePassword,
    ShareStatus,
    TryBegins,
    TryNetwork,
    WifiStatus,
)
from dashcam.settings import Settings
from dashcam.system.qr import svg_qr
from dashcam.web.access import needs
from dashcam.web.describe import describes
from dashcam.web.network_wishes import NetworkOrder, NetworkTry, NewNetwork, NewSharePassword, PageQr, check_id
from dashcam.web.reply import asked_query, json_reply, json_request
from dashcam.web.status import NO_NETWORK, uses_network

T = TypeVar("T", bound=Message)

_STATUS_SECONDS = 3.0
# The radio looks around for some seconds, and may be busy before.
_SCAN_SECONDS = 25.0
# A profile is written, or Samba told a password, on a slow card.
_CHANGE_SECONDS = 20.0
_SVG = "image/svg+xml"
_REFUSES = (LinkError, NetworkError)
_NOT_LOOKED_AFTER = (
    "This machine looks after its network itself, and the dashcam does not touch it. Wi-Fi, the network drive and FTP "
    "come with the dashcam as a device of its own, set up with scripts/install."
)


class Network(msgspec.Struct, frozen=True, kw_only=True):
    """How Wi-Fi and the shares stand."""

    is_there: bool
    """The network program answers; without it there is nothing but `words`, and the page's addresses."""
    is_wanted: bool
    """The settings have something for it to do: Wi-Fi, or a share."""
    words: str
    """Why it does not answer, and whether that is as it should be; empty while it does."""
    wifi: WifiStatus = WifiStatus()
    saved: tuple[SavedNetwork, ...] = ()
    shares: tuple[ShareStatus, ...] = ()
    host_name: str = ""
    page_addresses: tuple[str, ...] = ()
    """Where this page is, best first."""
    boot_file: BootFileReport | None = None
    warnings: tuple[str, ...] = ()


class NetworkScan(NetworksSeen, frozen=True, kw_only=True, tag=False):
    """The networks in reach, strongest first. `words`: why they were seen some time ago, for people."""


class NetworkSaved(msgspec.Struct, frozen=True, kw_only=True):
    """The id of a network that is known from now on."""

    id: str


class TryStarted(TryBegins, frozen=True, kw_only=True, tag=False):
    """It leaves in `leaves_in_seconds`; if that fails it is back within `back_within_seconds` after that."""


class OwnAccessPoint(msgspec.Struct, frozen=True, kw_only=True):
    """The own access point, whether or not it is open now."""

    ssid: str
    key: str
    address: str


class NetworkDone(msgspec.Struct, frozen=True):
    """It is done."""

    done: bool = True


class NetworkResource:
    """Passes on what the network program is asked. `settings` gives those in force."""

    def __init__(self, state: Path, settings: Callable[[], Settings]) -> None:
        self._state = state
        self._settings = settings

    def add_to(self, app: Any) -> None:
        """Adds the routes."""
        app.route("/api/network", "GET", self.network)
        app.route("/api/network/scan", "POST", self.scan)
        app.route("/api/network/networks", "POST", self.add)
        app.route("/api/network/networks/<network_id>", "DELETE", self.forget)
        app.route("/api/network/order", "POST", self.order)
        app.route("/api/network/try", "POST", self.try_now)
        app.route("/api/network/access-point", "GET", self.access_point)
        app.route("/api/network/access-point/qr", "GET", self.access_point_qr)
        app.route("/api/network/page-qr", "GET", self.page_qr)
        app.route("/api/shares/password", "POST", self.set_password)

    @needs("viewer")
    @describes(answers=Network)
    def network(self) -> HTTPResponse:
        """How Wi-Fi and the shares stand now; without the network program, in words why that may be so."""
        return json_reply(self._network())

    @needs("owner")
    @describes(answers=NetworkScan, refuses=_REFUSES)
    def scan(self) -> HTTPResponse:
        """Looks for networks in reach; while the radio is the own access point, what it has seen before that."""
        seen = self._ask(ScanNetworks(), NetworksSeen, _SCAN_SECONDS)
        return json_reply(NetworkScan(networks=seen.networks, age_seconds=seen.age_seconds, words=seen.words))

    @needs("owner")
    @describes(answers=NetworkSaved, body=NewNetwork, refuses=_REFUSES)
    def add(self) -> HTTPResponse:
        """Saves a network, or another key for one that is saved."""
        wish = json_request(NewNetwork)
        added = self._ask(
            AddNetwork(
                ssid_hex=wish.checked(),
                key=wish.key,
                is_hidden=wish.is_hidden,
                address=wish.address,
                gateway=wish.gateway,
                is_first=wish.is_first,
            ),
            NetworkAdded,
        )
        return json_reply(NetworkSaved(id=added.id))

    @needs("owner")
    @describes(answers=NetworkDone, refuses=_REFUSES)
    def forget(self, network_id: str) -> HTTPResponse:
        """Forgets a network and its key."""
        return self._do(ForgetNetwork(id=check_id(network_id)))

    @needs("owner")
    @describes(answers=NetworkDone, body=NetworkOrder, refuses=_REFUSES)
    def order(self) -> HTTPResponse:
        """Says which saved network is preferred to which."""
        return self._do(OrderNetworks(ids=json_request(NetworkOrder).ids))

    @needs("driver")
    @describes(answers=TryStarted, body=NetworkTry, refuses=_REFUSES)
    def try_now(self) -> HTTPResponse:
        """Tries saved networks now; answered before the radio leaves what it is on, and with it perhaps this phone."""
        begins = self._ask(TryNetwork(id=json_request(NetworkTry).id), TryBegins)
        return json_reply(TryStarted(**msgspec.structs.asdict(begins)))

    @needs("owner")
    @describes(answers=OwnAccessPoint, refuses=_REFUSES)
    def access_point(self) -> HTTPResponse:
        """Name and key of the own access point."""
        own = self._ask(GetAccessPoint(), AccessPoint)
        return json_reply(OwnAccessPoint(ssid=own.ssid, key=own.key, address=own.address))

    @needs("owner")
    @describes(content=[_SVG], refuses=_REFUSES)
    def access_point_qr(self) -> HTTPResponse:
        """A picture that a phone's camera joins the own access point by; it holds the key."""
        return _picture_of(self._ask(GetAccessPoint(), AccessPoint).qr_text)

    @needs("viewer")
    @describes(content=[_SVG], query=PageQr)
    def page_qr(self) -> HTTPResponse:
        """A picture of an address of this page, to open it with another phone."""
        known = self._network().page_addresses
        wanted = asked_query(PageQr).address or known[0]
        if wanted not in known:
            raise BadRequest("address: this page is not there; /api/network has its addresses.")
        return _picture_of(wanted)

    @needs("owner")
    @describes(answers=NetworkDone, body=NewSharePassword, refuses=_REFUSES)
    def set_password(self) -> HTTPResponse:
        """Sets the password of the network drive and of FTP; whoever had the old one needs the new."""
        return self._do(SetSharePassword(password=json_request(NewSharePassword).checked()))

    def _network(self) -> Network:
        is_wanted, here = uses_network(self._settings()), _address_asked_at()
        try:
            status = ask(self._state, "network", GetNetworkStatus(), NetworkStatus, _STATUS_SECONDS)
        except LinkError:
            words = NO_NETWORK if is_wanted else _NOT_LOOKED_AFTER
            return Network(is_there=False, is_wanted=is_wanted, words=words, page_addresses=(here,))
        return Network(
            is_there=True,
            is_wanted=is_wanted,
            words="",
            wifi=status.wifi,
            saved=status.saved,
            shares=status.shares,
            host_name=status.host_name,
            page_addresses=tuple(dict.fromkeys((*status.page_addresses, here))),
            boot_file=status.boot_file,
            warnings=status.warnings,
        )

    def _do(self, message: Message) -> HTTPResponse:
        self._ask(message, Done)
        return json_reply(NetworkDone())

    def _ask(self, message: Message, reply: type[T], limit_seconds: float = _CHANGE_SECONDS) -> T:
        return ask(self._state, "network", message, reply, limit_seconds)


def _address_asked_at() -> str:
    """`http://192.168.1.50:8000/`: it has just worked for whoever asks."""
    scheme, host, *_ = request.urlparts
    return f"{scheme}://{host}/"


def _picture_of(text: str) -> HTTPResponse:
    """A QR code that nobody keeps."""
    content = svg_qr(text).encode()
    headers = {"Content-Type": _SVG, "Cache-Control": "no-store", "Content-Length": str(len(content))}
    return HTTPResponse(content, 200, headers)
