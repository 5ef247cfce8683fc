"""systemd on a bus of its own: it knows our three units, and does for each what the test says."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from jeepney import HeaderFields, Message, MessageType, new_error, new_method_return
from jeepney.bus_messages import message_bus
from jeepney.io.blocking import open_dbus_connection

from dashcam.system.appliance import APPLY_UNIT, FTP_UNIT, SMB_UNIT
from tests.network.stand_in_timed import MAY_NOT, not_the_systems

_LIMIT_SECONDS = 60.0
Action = Callable[[], None]


def _nothing() -> None:
    """What a unit does of which the test wants to know only that it runs."""


class StandInSystemd:
    """A unit that is started does its action at once; that of root has ended then, the others run until stopped."""

    def __init__(self, address: str) -> None:
        self.states = {APPLY_UNIT: "inactive", SMB_UNIT: "inactive", FTP_UNIT: "inactive"}
        self.actions: dict[tuple[str, str], Action] = {}
        self.done: list[tuple[str, str]] = []
        self.is_forbidden = False
        self.failing: set[str] = set()
        self.sleeping_starts = 0
        """So many starts of apply find it at work already: it does not begin again for them."""
        self._bus = open_dbus_connection(not_the_systems(address))
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def start(self) -> None:
        name = message_bus.RequestName("org.freedesktop.systemd1")
        self._bus.send_and_get_reply(name, timeout=_LIMIT_SECONDS)
        self._thread.start()

    def close(self) -> None:
        self._bus.sock.shutdown(2)
        self._thread.join(_LIMIT_SECONDS)
        self._bus.close()

    def _serve(self) -> None:
        while True:
            try:
                message = self._bus.receive()
            except OSError:
                return
            if message.header.message_type == MessageType.method_call:
                self._bus.send(self._answer(message, message.header.fields[HeaderFields.member]))

    def _answer(self, message: Message, method: str) -> Message:
        if method == "ListUnitsByNames":
            return new_method_return(message, "a(ssssssouso)", ([self._listing(name) for name in message.body[0]],))
        unit = message.body[0]
        if unit not in self.states:
            return new_error(message, "org.freedesktop.systemd1.NoSuchUnit", "s", (f"Unit {unit} not found.",))
        if self.is_forbidden:
            return new_error(message, MAY_NOT, "s", ("no",))
        self.done.append((method, unit))
        self._do(method, unit)
        return new_method_return(message, "o", ("/job/1",))

    def _do(self, method: str, unit: str) -> None:
        if unit == APPLY_UNIT and self.sleeping_starts:
            self.sleeping_starts -= 1
            return
        self.actions.get((method, unit), _nothing)()
        if unit in self.failing:
            self.states[unit] = "failed"
        elif unit != APPLY_UNIT:
            self.states[unit] = "inactive" if method == "StopUnit" else "active"

    def _listing(self, name: str) -> tuple[Any, ...]:
        load = "loaded" if name in self.states else "not-found"
        return (name, "", load, *_of(self.states.get(name, "inactive")), "", "/unit", 0, "", "/")


def _of(state: str) -> tuple[str, str]:
    """ActiveState and SubState; `auto-restart` is one of the latter."""
    return ("activating", state) if state == "auto-restart" else (state, "")
