"""timedated and systemd on a bus of their own, for a machine that does not exist: they obey the real rules."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from jeepney import HeaderFields, Message, MessageType, new_error, new_method_return
from jeepney.bus_messages import message_bus
from jeepney.io.blocking import open_dbus_connection

from dashcam.network.timedate import TIMESYNCD
from tests.system.stand_in_logind import private_bus

_LIMIT_SECONDS = 60.0
_NAMES = ("org.freedesktop.timedate1", "org.freedesktop.systemd1")
_SYSTEM_BUSES = ("/run/dbus/system_bus_socket", "/var/run/dbus/system_bus_socket")
MAY_NOT = "org.freedesktop.DBus.Error.InteractiveAuthorizationRequired"
SECOND = 1_000_000_000


def not_the_systems(address: str) -> str:
    """The address. Fails for that of the machine's own bus: there, SetTime would set its clock."""
    if not address or any(path in address for path in _SYSTEM_BUSES):
        pytest.fail(f"a test wants to use the system's own bus: {address!r}")
    return address


class VirtualMachine:
    """The clocks of a machine that is nowhere. Everything that reads them is given them."""

    def __init__(self, utc_ns: int) -> None:
        self.now_ns = 1000 * SECOND
        self.tick_ns = 0  # by which time goes on whenever somebody asks for it
        self.slept_ns = 0
        self.is_synchronized = False
        self._ahead_ns = utc_ns - self.now_ns

    def monotonic_ns(self) -> int:
        self.now_ns += self.tick_ns
        return self.now_ns

    def utc_ns(self) -> int:
        return self.now_ns + self._ahead_ns

    def set_utc_ns(self, utc_ns: int) -> None:
        self._ahead_ns = utc_ns - self.now_ns

    def pass_seconds(self, seconds: float) -> None:
        self.now_ns += round(seconds * SECOND)


def _nobody_minds(_method: str) -> None:
    """The default of who wants to know the moment at which something is asked."""


class StandInTimed:
    """Both services. `done` is what they were told to do, in order, without what they were only asked."""

    def __init__(self, address: str, machine: VirtualMachine) -> None:
        self.address = not_the_systems(address)
        self.machine = machine
        self.states = {TIMESYNCD: "inactive"}
        # Those of which timedated knows that they keep the time.
        self.listed = {TIMESYNCD}
        self.looks_until_stopped = 0
        self.stamp_utc_ns = 0  # what timesyncd remembers
        self.done: list[tuple[str, ...]] = []
        self.set_usec: list[int] = []
        self.set_at_ns: list[int] = []  # CLOCK_MONOTONIC of this very machine
        self.forbidden: set[tuple[str, ...]] = set()
        self.failing: dict[str, tuple[str, str]] = {}
        self.asking: Callable[[str], None] = _nobody_minds
        self.is_mute = False
        self._bus = open_dbus_connection(address)
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def start(self) -> None:
        for name in _NAMES:
            self._bus.send_and_get_reply(message_bus.RequestName(name), timeout=_LIMIT_SECONDS)
        self._thread.start()

    def close(self) -> None:
        self._bus.sock.shutdown(2)
        self._thread.join(_LIMIT_SECONDS)
        self._bus.close()

    @property
    def is_network_time_on(self) -> bool:
        return any(self.states.get(unit, "inactive") not in ("inactive", "failed") for unit in self.listed)

    def _serve(self) -> None:
        while True:
            try:
                message = self._bus.receive()
            except OSError:
                return
            if message.header.message_type != MessageType.method_call:
                continue
            method = message.header.fields[HeaderFields.member]
            self.asking(method)
            if not self.is_mute:
                self._bus.send(self._answer(message, method))

    def _answer(self, message: Message, method: str) -> Message:
        if method in self.failing:
            name, text = self.failing[method]
            return new_error(message, name, "s", (text,))
        if method == "Get":
            self._stop_slowly()
            return new_method_return(message, "v", (("b", self.is_network_time_on),))
        if method == "ListUnitsByNames":
            return new_method_return(message, "a(ssssssouso)", ([self._listing(name) for name in message.body[0]],))
        if method == "SetTime":
            return self._set_time(message, *message.body)
        return self._change(message, method, message.body[0])

    def _listing(self, name: str) -> tuple[Any, ...]:
        load = "loaded" if name in self.states else "not-found"
        return (name, "", load, self.states.get(name, "inactive"), "", "", "/unit", 0, "", "/")

    def _set_time(self, message: Message, usec_utc: int, is_relative: bool, is_interactive: bool) -> Message:
        if self.is_network_time_on:
            name = "org.freedesktop.timedate1.AutomaticTimeSyncEnabled"
            return new_error(message, name, "s", ("Automatic time synchronization is enabled",))
        if ("SetTime",) in self.forbidden:
            return new_error(message, MAY_NOT, "s", ("no",))
        assert not is_relative
        assert not is_interactive
        self.done.append(("SetTime",))
        self.set_usec.append(usec_utc)
        self.set_at_ns.append(time.monotonic_ns())
        self.machine.set_utc_ns(usec_utc * 1000)
        return new_method_return(message)

    def _change(self, message: Message, method: str, unit: str) -> Message:
        if (method, unit) in self.forbidden:
            return new_error(message, MAY_NOT, "s", ("no",))
        if unit not in self.states:
            return new_error(message, "org.freedesktop.systemd1.NoSuchUnit", "s", (f"Unit {unit} not found.",))
        self.done.append((method, unit))
        if method == "StopUnit":
            if unit == TIMESYNCD and self.states[unit] == "active":
                self.stamp_utc_ns = max(self.stamp_utc_ns, self.machine.utc_ns())
            self.states[unit] = "deactivating" if self.looks_until_stopped else "inactive"
        else:
            self.states[unit] = "active"
            if unit == TIMESYNCD and self.machine.utc_ns() < self.stamp_utc_ns:
                self.machine.set_utc_ns(self.stamp_utc_ns)
        return new_method_return(message, "o", ("/job/1",))

    def _stop_slowly(self) -> None:
        if self.looks_until_stopped:
            self.looks_until_stopped -= 1
        if not self.looks_until_stopped:
            for unit, state in self.states.items():
                if state == "deactivating":
                    self.states[unit] = "inactive"


@contextmanager
def stand_in_timed(folder: Path, patch: pytest.MonkeyPatch, machine: VirtualMachine) -> Iterator[StandInTimed]:
    """Both on a bus of their own."""
    with private_bus(folder, patch) as address:
        timed = StandInTimed(address, machine)
        timed.start()
        try:
            yield timed
        finally:
            timed.close()
