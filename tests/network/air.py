"""A radio, phones and guests in simulated time, with the delays of real ones, for the network mode to live among.

NetworkManager is in it as it was measured: it joins by itself, believes a lost network for 15 s, and joins again when
that comes back meanwhile. Everything random comes from `draw`.
"""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from dashcam.network.base import ACTIVATED, DISCONNECTED, PREPARE, UNAVAILABLE, Profile, RadioState, Station
from dashcam.network.mode import step
from dashcam.network.mode_state import Answered, Event, Heard, Known, Looked, Mode, Order, Scan, Told, TryAsked

OWN = b"dashcam-7K2M"
BELIEVES_SECONDS = 15.0
Doing = Literal["idle", "joining", "joined", "opening", "open", "down"]
Draw = Callable[[float, float], float]


@dataclass
class Phone:
    """A phone's hotspot, or a network at home."""

    uuid: str
    is_there: bool = False
    has_right_key: bool = True
    hangs: bool = False
    """Lets nobody in and says nothing."""
    since: float = 0.0
    """It is there, or can be joined again."""
    missed: bool = False
    """By the last scan; never by two in a row."""

    @property
    def ssid(self) -> bytes:
        return self.uuid.encode()

    @property
    def can_be_joined(self) -> bool:
        return self.is_there and self.has_right_key and not self.hangs


