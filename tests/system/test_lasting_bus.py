"""A connection to the bus that stays open between questions."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from dashcam.system.bus import BusMissing, BusObject, lasting_bus
from tests.system.stand_in_logind import private_bus

ITSELF = BusObject("org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus")
LIMIT_SECONDS = 60.0


def test_what_is_held_for_a_connection_is_held_until_it_is_closed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with private_bus(tmp_path, monkeypatch) as address:
        holder, asker = lasting_bus(LIMIT_SECONDS, address), lasting_bus(LIMIT_SECONDS, address)
        holder.call(ITSELF, "RequestName", "su", ("org.example.Held", 0))
        assert asker.call(ITSELF, "NameHasOwner", "s", ("org.example.Held",)) == (True,)
        # Of the death of the other one the bus hears at its own time.
        asker.call(ITSELF, "AddMatch", "s", ("type='signal',member='NameOwnerChanged'",))
        holder.close()
        while asker.call(ITSELF, "NameHasOwner", "s", ("org.example.Held",)) == (True,):
            pass
        asker.close()


def test_a_bus_that_falls_silent_is_not_waited_for_longer_than_said(tmp_path: Path) -> None:
    path = tmp_path / "bus"
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(path))
        listening.listen()
        with pytest.raises(BusMissing, match="bus"):
            lasting_bus(0.2, f"unix:path={path}")


def test_an_answer_that_does_not_come_ends_the_wait(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with private_bus(tmp_path, monkeypatch) as address:
        mute, asker = lasting_bus(LIMIT_SECONDS, address), lasting_bus(LIMIT_SECONDS, address)
        asker._answer_seconds = 0.2
        mute.call(ITSELF, "RequestName", "su", ("org.example.Mute", 0))
        with pytest.raises(BusMissing):
            asker.call(BusObject("org.example.Mute", "/", "org.example.Mute"), "Say")
        mute.close()
        asker.close()
