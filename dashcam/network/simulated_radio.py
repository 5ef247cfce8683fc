"""A radio that is none, and what is on the air around it: it obeys the rules of NetworkManager, by anybody's clock.

Nothing happens in a thread: whenever somebody looks, all that was due since the last look happens, in its order.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Literal

from dashcam.link.network_messages import WifiSecurity
from dashcam.network.base import (
    ACTIVATED,
    DISCONNECTED,
    UNAVAILABLE,
    OwnAccessPoint,
    Profile,
    SeenAccessPoint,
    TroubleKind,
)

# As measured on NetworkManager 1.42, or set in the profiles.
SCAN_SECONDS = 3.0
JOIN_SECONDS = 5.0
OPEN_SECONDS = 3.0
WRONG_KEY_SECONDS = 13.0
NOT_FOUND_SECONDS = 20.0
NO_ADDRESS_SECONDS = 25.0
LOST_SECONDS = 20.0
"""Beacons are missed for some seconds, then NetworkManager believes for 15 more that the network comes back."""
OWN_SCAN_SECONDS = 20.0
"""It looks around by itself so often while it has nothing to do."""
KEPT_SECONDS = 180.0
"""What has gone stays in the list for so long."""
CYCLE_SECONDS = 2.0
_CONFIGURING = 50  # NMDeviceState
_NO_REASON = 0
_REASONS: dict[TroubleKind, int] = {"wrong_key": 7, "not_found": 53, "no_address": 5, "refused": 8}

Health = Literal["well", "stuck", "absent"]
"""stuck: it hears nothing and joins nothing, and nothing ever ends."""
Cure = Literal["cycle", "reload", "none"]


@dataclass(slots=True)
class Hotspot:
    """A phone's hotspot or a router. Its owner may change everything at any time."""

    ssid: bytes
    key: str = field(default="", repr=False)
    security: WifiSecurity = "wpa"
    is_hidden: bool = False
    is_on: bool = True
    gives_addresses: bool = True
    signal_percent: int = 80
    number: int = 0
    """Made into its radio's address; given when it is added."""
    off_since: float = -math.inf

    @property
    def address(self) -> str:
        """BSSID"""
        return f"02:00:00:00:00:{self.number:02x}"


@dataclass(frozen=True, slots=True)
class Known:
    """A profile with its key."""

    profile: Profile
    key: str = field(default="", repr=False)