@dataclass
class Air:
    """All of it, with the mode under test inside."""

    phones: dict[str, Phone]
    draw: Draw
    now: float = 0.0
    mode: Mode = field(default_factory=Mode)
    doing: Doing = "idle"
    uuid: str = ""
    is_linked: bool = True
    guests: int = 0
    joins_by_itself: bool = True
    blocked: set[str] = field(default_factory=set)
    heard: dict[bytes, Heard] = field(default_factory=dict)
    open_failures: int = 0
    """So many openings are still to fail."""
    cure: str = ""
    """The radio is dead until this order; empty: it works."""
    loses_answer: bool = False
    """The answer to the next order comes only after it was given up."""
    down_since: float | None = None
    """Neither on a network nor an access point: the figure that counts."""
    fault_at: float = 0.0
    failed_join_at: float = 0.0
    dropped_guests: int = 0
    is_trying: bool = False
    """Whoever is on the access point has asked for it to be left."""
    reports: list[Callable[[], None]] = field(default_factory=list)
    log: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._events: list[tuple[float, int, Callable[[], None]]] = []
        self._numbers = itertools.count()
        self._turn = 0  # of the radio: what was begun in another one has no effect
        self._is_scanning = False
        self._watch()
        self.at(0.2, self._look_every_second)

    # ---- time

    def at(self, delay: float, do: Callable[[], None]) -> None:
        heapq.heappush(self._events, (self.now + delay, next(self._numbers), do))

    def advance(self, seconds: float) -> None:
        until = self.now + seconds
        while self._events and self._events[0][0] <= until:
            self.now, _, do = heapq.heappop(self._events)
            do()
            self._watch()
        self.now = until
        self._watch()

    def _watch(self) -> None:
        is_up = self.doing == "open" or (self.doing == "joined" and self.phones[self.uuid].is_there and self.is_linked)
        if is_up or self.doing == "down":
            self.down_since = None
        elif self.down_since is None:
            self.down_since = self.now
        for report in self.reports:
            report()

    # ---- the mode under test

    def tell(self, event: Event) -> None:
        self.mode, actions = step(self.mode, event, self.now)
        for action in actions:
            if isinstance(action, Scan):
                self._scan()
            else:
                self._begin(action)

    def switch(self, *, is_on: bool) -> None:
        self.tell(Told(is_on, OWN))
        self.fault_at = self.now

    def know(self, hidden: tuple[str, ...] = ()) -> None:
        profiles = [
            Profile(uuid, uuid, phone.ssid, priority=100 - place, is_hidden=uuid in hidden)
            for place, (uuid, phone) in enumerate(self.phones.items())
        ]
        self.tell(Known(tuple(profiles)))

    def ask_try(self, uuid: str = "") -> None:
        self.tell(TryAsked(uuid))

    def _look_every_second(self) -> None:
        self.look()
        self.at(1.0, self._look_every_second)

    def look(self) -> None:
        seen = Looked(self.now, self._radio(), dict(self.heard), is_linked=self.is_linked)
        self.at(self.draw(0.02, 0.4), lambda: self.tell(seen))

    def _radio(self) -> RadioState:
        numbers = {"joining": PREPARE, "opening": PREPARE, "joined": ACTIVATED, "open": ACTIVATED, "down": UNAVAILABLE}
        stations = tuple(Station(f"00:00:00:00:00:{number:02x}", 1.0) for number in range(self.guests))
        return RadioState(
            interface="wlan0",
            number=numbers.get(self.doing, DISCONNECTED),
            uuid=self.uuid,
            ssid=OWN if self.doing in ("open", "opening") else self.uuid.encode(),
            is_access_point=self.doing in ("open", "opening"),
            stations=stations,
        )

    # ---- what the radio does

    def _become(self, doing: Doing, uuid: str = "") -> None:
        if self.doing == "open" and doing != "open" and self.guests:
            self.dropped_guests += 0 if self.is_trying else 1
            self.guests = 0
        if doing != self.doing or uuid != self.uuid:
            self._turn += 1
        self.doing, self.uuid, self.is_linked = doing, uuid, True
        self.log.append(f"{self.now:7.1f} {doing} {uuid}")
        if doing == "idle":
            self.at(0.3, self._scan)

    def _scan(self) -> None:
        """The networks that are there are heard at its end, but for one that is missed now and then."""
        if self._is_scanning or self.doing in ("open", "opening", "down"):
            return
        self._is_scanning = True
        self.at(self.draw(2.0, 3.4), self._scanned)

    def _scanned(self) -> None:
        self._is_scanning = False
        if self.doing in ("open", "opening", "down"):
            return
        for phone in self.phones.values():
            phone.missed = not phone.missed and self.draw(0, 1) > 0.8
            if phone.is_there and not phone.missed:
                self.heard[phone.ssid] = Heard(self.now, 60)
        if self.doing == "idle" and self.joins_by_itself and not self.cure:
            self._join_by_itself()

    def _join_by_itself(self) -> None:
        for phone in self.phones.values():
            heard = self.heard.get(phone.ssid)
            if phone.uuid not in self.blocked and heard is not None and self.now - heard.at < 1:
                self._join(phone.uuid, 20.0, lambda _trouble: None)
                return

    def _join(self, uuid: str, limit: float, done: Callable[[str], None]) -> None:
        phone = self.phones[uuid]
        self._become("joining", uuid)
        turn = self._turn

        def end() -> None:
            if turn != self._turn:
                return done("timeout")
            if not self.cure and phone.can_be_joined and takes <= limit:
                self._become("joined", uuid)
                return done("")
            self._become("idle")
            self.failed_join_at = self.now
            if not phone.is_there:
                return done("not_found")
            if not phone.has_right_key:
                self.blocked.add(uuid)
                return done("wrong_key")
            return done("timeout")

        takes = self.draw(3.0, 10.0) if phone.has_right_key else self.draw(5.0, 13.8)
        self.at(min(limit, takes) if phone.is_there and not phone.hangs and not self.cure else limit, end)

    def _begin(self, order: Order) -> None:
        is_late, self.loses_answer = self.loses_answer, False
        if is_late:
            self.fault_at = self.now + order.limit_seconds + 15

        def done(trouble: str) -> None:
            answer = Answered(order.epoch, trouble or None, "as it is")  # type: ignore[arg-type]
            if trouble and order.kind in ("open", "leave"):
                self.fault_at = max(self.fault_at, self.now)
            self.at(order.limit_seconds + 12 if is_late else 0.01, lambda: self.tell(answer))
            self.at(0.05, self.look)

        match order.kind:
            case "join":
                self.blocked.discard(order.uuid)
                self._join(order.uuid, order.limit_seconds, done)
            case "open":
                self._open(order, done)
            case "leave":
                self.at(self.draw(0.1, 1.5), lambda: self._leave(order, done))
            case _:
                self._help(order, done)

    def _open(self, order: Order, done: Callable[[str], None]) -> None:
        self._become("opening")
        turn, fails = self._turn, bool(self.cure) or self.open_failures > 0
        self.open_failures = max(0, self.open_failures - 1)

        def end() -> None:
            if turn != self._turn:
                return done("timeout")
            self._become("idle" if fails else "open")
            return done("not_ready" if fails else "")

        self.at(self.draw(0.2, order.limit_seconds) if fails else self.draw(2.0, 9.0), end)

    def _leave(self, order: Order, done: Callable[[str], None]) -> None:
        if order.spares_guests and self.guests:
            return done("occupied")
        if self.doing == "joined":
            self.blocked.add(self.uuid)
        self.is_trying = not order.spares_guests
        self._become("idle")
        self.is_trying = False
        return done("")

    def _help(self, order: Order, done: Callable[[str], None]) -> None:
        self._become("down")

        def end() -> None:
            if order.kind == "reload" or self.cure == order.kind:
                self.cure = ""
            self.fault_at = self.now
            self._become("idle")
            done("")

        self.at(self.draw(2.0, 6.0), end)

    # ---- what happens to it

    def appear(self, uuid: str) -> None:
        phone = self.phones[uuid]
        if phone.is_there:
            return
        phone.is_there, phone.since = True, self.now
        if self.doing == "joined" and self.uuid == uuid:  # NetworkManager has not given it up
            self.at(self.draw(1.0, 4.0), lambda: self._recover(uuid))

    def _recover(self, uuid: str) -> None:
        if self.doing == "joined" and self.uuid == uuid and self.phones[uuid].is_there:
            self.is_linked = True

    def vanish(self, uuid: str) -> None:
        phone = self.phones[uuid]
        phone.is_there = False
        if self.doing == "joined" and self.uuid == uuid:
            self.at(self.draw(0.3, 3.0), lambda: self._lose(uuid))

    def _lose(self, uuid: str) -> None:
        if self.doing == "joined" and self.uuid == uuid and not self.phones[uuid].is_there and self.is_linked:
            self.is_linked = False
            turn = self._turn
            self.at(BELIEVES_SECONDS, lambda: self._give_up(turn))

    def _give_up(self, turn: int) -> None:
        if self._turn == turn and self.doing == "joined" and not self.is_linked:
            self._become("idle")

    def die(self, cure: str) -> None:
        """The radio does nothing more until it is helped; what it was is gone."""
        self.cure = cure
        self.guests, self.fault_at = 0, self.now
        self._become("idle")
