"""A network mode that is told what happens, second by second, and what it orders."""

from __future__ import annotations

import dataclasses

from dashcam.network.base import ACTIVATED, DISCONNECTED, Profile, RadioState, Station
from dashcam.network.mode import step
from dashcam.network.mode_state import (
    Action,
    Answered,
    Event,
    Heard,
    Known,
    Looked,
    Mode,
    Order,
    Told,
)

OWN = b"dashcam-7K2M"
PHONE = Profile("phone", "phone", b"Phone", priority=90)
HOME = Profile("home", "home", b"Home", priority=80)
IDLE = RadioState(interface="wlan0", number=DISCONNECTED)
OPEN = dataclasses.replace(IDLE, number=ACTIVATED, ssid=OWN, is_access_point=True)
OCCUPIED = dataclasses.replace(OPEN, stations=(Station("aa:bb:cc:dd:ee:ff", 2.0),))
JOINED = dataclasses.replace(IDLE, number=ACTIVATED, uuid="phone", ssid=b"Phone", address="172.20.10.2")


class Story:
    """A mode that is told things, second by second."""

    def __init__(self, *known: Profile, radio: RadioState = IDLE) -> None:
        self.now = 100.0
        self.mode = Mode()
        self.radio = radio
        self.heard: dict[bytes, Heard] = {}
        self.is_linked = True
        self.done: list[Action] = []
        self.tell(Known(known))
        self.tell(Told(is_on=True, own_ssid=OWN))
        self.pass_seconds(1)

    def tell(self, event: Event) -> list[Action]:
        self.mode, actions = step(self.mode, event, self.now)
        self.done += actions
        return list(actions)

    def pass_seconds(self, seconds: float, *hears: bytes) -> list[Order]:
        """Looks once a second; gives the orders of that time."""
        before = len(self.done)
        for _ in range(round(seconds)):
            self.now += 1
            self.heard.update({ssid: Heard(self.now, 50) for ssid in hears})
            self.tell(Looked(self.now, self.radio, dict(self.heard), is_linked=self.is_linked))
        return [action for action in self.done[before:] if isinstance(action, Order)]

    def answer(self, trouble: str | None = None, radio: RadioState | None = None, words: str = "") -> list[Order]:
        assert self.mode.order is not None
        self.tell(Answered(self.mode.order.epoch, trouble, words))  # type: ignore[arg-type]
        self.radio = radio or self.radio
        return self.pass_seconds(1)

    @property
    def phase(self) -> str:
        return self.mode.phase

    def until_order(self) -> Order:
        """Half an hour at most."""
        for _ in range(1800):
            if self.mode.order is not None:
                return self.mode.order
            self.pass_seconds(1)
        raise AssertionError("nothing is ordered")

    def open(self) -> Story:
        """Until the access point is open."""
        self.pass_seconds(25)
        assert [self.mode.order and self.mode.order.kind] == ["open"]
        self.answer(radio=OPEN)
        assert self.phase == "access_point"
        return self


def kinds(orders: list[Order]) -> list[tuple[str, str]]:
    return [(order.kind, order.uuid) for order in orders]
