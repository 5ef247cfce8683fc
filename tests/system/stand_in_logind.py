"""A logind on a bus of its own, never the machine's: it notes what it is asked for and switches nothing off."""

from __future__ import annotations

import shutil
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from jeepney import HeaderFields, MessageType, new_error, new_method_return
from jeepney.bus_messages import message_bus
from jeepney.io.blocking import open_dbus_connection

from tests.conftest import skip_unless_in_ci
from tests.endurance.child_process import dies_with_us

_BUS = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>session</type><listen>unix:path={}</listen><auth>EXTERNAL</auth>
<policy context="default">{}</policy></busconfig>
"""
_EVERYTHING = '<allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/>'
_LIMIT_SECONDS = 60.0


def _nobody_minds(_method: str) -> None:
    """The default of who wants to know the moment at which something is asked."""


class StandInLogind:
    """Answers as it is told to; `asked` are the methods that were called."""

    def __init__(self, address: str) -> None:
        self.answers = {"CanPowerOff": "yes", "CanReboot": "yes"}
        self.error: str | None = None
        self.asked: list[tuple[str, Any]] = []
        self.asking: Callable[[str], None] = _nobody_minds
        self._bus = open_dbus_connection(address)
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def start(self) -> None:
        self._bus.send_and_get_reply(message_bus.RequestName("org.freedesktop.login1"), timeout=_LIMIT_SECONDS)
        self._thread.start()

    def close(self) -> None:
        self._bus.sock.shutdown(2)
        self._thread.join(_LIMIT_SECONDS)
        self._bus.close()

    @property
    def done(self) -> list[str]:
        """What it was told to do, without what it was only asked."""
        return [method for method, _ in self.asked if not method.startswith("Can")]

    def _serve(self) -> None:
        while True:
            try:
                message = self._bus.receive()
            except OSError:
                return
            if message.header.message_type != MessageType.method_call:
                continue
            method = message.header.fields[HeaderFields.member]
            self.asked.append((method, message.body))
            self.asking(method)
            if method in self.answers:
                self._bus.send(new_method_return(message, "s", (self.answers[method],)))
            elif self.error is not None:
                self._bus.send(new_error(message, self.error, "s", ("it is in use",)))
            else:
                self._bus.send(new_method_return(message))


@contextmanager
def private_bus(folder: Path, patch: pytest.MonkeyPatch, policy: str = _EVERYTHING) -> Iterator[str]:
    """The address of an empty bus, which is the system's for us meanwhile."""
    daemon = shutil.which("dbus-daemon")
    if daemon is None:
        skip_unless_in_ci("no dbus-daemon: install Debian's package dbus-daemon")
        raise AssertionError
    config = folder / "bus.conf"
    config.write_text(_BUS.format(folder / "bus", policy))
    with subprocess.Popen(
        dies_with_us([daemon, f"--config-file={config}", "--nofork", "--print-address"]),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as process:
        try:
            assert process.stdout is not None
            address = process.stdout.readline().decode().strip()
            assert address.startswith(f"unix:path={folder / 'bus'}")
            patch.setenv("DBUS_SYSTEM_BUS_ADDRESS", address)
            yield address
        finally:
            process.terminate()


@contextmanager
def stand_in_logind(folder: Path, patch: pytest.MonkeyPatch) -> Iterator[StandInLogind]:
    """A logind that is the system's for us meanwhile."""
    with private_bus(folder, patch) as address:
        logind = StandInLogind(address)
        logind.start()
        try:
            yield logind
        finally:
            logind.close()