class SimulatedRadio:
    """The radio, the profiles, and the air. Guarded by one lock, which is held for lines."""

    def __init__(self, monotonic: Callable[[], float], ready_after_seconds: float = 0.0) -> None:
        self._monotonic = monotonic
        self.lock = threading.RLock()
        self.known: dict[str, Known] = {}
        self.hotspots: dict[bytes, Hotspot] = {}
        self.stations: dict[str, float] = {}  # on the own access point, and when they were last heard
        self.health: Health = "well"
        self.cure: Cure = "cycle"
        self.is_service_running = True
        self.country = ""
        self.number, self.reason = UNAVAILABLE, _NO_REASON
        self.uuid = ""
        self.own: OwnAccessPoint | None = None  # while it is, or becomes, the access point
        self.attempt = 0  # counts what was begun
        self.outcome: TroubleKind | None = None  # of the last attempt that failed
        self._heard: dict[str, tuple[SeenAccessPoint, float]] = {}
        self._blocked: set[str] = set()  # not joined by themselves until somebody asks for it
        self._now = monotonic()
        self._due = self._now + ready_after_seconds  # of what it does
        self._fails_by: TroubleKind | None = None  # decided, but not yet told
        self._scan_due = math.inf
        self._scan_for: tuple[bytes, ...] = ()
        self._own_scan_due = math.inf

    # ---- the air

    def add(self, hotspot: Hotspot) -> Hotspot:
        """Puts a hotspot on the air, or into the pocket if it is not on."""
        with self.lock:
            self.advance()
            hotspot.number = len(self.hotspots) + 1
            self.hotspots[hotspot.ssid] = hotspot
            return hotspot

    def switch(self, ssid: bytes, *, is_on: bool) -> None:
        """Its owner switches it on, or off, or leaves with it."""
        with self.lock:
            self.advance()
            hotspot = self.hotspots[ssid]
            if hotspot.is_on and not is_on:
                hotspot.off_since = self._now
            hotspot.is_on = is_on

    def station(self, address: str, *, is_on: bool = True) -> None:
        """Somebody joins the own access point, is heard again, or leaves; nothing happens while it is not open."""
        with self.lock:
            self.advance()
            if not is_on:
                self.stations.pop(address, None)
            elif self.is_open:
                self.stations[address] = self._now

    def become(self, health: Health, cure: Cure = "cycle") -> None:
        """The radio breaks, in its own way, or is well again."""
        with self.lock:
            self.advance()
            was, self.health, self.cure = self.health, health, cure
            if health == "stuck" and self.number > DISCONNECTED:
                self._idle(_REASONS["refused"])
            elif health == "absent" or was == "absent" or (was == "stuck" and self.number != DISCONNECTED):
                self._unavailable_for(CYCLE_SECONDS)
            elif was == "stuck":
                self._idle(_NO_REASON)

    def reload(self) -> None:
        """Its driver is loaded anew."""
        with self.lock:
            self.advance()
            self._restart(cures=("cycle", "reload"))

    def cycle(self) -> None:
        """It is switched off and on."""
        with self.lock:
            self.advance()
            self._restart(cures=("cycle",))

    # ---- the radio

    @property
    def is_open(self) -> bool:
        """It is the access point, and can be joined."""
        return self.own is not None and self.number == ACTIVATED

    @property
    def joined(self) -> Known | None:
        """The network that it is on."""
        return self.known.get(self.uuid) if self.number == ACTIVATED and self.own is None else None

    @property
    def now(self) -> float:
        """The moment up to which everything has happened."""
        return self._now

    @property
    def can_scan(self) -> bool:
        """Neither an access point, nor on its way to something, nor looking around already."""
        return self.number in (DISCONNECTED, ACTIVATED) and self.own is None and self._scan_due == math.inf

    def scan(self, hidden: tuple[bytes, ...] = ()) -> None:
        """Begins to look around."""
        self._scan_due, self._scan_for = self._now + SCAN_SECONDS, hidden

    def begin(self, uuid: str, own: OwnAccessPoint | None = None) -> int:
        """Leaves what it is on, for a network or the own access point; gives the number of this attempt."""
        self._leave()
        self.attempt += 1
        self.outcome = self._fails_by = None
        self.number, self.reason, self.uuid, self.own = _CONFIGURING, _NO_REASON, uuid, own
        self._blocked.discard(uuid)
        self._due = self._now + (JOIN_SECONDS if own is None else OPEN_SECONDS)
        return self.attempt

    def end(self) -> None:
        """Leaves what it is on; that is then not joined again by itself."""
        if self.own is None:
            self._blocked.add(self.uuid)
        self._idle(_NO_REASON)

    def unblock(self, uuid: str) -> None:
        """It has another key now."""
        self._blocked.discard(uuid)

    def heard(self) -> tuple[SeenAccessPoint, ...]:
        """The list, with what has gone."""
        return tuple(replace(each, age_seconds=self._now - at) for each, at in self._heard.values())

    def advance(self) -> None:
        """Lets happen what was due."""
        until = max(self._monotonic(), self._now)
        while (due := min(self._due, self._scan_due, self._own_scan_due, self._lost_due())) <= until:
            self._now = max(due, self._now)
            self._happen(due)
        self._now = until
        self._heard = {name: each for name, each in self._heard.items() if until - each[1] < KEPT_SECONDS}
        if (known := self.joined) and (hotspot := self.hotspots.get(known.profile.ssid)) and hotspot.is_on:
            self._hear(hotspot, hotspot.ssid)

    def _happen(self, due: float) -> None:
        if due == self._lost_due():
            self._idle(_REASONS["refused"])
        elif due == self._due:
            self._due = math.inf
            self._end_of_attempt()
        elif due == self._scan_due:
            self._scan_due = math.inf
            self._end_of_scan()
        else:
            self._own_scan_due = self._now + OWN_SCAN_SECONDS
            if self.can_scan:
                self.scan()

    def _lost_due(self) -> float:
        """When the network that it is on counts as gone."""
        known = self.joined
        if known is None:
            return math.inf
        hotspot = self.hotspots.get(known.profile.ssid)
        if hotspot is None or hotspot.is_on:
            return math.inf
        return max(hotspot.off_since + LOST_SECONDS, self._now)

    def _end_of_attempt(self) -> None:
        if self.health != "well":
            return  # nothing ever ends
        if self.number == UNAVAILABLE:
            self._idle(_NO_REASON)
        elif self.own is not None:
            self.number = ACTIVATED
        elif self._fails_by == "not_found" and self._is_on(self.uuid):
            self._fails_by, self._due = None, self._now + JOIN_SECONDS
        elif self._fails_by is not None:
            self.outcome = self._fails_by
            if self.outcome == "wrong_key":
                self._blocked.add(self.uuid)
            self._idle(_REASONS[self.outcome])
        else:
            self._decide()

    def _decide(self) -> None:
        """Joins, or knows why not, which is told later."""
        known = self.known.get(self.uuid)
        hotspot = self.hotspots.get(known.profile.ssid) if known is not None else None
        if known is None or hotspot is None or not hotspot.is_on:
            self._fail_after(NOT_FOUND_SECONDS, "not_found")
        elif hotspot.security != "open" and hotspot.key != known.key:
            self._fail_after(WRONG_KEY_SECONDS, "wrong_key")
        elif known.profile.security == "open" and hotspot.security != "open":
            self._fail_after(WRONG_KEY_SECONDS, "refused")
        elif not hotspot.gives_addresses and not known.profile.address:
            self._fail_after(NO_ADDRESS_SECONDS, "no_address")
        else:
            self.number = ACTIVATED

    def _fail_after(self, seconds: float, kind: TroubleKind) -> None:
        self._fails_by, self._due = kind, self._now + seconds - JOIN_SECONDS

    def _end_of_scan(self) -> None:
        if self.health != "well":
            return
        asked = {*self._scan_for, *(each.profile.ssid for each in self.known.values() if each.profile.is_hidden)}
        for hotspot in self.hotspots.values():
            if hotspot.is_on:
                self._hear(hotspot, hotspot.ssid if not hotspot.is_hidden or hotspot.ssid in asked else b"")
        if self.number == DISCONNECTED:
            self._join_by_itself()

    def _join_by_itself(self) -> None:
        here = {each.ssid for each, at in self._heard.values() if at == self._now}
        for known in sorted(self.known.values(), key=lambda each: -each.profile.priority):
            profile = known.profile
            if profile.joins_by_itself and profile.ssid in here and profile.uuid not in self._blocked:
                self.begin(profile.uuid)
                return

    def _hear(self, hotspot: Hotspot, ssid: bytes) -> None:
        heard = SeenAccessPoint(ssid, hotspot.address, hotspot.signal_percent, hotspot.security, 2437, 0.0)
        self._heard[hotspot.address] = (heard, self._now)

    def _is_on(self, uuid: str) -> bool:
        known = self.known.get(uuid)
        hotspot = self.hotspots.get(known.profile.ssid) if known is not None else None
        return hotspot is not None and hotspot.is_on

    def _leave(self) -> None:
        self.stations.clear()
        self.uuid, self.own = "", None
        self._due = self._scan_due = self._own_scan_due = math.inf

    def _idle(self, reason: int) -> None:
        """It has nothing to do, and looks around for that."""
        self._leave()
        self.number, self.reason = DISCONNECTED, reason
        self._own_scan_due = self._now + OWN_SCAN_SECONDS
        self.scan()

    def _unavailable_for(self, seconds: float) -> None:
        self._leave()
        self._heard.clear()
        self.number, self.reason, self._due = UNAVAILABLE, _NO_REASON, self._now + seconds

    def _restart(self, cures: tuple[Cure, ...]) -> None:
        if self.health == "stuck" and self.cure in cures:
            self.health = "well"
        if self.health != "absent":
            self._unavailable_for(CYCLE_SECONDS)
