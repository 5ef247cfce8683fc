"""Switching off by logind: on a private bus, so that this machine stays on."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from dashcam.system import power
from dashcam.system.power import Logind, PowerAction, PowerRefused
from tests.system.stand_in_logind import StandInLogind, private_bus, stand_in_logind


@pytest.fixture
def logind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[StandInLogind]:
    with stand_in_logind(tmp_path, monkeypatch) as made:
        yield made


def test_what_logind_allows_can_be_done(logind: StandInLogind) -> None:
    found = Logind().ability()
    assert (found.can_power_off, found.can_restart, found.reason) == (True, True, "")
    Logind().do("off")
    Logind().do("restart")
    assert logind.asked == [("CanPowerOff", ()), ("CanReboot", ()), ("PowerOff", (False,)), ("Reboot", (False,))]


@pytest.mark.parametrize(
    ("answer", "words"), [("no", "polkit"), ("challenge", "polkit"), ("na", "container"), ("inhibited", "try again")]
)
def test_what_it_does_not_allow_is_said_with_the_cure(logind: StandInLogind, answer: str, words: str) -> None:
    logind.answers["CanPowerOff"] = answer
    found = Logind().ability()
    assert (found.can_power_off, found.can_restart) == (False, True)
    assert words in found.reason


@pytest.mark.parametrize(
    ("error", "words"),
    [
        ("org.freedesktop.DBus.Error.AccessDenied", "polkit"),
        ("org.freedesktop.DBus.Error.InteractiveAuthorizationRequired", "polkit"),
        ("org.freedesktop.login1.OperationInProgress", "it is in use"),
    ],
)
@pytest.mark.parametrize("action", ["off", "restart"])
def test_a_refusal_is_raised_in_words(logind: StandInLogind, error: str, words: str, action: PowerAction) -> None:
    logind.error = error
    with pytest.raises(PowerRefused, match=words):
        Logind().do(action)


def test_a_bus_without_logind_is_no_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with private_bus(tmp_path, monkeypatch):
        found = Logind().ability()
        assert (found.can_power_off, found.can_restart) == (False, False)
        assert "logind" in found.reason


@pytest.mark.parametrize("address", ["unix:path=/nowhere/bus", "tcp:host=localhost,port=1", "nonsense"])
def test_a_machine_without_a_bus_is_no_error(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", address)
    assert "by hand" in Logind().ability().reason
    with pytest.raises(PowerRefused):
        Logind().do("off")


def test_a_bus_that_says_nothing_does_not_hold_us_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(power, "_LIMIT_SECONDS", 0.3)
    with socket.socket(socket.AF_UNIX) as silent:
        silent.bind(str(tmp_path / "bus"))
        silent.listen()
        monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", f"unix:path={tmp_path / 'bus'}")
        assert not Logind().ability().can_power_off


def test_a_bus_that_keeps_its_answers_back_does_not_hold_us_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(power, "_LIMIT_SECONDS", 0.3)
    with private_bus(tmp_path, monkeypatch, policy='<allow send_destination="*"/>'):
        assert not Logind().ability().can_power_off
