"""The simulated radio behind the face of all: for a laptop, for trials, and for tests that let time fly."""

from __future__ import annotations

import threading
import time
import uuid as uuids
from collections.abc import Callable, Sequence
from dataclasses import replace

from dashcam.network.base import (
    ACTIVATED,
    NetworkTrouble,
    NewNetwork,
    OwnAccessPoint,
    Profile,
    RadioState,
    SeenAccessPoint,
    Station,
)
from dashcam.network.keys import shown
from dashcam.network.profile_settings import (
    HIGHEST_PRIORITY,
    LOWEST_PRIORITY,
    access_point_settings,
    check_network,
    likely_security,
)
from dashcam.network.simulated_radio import Known, SimulatedRadio
from dashcam.network.troubles import NO_RADIO, NOT_RUNNING, joining_trouble
from dashcam.system.appliance import ACCESS_POINT_ADDRESS

INTERFACE = "simulated"
_ACCESS_POINT_UUID = "da5cca00-0000-4000-8000-000000000001"
_ADDRESS = "172.20.10.2"  # the first that an iPhone hands out
_TURN_SECONDS = 0.5


class SimulatedWifi:
    """Does with a `SimulatedRadio` what `NmcliWifi` does with a real one."""

    def __init__(
        self,
        radio: SimulatedRadio | None = None,
        *,
        monotonic: Callable[[], float] = time.monotonic,
        wait: Callable[[float], object] | None = None,
    ) -> None:
        """`wait` lets the seconds pass that `monotonic` counts; by default both are the machine's.

        When it gives True, nobody waits any longer.
        """
        self.radio = radio or SimulatedRadio(monotonic)
        self._wait = wait or threading.Event().wait

    def look(self) -> RadioState:
        """See `Wifi`."""
        radio = self._radio_now()
        with radio.lock:
            if radio.health == "absent":
                return RadioState(country=radio.country)
            known, own = radio.known.get(radio.uuid), radio.own
            address = ""
            if radio.number == ACTIVATED:
                fixed = known.profile.address.partition("/")[0] if known is not None else ""
                address = ACCESS_POINT_ADDRESS if own is not None else fixed or _ADDRESS
            hotspot = radio.hotspots.get(known.profile.ssid) if known is not None else None
            return RadioState(
                interface=INTERFACE,
                number=radio.number,
                reason=radio.reason,
                uuid=radio.uuid,
                ssid=own.ssid if own is not None else known.profile.ssid if known is not None else b"",
                is_access_point=own is not None,
                address=address,
                signal_percent=hotspot.signal_percent if hotspot is not None and address else None,
                stations=tuple(Station(each, radio.now - at) for each, at in sorted(radio.stations.items())),
                country=radio.country,
            )

    def seen(self) -> tuple[SeenAccessPoint, ...]:
        """See `Wifi`."""
        radio = self._radio_now()
        with radio.lock:
            return radio.heard()

    def scan(self, hidden: Sequence[bytes] = ()) -> None:
        """See `Wifi`."""
        radio = self._radio_now(is_needed=True)
        with radio.lock:
            if not radio.can_scan:
                raise NetworkTrouble("not_ready", "the radio cannot look around now; try again")
            radio.scan(tuple(hidden))

    def profiles(self) -> tuple[Profile, ...]:
        """See `Wifi`."""
        radio = self._radio_now()
        with radio.lock:
            found = [known.profile for known in radio.known.values() if not known.profile.is_access_point]
        return tuple(sorted(found, key=lambda each: (-each.priority, each.name, each.uuid)))

    def save_profile(self, network: NewNetwork) -> str:
        """See `Wifi`."""
        radio = self._radio_now()
        with radio.lock:
            security = network.security or likely_security(network, radio.heard())
            check_network(network, security)
            ours = [each for each in self.profiles() if each.is_ours]
            old = next((each for each in ours if each.ssid == network.ssid), None)
            least = min((each.priority for each in ours), default=HIGHEST_PRIORITY + 1) - 1
            profile = Profile(
                uuid=old.uuid if old is not None else str(uuids.uuid4()),
                name=f"dashcam {shown(network.ssid)}",
                ssid=network.ssid,
                security=security,
                is_hidden=network.is_hidden,
                priority=old.priority if old is not None else max(least, LOWEST_PRIORITY),
                address=network.address,
                gateway=network.gateway,
            )
            radio.known[profile.uuid] = Known(profile, network.key)
            radio.unblock(profile.uuid)
            if least < LOWEST_PRIORITY:
                self.order([*(each.uuid for each in ours), profile.uuid])
        return profile.uuid

    def forget(self, uuid: str) -> None:
        """See `Wifi`."""
        radio = self._radio_now()
        with radio.lock:
            known = radio.known.get(uuid)
            if known is None:
                return
            if not known.profile.is_ours:
                raise NetworkTrouble("invalid", f"{known.profile.name} was not made by the dashcam")
            if radio.uuid == uuid:
                radio.end()
            del radio.known[uuid]

    def order(self, uuids: Sequence[str]) -> None:
        """See `Wifi`."""
        radio = self._radio_now()
        places = {uuid: place for place, uuid in enumerate(uuids)}
        with radio.lock:
            ours = [each for each in self.profiles() if each.is_ours]
            ours.sort(key=lambda each: places.get(each.uuid, len(places)))
            for place, profile in enumerate(ours):
                placed = replace(profile, priority=max(LOWEST_PRIORITY, HIGHEST_PRIORITY - place))
                radio.known[profile.uuid] = replace(radio.known[profile.uuid], profile=placed)

    def activate(self, uuid: str, limit_seconds: float) -> None:
        """See `Wifi`."""
        radio = self._radio_now()
        with radio.lock:
            known = radio.known.get(uuid)
        if known is None:
            raise NetworkTrouble("not_found", "this network is not saved any more; add it again")
        try:
            self._activate(uuid, None, limit_seconds)
        except NetworkTrouble as trouble:
            raise joining_trouble(trouble, known.profile) from None

    def activate_access_point(self, own: OwnAccessPoint, limit_seconds: float) -> None:
        """See `Wifi`."""
        access_point_settings(own, _ACCESS_POINT_UUID)  # complains of what cannot be
        radio = self._radio_now()
        with radio.lock:
            if radio.is_open and radio.own == own:
                return
        self._activate(_ACCESS_POINT_UUID, own, limit_seconds)

    def deactivate(self, limit_seconds: float) -> None:  # noqa: ARG002
        """See `Wifi`."""
        radio = self._radio_now()
        with radio.lock:
            if radio.uuid:
                radio.end()

    def cycle_radio(self) -> None:
        """See `Wifi`."""
        self._radio_now().cycle()

    def _radio_now(self, *, is_needed: bool = False) -> SimulatedRadio:
        """The radio as it is at this moment. Raises NetworkTrouble as the real one would."""
        with self.radio.lock:
            self.radio.advance()
            if not self.radio.is_service_running:
                raise NetworkTrouble("no_service", NOT_RUNNING)
            if is_needed and self.radio.health == "absent":
                raise NetworkTrouble("no_radio", NO_RADIO)
        return self.radio

    def _activate(self, uuid: str, own: OwnAccessPoint | None, limit_seconds: float) -> None:
        radio = self._radio_now(is_needed=True)
        with radio.lock:
            if not self.look().is_ready:
                raise NetworkTrouble("not_ready", "the radio is not ready yet; try again in a moment")
            attempt = radio.begin(uuid, own)
            until = radio.now + limit_seconds
        while True:
            radio = self._radio_now(is_needed=True)
            with radio.lock:
                if radio.attempt != attempt:
                    raise NetworkTrouble("unknown", "something else was begun meanwhile")
                if radio.outcome is not None:
                    raise NetworkTrouble(radio.outcome, radio.outcome)
                if radio.number == ACTIVATED:
                    return
                left = until - radio.now
            if left <= 0:
                raise NetworkTrouble("timeout", f"it was not done within {limit_seconds:g} s")
            if self._wait(min(left, _TURN_SECONDS)):
                raise NetworkTrouble("unknown", "it was ended, because the dashcam ends")
