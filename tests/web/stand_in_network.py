"""A network program that answers real messages over a real link, without a radio."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import msgspec

from dashcam.errors import DashcamError
from dashcam.link import messages as m
from dashcam.link.server import LinkServer
from dashcam.system.qr import wifi_text
from tests.golden_network import NETWORK_MESSAGES

OWN = m.WifiStatus(
    state="access_point",
    words="No known network is in reach; this is the dashcam's own.",
    interface="wlan0",
    ssid="dashcam-7Q2F",
    address="10.41.0.1",
    stations=1,
    since_seconds=200.0,
    country="DE",
)
OWN_KEY = "k3v9-x2m7-p4ht"
PHONE = "Zoe’s iPhone"
LATIN = b"Caf\xe9 am Eck"
IN_REACH = (
    m.ScannedNetwork(ssid_hex=PHONE.encode().hex(), ssid=PHONE, signal_percent=88, security="wpa"),
    m.ScannedNetwork(
        ssid_hex="🚗 inside".encode().hex(), ssid="🚗 inside", signal_percent=61, security="wpa3", is_5_ghz=True
    ),
    m.ScannedNetwork(ssid_hex=LATIN.hex(), ssid=LATIN.decode("utf-8", "replace"), signal_percent=44, security="open"),
    m.ScannedNetwork(ssid_hex=b"OFFICE".hex(), ssid="OFFICE", signal_percent=23, security="enterprise"),
)
NOTHING = m.NetworkStatus(
    version="0.1.0", pid=4714, clock=m.SystemClock(can_set=True, is_synchronized=True, offset_seconds=0.0, sets=0)
)


class StandInNetwork:
    """Obeys the messages: what is saved, ordered and forgotten is so in its status. A try only begins."""

    def __init__(self, state: Path) -> None:
        self.asked: list[m.Message] = []
        self.failure: DashcamError | None = None
        self.seen = m.NetworksSeen(networks=IN_REACH, age_seconds=2.5)
        self.begins = m.TryBegins(leaves_in_seconds=3.0, back_within_seconds=30.0, words="It leaves in 3 s.")
        self.keys: dict[str, str] = {}
        self.password = ""
        self.status = msgspec.structs.replace(
            NOTHING,
            wifi=OWN,
            host_name="dashcam",
            page_addresses=("http://dashcam.local/", "http://10.41.0.1/"),
            shares=tuple(
                m.ShareStatus(kind=kind, is_wanted=False, is_running=False, has_password=False, user="dashcam")
                for kind in ("smb", "ftp")
            ),
        )
        self._count = 0
        self._guard = threading.Lock()
        self._link = LinkServer(state, "network", requests=m.NetworkRequest, answer=self._answer)

    def start(self) -> None:
        self._link.start()

    def close(self) -> None:
        self._link.close()

    def say(self, **changes: Any) -> None:
        """Changes the status."""
        self.status = msgspec.structs.replace(self.status, **changes)

    def be(self, **changes: Any) -> None:
        """Changes what Wi-Fi does."""
        self.say(wifi=msgspec.structs.replace(self.status.wifi, **changes))

    def save(self, ssid: str, key: str = "correct horse", **more: Any) -> str:
        """A network that is known already; its id."""
        return self._add(m.AddNetwork(ssid_hex=ssid.encode().hex(), key=key, is_first=False), **more)

    @property
    def orders(self) -> list[m.Message]:
        """What it was told to do, without mere questions."""
        return [one for one in self.asked if not isinstance(one, m.GetNetworkStatus | m.ScanNetworks)]

    def _answer(self, request: Any) -> m.Message:
        with self._guard:
            self.asked.append(request)
            if isinstance(request, m.GetNetworkStatus):
                return self.status
            if self.failure is not None:
                raise self.failure
            return self._obey(request)

    def _obey(self, request: Any) -> m.Message:
        match request:
            case m.SettingsChanged():
                return m.SettingsTaken(pending=())
            case m.ScanNetworks():
                return self.seen
            case m.AddNetwork():
                return m.NetworkAdded(id=self._add(request))
            case m.ForgetNetwork(id=gone):
                self.say(saved=tuple(one for one in self.status.saved if one.id != gone))
            case m.OrderNetworks(ids=ids):
                places = {network_id: place for place, network_id in enumerate(ids)}
                self.say(saved=tuple(sorted(self.status.saved, key=lambda one: places.get(one.id, len(ids)))))
            case m.TryNetwork():
                return self.begins
            case m.GetAccessPoint():
                ssid = OWN.ssid
                return m.AccessPoint(ssid=ssid, key=OWN_KEY, address=OWN.address, qr_text=wifi_text(ssid, OWN_KEY))
            case m.SetSharePassword(password=password):
                self.password = password
                self.say(shares=tuple(msgspec.structs.replace(one, has_password=True) for one in self.status.shares))
        return m.Done()

    def _add(self, wish: m.AddNetwork, **more: Any) -> str:
        known = next((one for one in self.status.saved if one.ssid_hex == wish.ssid_hex), None)
        if known is None:
            self._count += 1
        saved = m.SavedNetwork(
            id=known.id if known else f"5d1e7d1e-0000-4000-8000-{self._count:012d}",
            ssid_hex=wish.ssid_hex,
            ssid=bytes.fromhex(wish.ssid_hex).decode("utf-8", "replace"),
            is_hidden=wish.is_hidden,
            has_key=bool(wish.key),
            address=wish.address,
            gateway=wish.gateway,
            **more,
        )
        self.keys[saved.id] = wish.key
        others = tuple(one for one in self.status.saved if one.id != saved.id)
        self.say(saved=(saved, *others) if wish.is_first else (*others, saved))
        return saved.id


def golden_status() -> m.NetworkStatus:
    """The one of the golden messages, with all that there can be."""
    return next(one for one in NETWORK_MESSAGES if isinstance(one, m.NetworkStatus))
