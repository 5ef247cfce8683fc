"""What only the real radio can do wrong: profiles of others, ages, switches, and a NetworkManager that is away."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from dashcam.network.base import NetworkTrouble, NewNetwork, OwnAccessPoint
from dashcam.network.manager_bus import ManagerBus
from dashcam.network.nmcli_command import Nmcli
from dashcam.network.nmcli_wifi import NmcliWifi
from dashcam.network.stations import Iw
from tests.network.mocked_radio import MockedRadio, mocked_radio

KEY = "correct horse"
LIMIT = 30.0
OWN = OwnAccessPoint(b"dashcam-1a2b", "battery staple", 6)


@pytest.fixture
def mocked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[MockedRadio]:
    with mocked_radio(tmp_path, monkeypatch) as made:
        yield made


def add_by_hand(*words: str) -> str:
    """Somebody's own profile, made with nmcli; its UUID."""
    uuid = "11111111-2222-4333-8444-555555555555"
    command = ["nmcli", "connection", "add", "type", "wifi", "con-name", "mine", "connection.uuid", uuid, *words]
    subprocess.run(command, check=True, capture_output=True, timeout=60)
    return uuid


def refused(kind: str, call: object, *arguments: object) -> str:
    assert callable(call)
    with pytest.raises(NetworkTrouble) as caught:
        call(*arguments)
    assert caught.value.kind == kind
    return str(caught.value)


@pytest.fixture
def foreign(mocked: MockedRadio) -> str:
    assert mocked.wifi.profiles() == ()
    return add_by_hand("ssid", "Office", "wifi-sec.key-mgmt", "wpa-psk", "wifi-sec.psk", KEY)


def test_what_others_have_made_is_used_but_never_altered(mocked: MockedRadio, foreign: str) -> None:
    ours = mocked.wifi.save_profile(NewNetwork(b"phone", KEY))
    assert [(each.uuid, each.is_ours) for each in mocked.wifi.profiles()] == [(ours, True), (foreign, False)]
    mocked.switch_on(b"Office", KEY)
    mocked.wifi.activate(foreign, LIMIT)
    assert mocked.wifi.look().uuid == foreign
    assert "nmcli connection delete" in refused("invalid", mocked.wifi.forget, foreign)
    mocked.wifi.order([foreign, ours])
    assert [(each.uuid, each.priority) for each in mocked.wifi.profiles()] == [(ours, 99), (foreign, 0)]


def test_of_a_network_that_others_know_an_own_profile_is_made(mocked: MockedRadio, foreign: str) -> None:
    ours = mocked.wifi.save_profile(NewNetwork(b"Office", "another key"))
    assert [each.uuid for each in mocked.wifi.profiles()] == [ours, foreign]


def test_the_access_point_is_made_once_and_changed_when_something_else_is_wanted(mocked: MockedRadio) -> None:
    mocked.wifi.activate_access_point(OWN, LIMIT)
    first = mocked.wifi.look().uuid
    mocked.wifi.deactivate(LIMIT)
    mocked.wifi.activate_access_point(OwnAccessPoint(OWN.ssid, "another key", 11), LIMIT)
    assert mocked.wifi.look().uuid == first
    with ManagerBus(mocked.address).session() as session:
        [saved] = session.saved()
        assert session.key_of(saved.path) == "another key"
        assert saved.settings["802-11-wireless"]["channel"] == ("u", 11)


def test_what_was_never_heard_is_infinitely_old(mocked: MockedRadio) -> None:
    mocked.switch_on(b"x", KEY)
    mocked.tell("Age", "i", 2**30)
    assert [each.age_seconds for each in mocked.wifi.seen()] == [float("inf")]


def test_a_security_of_long_ago_is_not_believed(mocked: MockedRadio) -> None:
    mocked.switch_on(b"x", "", "open")
    mocked.pass_seconds(120)
    mocked.wifi.save_profile(NewNetwork(b"x", KEY))
    assert [each.security for each in mocked.wifi.profiles()] == ["wpa"]


def test_a_radio_that_is_not_up_yet_is_told_apart_from_none(mocked: MockedRadio) -> None:
    uuid = mocked.wifi.save_profile(NewNetwork(b"x", KEY))
    mocked.tell("SetRadio", "uu", 20, 42)
    state = mocked.wifi.look()
    assert (state.interface, state.number, state.reason, state.is_ready) == ("wlan0", 20, 42, False)
    assert "not ready yet" in refused("not_ready", mocked.wifi.activate, uuid, LIMIT)
    assert "not ready yet" in refused("not_ready", mocked.wifi.activate_access_point, OWN, LIMIT)
    assert "No suitable device" in refused("not_ready", Nmcli().up, uuid, LIMIT)


