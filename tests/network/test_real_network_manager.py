"""The real NetworkManager takes our profiles as they are meant, keeps their keys, and nobody else can read them."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dashcam.network.base import NetworkTrouble, NewNetwork, OwnAccessPoint
from dashcam.network.manager_bus import ManagerBus
from dashcam.network.nmcli_command import ListedDevice, Nmcli
from dashcam.network.nmcli_wifi import NmcliWifi
from dashcam.network.profile_settings import has_same_access_point, profile_of, value_of
from dashcam.network.stations import Iw
from tests.network.real_network_manager import real_network_manager

KEY = "correct horse"
PRINTABLE = st.characters(min_codepoint=32, max_codepoint=126)
OWN = OwnAccessPoint("Zoe’s dashcam".encode(), "battery staple", 11)


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("nm")
        with real_network_manager(folder, patch) as made:
            yield made


@pytest.fixture
def wifi(real: tuple[str, Path], monkeypatch: pytest.MonkeyPatch) -> Iterator[NmcliWifi]:
    """Without a radio, and without any profile when the test begins and ends."""
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", real[0])
    yield NmcliWifi(bus=ManagerBus(real[0]), iw=Iw(paths=()))
    with ManagerBus(real[0]).session() as session:
        uuids = [str(value_of(each.settings, "connection", "uuid", "")) for each in session.saved()]
    for uuid in uuids:
        Nmcli().delete(uuid)


def shown(uuid: str, *fields: str) -> list[str]:
    """What nmcli says of a profile, with secrets."""
    words = ["nmcli", "-s", "-e", "no", "-g", ",".join(fields), "connection", "show", uuid]
    output = subprocess.run(words, check=True, capture_output=True, timeout=60).stdout
    return output.decode().splitlines()


def test_a_phone_is_written_as_it_is_meant(wifi: NmcliWifi) -> None:
    uuid = wifi.save_profile(NewNetwork("Zoe’s iPhone".encode(), KEY))
    expected = {
        "connection.id": "dashcam Zoe’s iPhone",
        "connection.type": "802-11-wireless",
        "connection.autoconnect": "yes",
        "connection.autoconnect-priority": "99",
        "connection.autoconnect-retries": "0",
        "connection.permissions": "",
        "connection.mdns": "0",
        "802-11-wireless.ssid": "Zoe’s iPhone",
        "802-11-wireless.mode": "infrastructure",
        "802-11-wireless.hidden": "no",
        "802-11-wireless.powersave": "disable",
        "802-11-wireless.cloned-mac-address": "permanent",
        "802-11-wireless-security.key-mgmt": "wpa-psk",
        "802-11-wireless-security.pmf": "0",
        "802-11-wireless-security.psk": KEY,
        "802-11-wireless-security.psk-flags": "0",
        "ipv4.method": "auto",
        "ipv4.may-fail": "no",
        "ipv4.dhcp-timeout": "20",
        "ipv6.method": "disabled",
    }
    assert dict(zip(expected, shown(uuid, *expected), strict=True)) == expected


def test_the_own_access_point_is_written_as_it_is_meant(wifi: NmcliWifi, real: tuple[str, Path]) -> None:
    uuid, is_new = wifi._own_profile(OWN)
    assert is_new
    expected = {
        "connection.id": "dashcam-ap",
        "connection.autoconnect": "no",
        "802-11-wireless.mode": "ap",
        "802-11-wireless.band": "bg",
        "802-11-wireless.channel": "11",
        "802-11-wireless-security.key-mgmt": "wpa-psk",
        "802-11-wireless-security.proto": "rsn",
        "802-11-wireless-security.pairwise": "ccmp",
        "802-11-wireless-security.group": "ccmp",
        "802-11-wireless-security.psk": OWN.key,
        "ipv4.method": "shared",
        "ipv4.addresses": "10.41.0.1/24",
        "ipv6.method": "disabled",
    }
    assert dict(zip(expected, shown(uuid, *expected), strict=True)) == expected
    assert wifi._own_profile(OWN) == (uuid, False)
    changed = OwnAccessPoint(OWN.ssid, OWN.key, 1)
    assert wifi._own_profile(changed) == (uuid, True)
    assert wifi._own_profile(changed) == (uuid, False)
    assert wifi._own_profile(OwnAccessPoint(OWN.ssid, "another key", 1)) == (uuid, True)
    assert wifi.profiles() == ()
    with ManagerBus(real[0]).session() as session:
        [saved] = session.saved()
    assert has_same_access_point(saved.settings, saved.settings)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ssid=st.binary(min_size=1, max_size=32), key=st.text(PRINTABLE, min_size=8, max_size=63))
def test_names_of_any_bytes_and_every_key_come_back_as_they_were(
    wifi: NmcliWifi, real: tuple[str, Path], ssid: bytes, key: str
) -> None:
    uuid = wifi.save_profile(NewNetwork(ssid, key))
    with ManagerBus(real[0]).session() as session:
        found = {str(value_of(each.settings, "connection", "uuid", "")): each for each in session.saved()}
        profile = profile_of(found[uuid].settings)
        assert profile is not None
        assert (profile.ssid, profile.is_ours) == (ssid, True)
        assert session.key_of(found[uuid].path) == key


def test_keys_are_kept_when_other_things_change_and_can_be_changed(wifi: NmcliWifi) -> None:
    first = wifi.save_profile(NewNetwork(b"a", KEY))
    second = wifi.save_profile(NewNetwork(b"b", "0123456789abcdef" * 4))
    wifi.order([second, first])
    key = "802-11-wireless-security.psk"
    assert [shown(uuid, key) for uuid in (first, second)] == [[KEY], ["0123456789abcdef" * 4]]
    assert wifi.save_profile(NewNetwork(b"a", "another key", is_hidden=True)) == first
    assert shown(first, key, "802-11-wireless.hidden", "connection.autoconnect-priority") == [
        "another key",
        "yes",
        "98",
    ]
    assert wifi.save_profile(NewNetwork(b"a")) == first
    assert [each.security for each in wifi.profiles()] == ["wpa", "open"]


def test_a_fixed_address_is_set_with_its_gateway_for_names_too(wifi: NmcliWifi) -> None:
    uuid = wifi.save_profile(NewNetwork(b"Home", KEY, address="192.168.1.50/24", gateway="192.168.1.1"))
    fields = ("ipv4.method", "ipv4.addresses", "ipv4.gateway", "ipv4.dns")
    assert shown(uuid, *fields) == ["manual", "192.168.1.50/24", "192.168.1.1", "192.168.1.1"]
    [profile] = wifi.profiles()
    assert (profile.address, profile.gateway) == ("192.168.1.50/24", "192.168.1.1")


def test_wpa3_alone_is_asked_for_as_such(wifi: NmcliWifi) -> None:
    uuid = wifi.save_profile(NewNetwork(b"x", KEY, security="wpa3"))
    assert shown(uuid, "802-11-wireless-security.key-mgmt") == ["sae"]
    assert [each.security for each in wifi.profiles()] == ["wpa3"]


def test_nobody_but_root_can_read_what_is_on_the_disk(wifi: NmcliWifi, real: tuple[str, Path]) -> None:
    wifi.save_profile(NewNetwork(b"a:b/c", KEY))
    wifi._own_profile(OWN)
    modes = {path.stat().st_mode & 0o777 for path in real[1].iterdir()}
    assert modes == {0o600}
    assert any(KEY in path.read_text() for path in real[1].iterdir())


def test_profiles_of_others_are_known_and_left_alone(wifi: NmcliWifi) -> None:
    words = ["type", "wifi", "con-name", "dashcam x", "ssid", "x", "wifi-sec.key-mgmt", "wpa-psk", "wifi-sec.psk", KEY]
    subprocess.run(["nmcli", "connection", "add", *words], check=True, capture_output=True, timeout=60)
    [profile] = wifi.profiles()
    assert (profile.ssid, profile.is_ours, profile.security) == (b"x", False, "wpa")
    with pytest.raises(NetworkTrouble, match="nmcli connection delete"):
        wifi.forget(profile.uuid)
    wifi.order([profile.uuid])
    assert wifi.profiles() == (profile,)


def test_what_is_forgotten_is_gone_from_the_disk(wifi: NmcliWifi, real: tuple[str, Path]) -> None:
    wifi.forget(wifi.save_profile(NewNetwork(b"x", KEY)))
    assert list(real[1].iterdir()) == []


def test_without_a_radio_it_is_said_what_there_is(wifi: NmcliWifi) -> None:
    state = wifi.look()
    assert (state.interface, state.is_ready, state.is_enabled) == ("", False, True)
    assert [device.interface for device in Nmcli().devices()] == ["lo"]
    assert isinstance(Nmcli().devices()[0], ListedDevice)
    uuid = wifi.save_profile(NewNetwork(b"x", KEY))
    with pytest.raises(NetworkTrouble, match="lo \\(loopback") as caught:
        wifi.activate(uuid, 30.0)
    assert caught.value.kind == "no_radio"
    with pytest.raises(NetworkTrouble) as caught:
        Nmcli().up(uuid, 30.0)
    assert caught.value.kind == "not_ready"


def test_the_radio_can_be_switched_off_and_on(wifi: NmcliWifi) -> None:
    Nmcli().switch_radio(is_on=False)
    assert not wifi.look().is_enabled
    wifi.cycle_radio()
    assert wifi.look().is_enabled
