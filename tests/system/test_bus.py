"""The message bus: answers, errors by name, and no end of waiting."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from dashcam.system.bus import Bus, BusMissing, BusObject, BusRefusal, open_bus
from tests.system.stand_in_logind import private_bus

ITSELF = BusObject("org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus")
LIMIT_SECONDS = 60.0


def test_answers_errors_and_properties_of_a_real_bus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with private_bus(tmp_path, monkeypatch) as address, open_bus(LIMIT_SECONDS, address) as bus:
        assert bus.call(ITSELF, "NameHasOwner", "s", ("org.freedesktop.DBus",)) == (True,)
        assert isinstance(bus.property_of(ITSELF, "Features"), list)
        refusal = refusal_of(bus, BusObject("org.example.Nobody", "/", "org.example.Nobody"), "Do")
        assert refusal.is_absence
        assert not refusal.is_forbidden
        assert refusal.name == "org.freedesktop.DBus.Error.ServiceUnknown"
        assert "org.example.Nobody" in str(refusal)
        assert refusal_of(bus, ITSELF, "NoSuchThing").is_absence


def refusal_of(bus: Bus, whom: BusObject, method: str) -> BusRefusal:
    with pytest.raises(BusRefusal) as caught:
        bus.call(whom, method)
    return caught.value


def test_a_bus_that_does_not_let_us_is_told_from_one_without_the_service(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    of_getting_its_id = (
        'send_destination="org.freedesktop.DBus" send_interface="org.freedesktop.DBus" send_member="GetId"'
    )
    policy = f'<allow send_destination="*"/><allow receive_sender="*"/><deny {of_getting_its_id}/>'
    with private_bus(tmp_path, monkeypatch, policy) as address, open_bus(LIMIT_SECONDS, address) as bus:
        refusal = refusal_of(bus, ITSELF, "GetId")
    assert refusal.is_forbidden
    assert not refusal.is_absence


def test_a_connection_that_was_hung_up_is_a_missing_bus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with private_bus(tmp_path, monkeypatch) as address, open_bus(LIMIT_SECONDS, address) as bus:
        bus._connection.sock.shutdown(2)
        with pytest.raises(BusMissing, match="hung up"):
            bus.call(ITSELF, "GetId")


def test_without_the_library_the_cure_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "jeepney.bus", None)
    with pytest.raises(BusMissing, match="scripts/run"), open_bus(LIMIT_SECONDS, "unix:path=/nowhere/bus"):
        pass
