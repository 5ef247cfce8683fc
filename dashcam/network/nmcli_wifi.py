"""The real radio: NetworkManager, by the package `nmcli` where no secret is involved, else over D-Bus."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from dashcam.link.network_messages import WifiSecurity
from dashcam.network.base import (
    ACTIVATED,
    DEACTIVATING,
    PREPARE,
    NetworkTrouble,
    NewNetwork,
    OwnAccessPoint,
    Profile,
    RadioState,
    SeenAccessPoint,
    TroubleKind,
)
from dashcam.network.keys import shown
from dashcam.network.manager_bus import ManagerBus, SavedSettings, Session
from dashcam.network.nmcli_command import Nmcli
from dashcam.network.profile_settings import (
    HIGHEST_PRIORITY,
    LOWEST_PRIORITY,
    Settings,
    access_point_settings,
    check_network,
    has_same_access_point,
    is_own_access_point,
    likely_security,
    network_settings,
    new_access_point_uuid,
    new_network_uuid,
    profile_of,
    value_of,
)
from dashcam.network.stations import Iw
from dashcam.network.troubles import NO_RADIO, joining_trouble, opening_trouble

log = logging.getLogger(__name__)

_RFKILL = Path("/sys/class/rfkill")
# The country seldom changes, and to ask for it takes a program.
_COUNTRY_SECONDS = 60.0
# NMDeviceStateReason, for when nmcli says nothing of use
_REASONS: dict[int, TroubleKind] = {5: "no_address", 6: "no_address", 7: "wrong_key", 15: "no_address"}
_REASONS |= {16: "no_address", 17: "no_address", 8: "refused", 9: "refused", 10: "refused", 11: "refused"}
_REASONS |= {53: "not_found"}


class NmcliWifi:
    """A radio that NetworkManager looks after. Nothing is kept but the country, so any thread may call."""

    def __init__(
        self,
        interface: str = "",
        *,
        nmcli: Nmcli | None = None,
        bus: ManagerBus | None = None,
        iw: Iw | None = None,
        stop: threading.Event | None = None,
        rfkill: Path = _RFKILL,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """`interface`: such as wlan0; empty: the first there is. With `stop` set nobody waits any more."""
        self._interface = interface
        self._nmcli = nmcli or Nmcli(stop)
        self._bus = bus or ManagerBus()
        self._iw = iw or Iw(stop)
        self._rfkill = rfkill
        self._monotonic = monotonic
        self._country: tuple[float, str] | None = None  # when it was asked for; replaced as a whole

    def look(self) -> RadioState:
        """See `Wifi`."""
        with self._bus.session() as session:
            manager = session.manager()
            device = session.device(self._interface, manager)
            is_enabled = bool(manager.get("WirelessEnabled", True))
            is_blocked = _is_blocked(self._rfkill) or not manager.get("WirelessHardwareEnabled", True)
            if device is None:
                return RadioState(country=self._country_now(), is_enabled=is_enabled, is_blocked=is_blocked)
            activity = session.activity(device)
        is_access_point = value_of(activity.settings, "802-11-wireless", "mode", "") == "ap"
        is_open = is_access_point and device.number == ACTIVATED
        return RadioState(
            interface=device.interface,
            number=device.number,
            reason=device.reason,
            uuid=activity.uuid,
            ssid=bytes(value_of(activity.settings, "802-11-wireless", "ssid", b"")),
            is_access_point=is_access_point,
            address=activity.address,
            signal_percent=None if is_access_point else activity.signal_percent,
            stations=self._iw.stations(device.interface) if is_open else (),
            country=self._country_now(),
            is_enabled=is_enabled,
            is_blocked=is_blocked,
        )

    def seen(self) -> tuple[SeenAccessPoint, ...]:
        """See `Wifi`."""
        with self._bus.session() as session:
            device = session.device(self._interface, session.manager())
            return () if device is None else session.heard(device)

    def scan(self, hidden: Sequence[bytes] = ()) -> None:
        """See `Wifi`."""
        with self._bus.radio(self._interface) as (session, device):
            session.request_scan(device, tuple(hidden))

    def profiles(self) -> tuple[Profile, ...]:
        """See `Wifi`."""
        with self._bus.session() as session:
            return tuple(profile for _, profile in _networks(session))

    def save_profile(self, network: NewNetwork) -> str:
        """See `Wifi`."""
        security = network.security or self._security_of(network)
        check_network(network, security)
        with self._bus.session() as session:
            known = [(saved, profile) for saved, profile in _networks(session) if profile.is_ours]
            for saved, profile in known:
                if profile.ssid == network.ssid:
                    made = network_settings(network, security, profile.uuid, profile.priority, self._interface)
                    session.replace(saved.path, made)
                    log.info("the network %s has changed", shown(network.ssid))
                    return profile.uuid
            new = new_network_uuid()
            least = min((profile.priority for _, profile in known), default=HIGHEST_PRIORITY + 1) - 1
            session.add(network_settings(network, security, new, max(least, LOWEST_PRIORITY), self._interface))
        log.info("the network %s is known now", shown(network.ssid))
        if least < LOWEST_PRIORITY:
            self.order([*(profile.uuid for _, profile in known), new])
        return new

    def forget(self, uuid: str) -> None:
        """See `Wifi`."""
        for profile in self.profiles():
            if profile.uuid == uuid:
                if not profile.is_ours:
                    raise NetworkTrouble(
                        "invalid",
                        f"{profile.name} was not made by the dashcam; remove it with: nmcli connection delete {uuid}",
                    )
                self._nmcli.delete(uuid)
                log.info("the network %s is forgotten", shown(profile.ssid))

    def order(self, uuids: Sequence[str]) -> None:
        """See `Wifi`. It also ties them to the radio that is looked after."""
        places = {uuid: place for place, uuid in enumerate(uuids)}
        with self._bus.session() as session:
            ours = [(saved, profile) for saved, profile in _networks(session) if profile.is_ours]
            ours.sort(key=lambda each: places.get(each[1].uuid, len(places)))  # stable: the rest stays as it was
            for place, (saved, profile) in enumerate(ours):
                priority = max(LOWEST_PRIORITY, HIGHEST_PRIORITY - place)
                tied_to = value_of(saved.settings, "connection", "interface-name", "")
                if profile.priority != priority or tied_to != self._interface:
                    # Not `nmcli connection modify`: that reads the key to write it back, and has lost it.
                    session.replace(saved.path, self._placed(saved.settings, priority))

    def activate(self, uuid: str, limit_seconds: float) -> None:
        """See `Wifi`."""
        profile = next((each for each in self.profiles() if each.uuid == uuid), None)
        if profile is None:
            raise NetworkTrouble("not_found", "this network is not saved any more; add it again")
        self._require_radio()
        log.info("joins %s", shown(profile.ssid))
        try:
            self._nmcli.up(uuid, limit_seconds)
        except NetworkTrouble as trouble:
            told = joining_trouble(self._explained(trouble), profile)
            log.info("did not join: %s", told)
            raise told from trouble

    def activate_access_point(self, own: OwnAccessPoint, limit_seconds: float) -> None:
        """See `Wifi`."""
        state = self._require_radio()
        uuid, has_changed = self._own_profile(own)
        if state.is_open and state.uuid == uuid and not has_changed:
            return
        log.info("opens the own access point %s", shown(own.ssid))
        try:
            self._nmcli.up(uuid, limit_seconds)
        except NetworkTrouble as trouble:
            told = opening_trouble(self._explained(trouble))
            log.warning("%s", told)
            raise told from trouble

    def deactivate(self, limit_seconds: float) -> None:
        """See `Wifi`."""
        state = self.look()
        if not state.uuid or not PREPARE <= state.number < DEACTIVATING:
            return
        try:
            self._nmcli.down(state.uuid, limit_seconds)
        except NetworkTrouble as trouble:
            if trouble.kind not in ("not_found", "not_ready"):  # it has ended by itself meanwhile
                raise

    def cycle_radio(self) -> None:
        """See `Wifi`."""
        try:
            self._nmcli.switch_radio(is_on=False)
        finally:
            # NetworkManager remembers: what is left off here is off for good.
            self._nmcli.switch_radio(is_on=True)

    def _country_now(self) -> str:
        now = self._monotonic()
        if self._country is None or now - self._country[0] >= _COUNTRY_SECONDS:
            self._country = (now, self._iw.country())
        return self._country[1]

    def _security_of(self, network: NewNetwork) -> WifiSecurity:
        with suppress(NetworkTrouble):
            return likely_security(network, self.seen())
        return likely_security(network, ())

    def _require_radio(self) -> RadioState:
        """Raises NetworkTrouble when there is nothing that could be activated; it says what there is."""
        state = self.look()
        if not state.interface:
            listed = [f"{each.interface} ({each.kind}, {each.state})" for each in self._nmcli.devices()]
            raise NetworkTrouble("no_radio", f"{NO_RADIO}. NetworkManager has {', '.join(listed) or 'no device'}")
        if state.is_blocked:
            raise NetworkTrouble("not_ready", "the radio is blocked; set the country, or use its switch if it has one")
        if not state.is_enabled:
            raise NetworkTrouble("not_ready", "the radio is switched off; switch it on with: nmcli radio wifi on")
        if not state.is_ready:
            raise NetworkTrouble("not_ready", f"the radio {state.interface} is not ready yet; try again in a moment")
        return state

    def _explained(self, trouble: NetworkTrouble) -> NetworkTrouble:
        """The reason that the device gives, when nmcli has none."""
        if trouble.kind != "unknown":
            return trouble
        with suppress(NetworkTrouble):
            return NetworkTrouble(_REASONS.get(self.look().reason, "unknown"), trouble.detail)
        return trouble

    def _placed(self, settings: Settings, priority: int) -> Settings:
        """The same profile with another priority, tied to the radio that is looked after."""
        connection = dict(settings["connection"]) | {"autoconnect-priority": ("i", priority)}
        connection.pop("interface-name", None)
        if self._interface:
            connection["interface-name"] = ("s", self._interface)
        return {**settings, "connection": connection}

    def _own_profile(self, own: OwnAccessPoint) -> tuple[str, bool]:
        """The UUID of the own access point's profile, and whether it had to be made or changed."""
        with self._bus.session() as session:
            for saved in session.saved():
                if is_own_access_point(saved.settings):
                    uuid = str(value_of(saved.settings, "connection", "uuid", ""))
                    wanted = access_point_settings(own, uuid, self._interface)
                    is_same = has_same_access_point(saved.settings, wanted) and session.key_of(saved.path) == own.key
                    if not is_same:
                        session.replace(saved.path, wanted)
                    return uuid, not is_same
            uuid = new_access_point_uuid()
            session.add(access_point_settings(own, uuid, self._interface))
            return uuid, True


def _networks(session: Session) -> list[tuple[SavedSettings, Profile]]:
    """Every network that could be joined, the preferred one first."""
    read = ((saved, profile_of(saved.settings)) for saved in session.saved())
    found = [(saved, profile) for saved, profile in read if profile is not None and not profile.is_access_point]
    return sorted(found, key=lambda each: (-each[1].priority, each[1].name, each[1].uuid))


def _is_blocked(rfkill: Path) -> bool:
    """By the switches of the kernel, of which a Wi-Fi radio has one; a machine without them blocks nothing."""
    for switch in rfkill.glob("*"):
        with suppress(OSError):
            if (switch / "type").read_text().strip() == "wlan":
                return any((switch / name).read_text().strip() == "1" for name in ("soft", "hard"))
    return False
