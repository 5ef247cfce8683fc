"""Answers requests about Wi-Fi: called by the link's threads, several at a time; none of them waits for the mode."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from dashcam.errors import BadRequest, NetworkError
from dashcam.link.network_messages import (
    AccessPoint,
    AddNetwork,
    NetworkAdded,
    NetworksSeen,
    SavedNetwork,
    ScannedNetwork,
    TryBegins,
    WifiStatus,
)
from dashcam.network.base import NetworkTrouble, NewNetwork, Profile, SeenAccessPoint, Wifi
from dashcam.network.keys import check_address, check_key, check_ssid, shown
from dashcam.network.mode_state import KeyChanged, Known, TryAsked
from dashcam.network.mode_view import BACK_WITHIN_SECONDS, LEAVES_IN_SECONDS
from dashcam.network.wifi_duty import WifiDuty
from dashcam.system.appliance import ACCESS_POINT_ADDRESS
from dashcam.system.qr import wifi_text

_SCAN_SECONDS = 4.0
_LOOK_SECONDS = 0.3
_FRESH_SECONDS = 10.0
_LOWEST_5_GHZ_MHZ = 4900

_OFF = "Wi-Fi is left alone; switch on network.wifi first"
_DEAF = "The radio is the own access point and cannot look around meanwhile; this is what it saw last."


class WifiAnswers:
    """What the page and the command line ask of `duty`. With `stop` nobody waits on."""

    def __init__(self, duty: WifiDuty, stop: threading.Event) -> None:
        self._duty = duty
        self._stop = stop

    # ---- how it is

    def status(self) -> WifiStatus:
        """The radio and its role."""
        mode = self._duty.mode
        radio, order = mode.radio, mode.order
        if mode.phase == "off":
            return WifiStatus(words=mode.words)
        uuid = order.uuid if order is not None else ""
        ssid = next((profile.ssid for profile in mode.known or () if profile.uuid == uuid), b"")
        if mode.phase in ("access_point", "opening"):
            uuid, ssid = "", radio.ssid if radio.is_open else mode.own_ssid
        elif mode.phase in ("joined", "joining") and not ssid:
            uuid, ssid = radio.uuid, radio.ssid
        is_up = mode.phase in ("joined", "access_point")
        return WifiStatus(
            state=mode.phase,
            words=mode.words,
            interface=radio.interface,
            ssid=shown(ssid),
            network_id=uuid,
            signal_percent=radio.signal_percent if mode.phase == "joined" else None,
            address=(radio.address or (ACCESS_POINT_ADDRESS if radio.is_open else "")) if is_up else "",
            stations=(mode.guests or 0) if mode.phase == "access_point" else 0,
            since_seconds=max(0.0, self._duty.now - mode.since),
            country=radio.country,
        )

    def saved(self) -> tuple[SavedNetwork, ...]:
        """The known networks, the preferred one first."""
        mode = self._duty.mode
        if not mode.is_on:
            return ()
        return tuple(
            SavedNetwork(
                id=profile.uuid,
                ssid_hex=profile.ssid.hex(),
                ssid=shown(profile.ssid),
                is_hidden=profile.is_hidden,
                has_key=profile.has_key,
                address=profile.address,
                gateway=profile.gateway,
                words=mode.troubles[profile.uuid].words if profile.uuid in mode.troubles else "",
            )
            for profile in mode.known or ()
        )

    def access_point(self) -> AccessPoint:
        """With its key."""
        own = self._duty.own_access_point()
        ssid = shown(own.ssid)
        return AccessPoint(ssid=ssid, key=own.key, address=ACCESS_POINT_ADDRESS, qr_text=wifi_text(ssid, own.key))

    # ---- what is in reach

    def scan(self) -> NetworksSeen:
        """Takes up to four seconds. While the radio is deaf it is what was heard last."""
        with self._radio() as radio:
            words = self._look_around(radio)
            profiles = radio.profiles()
        seen, seen_at = self._duty.last_seen
        if seen_at is None:
            return NetworksSeen(networks=(), age_seconds=None, words=words)
        age_seconds = max(0.0, self._duty.now - seen_at)
        return NetworksSeen(networks=scanned(seen, profiles), age_seconds=age_seconds, words=words)

    def _look_around(self, radio: Wifi) -> str:
        """Why it could not, in words."""
        if radio.look().is_access_point:
            return _DEAF
        began = self._duty.now
        try:
            radio.scan(tuple(profile.ssid for profile in radio.profiles() if profile.is_hidden))
        except NetworkTrouble as trouble:
            if trouble.kind != "not_ready":
                raise
        while self._duty.now - began < _SCAN_SECONDS:
            seen = radio.seen()
            self._duty.note_seen(seen)
            if any(each.age_seconds < self._duty.now - began for each in seen) or self._stop.wait(_LOOK_SECONDS):
                break
        return ""

    # ---- changes

    def add(self, request: AddNetwork) -> NetworkAdded:
        """Known from now on; another key of a known one is tried at once."""
        network = NewNetwork(
            ssid=_ssid_of(request.ssid_hex),
            key=request.key,
            is_hidden=request.is_hidden,
            address=request.address,
            gateway=request.gateway,
        )
        with self._radio():
            return NetworkAdded(id=self.save(network, is_first=request.is_first))

    def save(self, network: NewNetwork, *, is_first: bool = False) -> str:
        """The same for whoever has the network as a value; gives its id. Raises NetworkTrouble."""
        radio = self._duty.radio
        if radio is None:
            raise NetworkTrouble("not_ready", _OFF)
        check_ssid(network.ssid)
        check_key(network.key)
        check_address(network.address, network.gateway)
        uuid = radio.save_profile(network)
        if is_first:
            radio.order([uuid, *(each.uuid for each in radio.profiles() if each.is_ours and each.uuid != uuid)])
        self._note_known(radio)
        self._duty.tell(KeyChanged(uuid))
        return uuid

    def known_ssids(self) -> frozenset[bytes]:
        """Of the saved networks. Raises NetworkTrouble."""
        radio = self._duty.radio
        if radio is None:
            raise NetworkTrouble("not_ready", _OFF)
        return frozenset(profile.ssid for profile in radio.profiles())

    def forget(self, uuid: str) -> None:
        """Known no more; one that is joined is left."""
        with self._radio() as radio:
            radio.forget(uuid)
            self._note_known(radio)

    def order(self, uuids: Sequence[str]) -> None:
        """The preferred one first. Profiles that somebody else has made may be named; they keep their place."""
        with self._radio() as radio:
            known = {profile.uuid for profile in radio.profiles() if profile.is_ours}
            ours = [uuid for uuid in uuids if uuid in known]
            if set(ours) != known or len(ours) != len(known):
                raise BadRequest("the order must name each saved network once; load the list again")
            radio.order(ours)
            self._note_known(radio)

    def try_now(self, uuid: str) -> TryBegins:
        """Says what will happen; it happens in some seconds."""
        mode = self._duty.mode
        with self._radio() as radio:
            if mode.phase in ("no_radio", "failed"):
                raise BadRequest(mode.words)
            known = radio.profiles()
            if not known:
                raise BadRequest("no network is saved; add one first")
            name = next((shown(profile.ssid) for profile in known if profile.uuid == uuid), "")
            if uuid and not name:
                raise BadRequest("this network is not saved any more; load the list again")
        self._duty.tell(TryAsked(uuid))
        own = shown(self._duty.own_access_point().ssid)
        words = (
            f"The dashcam leaves in {LEAVES_IN_SECONDS:g} seconds and looks for {name or 'its networks'}. Join the "
            f"same network and open the page there. If that fails, {own} is there again within a minute."
        )
        return TryBegins(leaves_in_seconds=LEAVES_IN_SECONDS, back_within_seconds=BACK_WITHIN_SECONDS, words=words)

    def _note_known(self, radio: Wifi) -> None:
        """What was changed counts for what is asked next, before anybody has looked at the profiles again."""
        self._duty.tell(Known(radio.profiles()))
        self._duty.look_soon()

    @contextmanager
    def _radio(self) -> Iterator[Wifi]:
        """The radio, while it is looked after; its troubles as what crosses the link."""
        radio = self._duty.radio
        if radio is None:
            raise BadRequest(_OFF)
        try:
            yield radio
        except NetworkTrouble as trouble:
            is_askers = trouble.kind in ("invalid", "not_found", "no_radio", "no_service")
            raise (BadRequest if is_askers else NetworkError)(str(trouble)) from trouble


def scanned(seen: Sequence[SeenAccessPoint], profiles: Sequence[Profile]) -> tuple[ScannedNetwork, ...]:
    """A network once, by its strongest access point; the strongest first. What is long gone is left out."""
    ids = {profile.ssid: profile.uuid for profile in reversed(profiles)}
    freshest = min((each.age_seconds for each in seen), default=0.0)
    strongest: dict[bytes, SeenAccessPoint] = {}
    for each in seen:
        known = strongest.get(each.ssid)
        is_fresh = each.age_seconds - freshest < _FRESH_SECONDS
        if each.ssid and is_fresh and (known is None or known.signal_percent < each.signal_percent):
            strongest[each.ssid] = each
    return tuple(
        ScannedNetwork(
            ssid_hex=each.ssid.hex(),
            ssid=shown(each.ssid),
            signal_percent=each.signal_percent,
            security=each.security,
            is_5_ghz=each.frequency_mhz >= _LOWEST_5_GHZ_MHZ,
            network_id=ids.get(each.ssid, ""),
        )
        for each in sorted(strongest.values(), key=lambda each: -each.signal_percent)
    )


def _ssid_of(text: str) -> bytes:
    try:
        return bytes.fromhex(text)
    except ValueError as error:
        raise BadRequest("ssid_hex: write the name's bytes as hexadecimal digits") from error