def test_a_radio_that_was_switched_off_is_told_and_a_cycle_switches_it_on(mocked: MockedRadio) -> None:
    uuid = mocked.wifi.save_profile(NewNetwork(b"x", KEY))
    Nmcli().switch_radio(is_on=False)
    assert not mocked.wifi.look().is_enabled
    assert "nmcli radio wifi on" in refused("not_ready", mocked.wifi.activate, uuid, LIMIT)
    mocked.wifi.cycle_radio()
    assert mocked.wifi.look().is_enabled


def test_a_cycle_that_fails_half_way_leaves_the_radio_on(
    mocked: MockedRadio, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Nmcli().switch_radio(is_on=False)
    tool = tmp_path / "nmcli"
    tool.write_text('#!/bin/sh\ncase "$*" in *off) exit 1;; esac\nPATH=${PATH#*:}\nexec nmcli "$@"\n')
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    refused("unknown", mocked.wifi.cycle_radio)
    assert mocked.wifi.look().is_enabled


@pytest.mark.parametrize(("soft", "hard", "is_blocked"), [("0", "0", False), ("1", "0", True), ("0", "1", True)])
def test_a_blocked_radio_is_told(
    mocked: MockedRadio, tmp_path: Path, soft: str, hard: str, *, is_blocked: bool
) -> None:
    for name, kind, values in (("rfkill0", "bluetooth", ("1", "1")), ("rfkill1", "wlan", (soft, hard))):
        switch = tmp_path / "rfkill" / name
        switch.mkdir(parents=True)
        for part, text in (("type", kind), ("soft", values[0]), ("hard", values[1])):
            (switch / part).write_text(f"{text}\n")
    wifi = NmcliWifi(bus=ManagerBus(mocked.address), rfkill=tmp_path / "rfkill", iw=Iw(paths=()))
    assert wifi.look().is_blocked is is_blocked


def test_a_radio_of_another_name_is_not_taken(mocked: MockedRadio) -> None:
    wifi = NmcliWifi("wlan7", bus=ManagerBus(mocked.address), iw=Iw(paths=()))
    assert wifi.look().interface == ""
    assert "wlan0 (wifi, disconnected)" in refused("no_radio", wifi.activate_access_point, OWN, LIMIT)


def test_profiles_are_tied_to_the_radio_that_is_named_and_to_none_otherwise(mocked: MockedRadio) -> None:
    def ties() -> list[object]:
        with ManagerBus(mocked.address).session() as session:
            return [each.settings["connection"].get("interface-name", ("s", ""))[1] for each in session.saved()]

    mocked.wifi.save_profile(NewNetwork(b"x", KEY))
    assert ties() == [""]
    named = NmcliWifi("wlan0", bus=ManagerBus(mocked.address), iw=Iw(paths=()))
    named.order(())
    assert ties() == ["wlan0"]
    mocked.wifi.order(())
    assert ties() == [""]


def test_who_is_on_the_access_point_is_unknown_where_nobody_can_tell(mocked: MockedRadio) -> None:
    mocked.wifi.activate_access_point(OWN, LIMIT)
    wifi = NmcliWifi(bus=ManagerBus(mocked.address), iw=Iw(paths=("/nowhere/iw",)))
    assert wifi.look().stations is None


def test_the_country_is_asked_for_once_a_minute(mocked: MockedRadio, tmp_path: Path) -> None:
    now, note = [0.0], tmp_path / "asked"
    tool = tmp_path / "iw-that-counts"
    tool.write_text(f"#!/bin/sh\necho x >> {note}\necho 'country SE: X'\n")
    tool.chmod(0o755)
    wifi = NmcliWifi(bus=ManagerBus(mocked.address), iw=Iw(paths=(str(tool),)), monotonic=lambda: now[0])
    assert [wifi.look().country for _ in range(3)] == ["SE"] * 3
    assert note.read_text() == "x\n"
    now[0] = 61.0
    wifi.look()
    assert note.read_text() == "x\nx\n"


def test_without_networkmanager_everything_says_so(tmp_path: Path) -> None:
    wifi = NmcliWifi(bus=ManagerBus(f"unix:path={tmp_path}/no-bus"))
    for call in (wifi.look, wifi.seen, wifi.scan, wifi.profiles, lambda: wifi.save_profile(NewNetwork(b"x", KEY))):
        assert "NetworkManager" in refused("no_service", call)


def test_where_all_places_are_taken_what_is_new_comes_last_all_the_same(mocked: MockedRadio) -> None:
    first = mocked.wifi.save_profile(NewNetwork(b"z", KEY))
    words = ["nmcli", "connection", "modify", first, "connection.autoconnect-priority", "10"]
    subprocess.run(words, check=True, capture_output=True, timeout=60)
    second = mocked.wifi.save_profile(NewNetwork(b"a", KEY))
    assert [(each.uuid, each.priority) for each in mocked.wifi.profiles()] == [(first, 99), (second, 98)]
