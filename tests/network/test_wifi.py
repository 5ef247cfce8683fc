"""What every radio does, the real one (nmcli with NetworkManager's mock) and the simulated one, by the same tests."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from dashcam.link.network_messages import WifiSecurity
from dashcam.network.base import NetworkTrouble, NewNetwork, OwnAccessPoint, Profile, TroubleKind, Wifi
from tests.network.mocked_radio import MockedRadio, mocked_radio
from tests.network.simulated_rig import SimulatedRig

IPHONE = "Zoe’s iPhone".encode()
ODD = b'a:b\\c\n"d" \xff\xf0\x9f\x9a\x97'
KEY, WRONG = "correct horse", "wrong horse 1"
LIMIT = 30.0
OWN = OwnAccessPoint(b"dashcam-1a2b", "battery staple", 6)
STATION = "aa:bb:cc:dd:ee:ff"
NOBODY = "00000000-0000-4000-8000-000000000000"

Rig = MockedRadio | SimulatedRig


@pytest.fixture(params=["simulated", "nmcli"])
def rig(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Rig]:
    if request.param == "simulated":
        yield SimulatedRig()
        return
    with mocked_radio(tmp_path, monkeypatch) as made:
        yield made


def trouble(kind: TroubleKind, wifi: Wifi, uuid: str) -> str:
    """The words of the error with which joining this network fails."""
    with pytest.raises(NetworkTrouble) as caught:
        wifi.activate(uuid, LIMIT)
    assert caught.value.kind == kind
    assert not wifi.look().is_joined
    return str(caught.value)


def test_a_radio_with_nothing_to_do_is_ready(rig: Rig) -> None:
    state = rig.wifi.look()
    assert state.interface
    assert state.is_ready
    assert (state.is_joined, state.is_joining, state.is_open) == (False, False, False)
    assert (state.uuid, state.ssid, state.address, state.stations) == ("", b"", "", ())
    assert rig.wifi.profiles() == ()


def test_a_network_of_any_name_is_seen_saved_and_joined(rig: Rig) -> None:
    names = (IPHONE, ODD, b" ", b"\xff" * 32, b"null\0inside")
    for ssid in names:
        rig.switch_on(ssid, KEY)
    assert sorted((seen.ssid, seen.security) for seen in rig.wifi.seen()) == [(ssid, "wpa") for ssid in sorted(names)]
    saved = {rig.wifi.save_profile(NewNetwork(ssid, KEY)): ssid for ssid in names}
    assert {profile.uuid: profile.ssid for profile in rig.wifi.profiles()} == saved
    for uuid, ssid in saved.items():
        rig.wifi.activate(uuid, LIMIT)
        state = rig.wifi.look()
        assert (state.is_joined, state.ssid, state.uuid) == (True, ssid, uuid)
        assert state.address == "172.20.10.2"
        assert state.signal_percent is not None


def test_what_has_gone_stays_in_the_list_and_its_age_tells(rig: Rig) -> None:
    rig.switch_on(b"gone", KEY)
    rig.switch_on(b"here", KEY)
    rig.switch_off(b"gone")
    rig.pass_seconds(30)
    rig.look_around()
    ages = {each.ssid: each.age_seconds for each in rig.wifi.seen()}
    assert ages[b"gone"] >= 29
    assert ages[b"here"] < 20


def test_it_is_told_what_a_network_demands(rig: Rig) -> None:
    kinds: tuple[WifiSecurity, ...] = ("enterprise", "open", "wep", "wpa", "wpa3")
    for security in kinds:
        rig.switch_on(security.encode(), "", security)
    assert sorted((each.ssid.decode(), each.security) for each in rig.wifi.seen()) == [(each, each) for each in kinds]


def test_a_name_that_is_hidden_is_found_when_it_is_asked_for(rig: Rig) -> None:
    rig.switch_on(b"secret", KEY, is_hidden=True)
    assert [each.ssid for each in rig.wifi.seen()] == [b""]
    rig.wifi.scan(hidden=[b"secret"])
    rig.pass_seconds(5)
    assert [each.ssid for each in rig.wifi.seen()] == [b"secret"]


def test_a_wrong_key_is_told_apart_from_a_network_that_is_not_there(rig: Rig) -> None:
    rig.switch_on(IPHONE, KEY)
    uuid = rig.wifi.save_profile(NewNetwork(IPHONE, WRONG))
    assert "the key of Zoe’s iPhone is wrong" in trouble("wrong_key", rig.wifi, uuid)
    rig.switch_off(IPHONE)
    assert "not in reach" in trouble("not_found", rig.wifi, uuid)


def test_a_new_key_comes_into_force_and_the_network_keeps_its_place(rig: Rig) -> None:
    first = rig.wifi.save_profile(NewNetwork(IPHONE, WRONG))
    second = rig.wifi.save_profile(NewNetwork(b"Home", KEY))
    assert rig.wifi.save_profile(NewNetwork(IPHONE, KEY)) == first
    assert [profile.uuid for profile in rig.wifi.profiles()] == [first, second]
    rig.switch_on(IPHONE, KEY)
    rig.wifi.activate(first, LIMIT)
    assert rig.wifi.look().is_joined


def test_a_network_that_gives_no_address_is_no_network(rig: Rig) -> None:
    rig.switch_on(IPHONE, KEY, gives_addresses=False)
    uuid = rig.wifi.save_profile(NewNetwork(IPHONE, KEY))
    assert "no address" in trouble("no_address", rig.wifi, uuid)
    fixed = rig.wifi.save_profile(NewNetwork(IPHONE, KEY, address="192.168.7.50/24", gateway="192.168.7.1"))
    rig.wifi.activate(fixed, LIMIT)
    assert rig.wifi.look().address == "192.168.7.50"


def test_an_open_network_needs_no_key(rig: Rig) -> None:
    rig.switch_on(b"Cafe", "", "open")
    uuid = rig.wifi.save_profile(NewNetwork(b"Cafe"))
    rig.wifi.activate(uuid, LIMIT)
    assert rig.wifi.look().is_joined
    assert [profile.has_key for profile in rig.wifi.profiles()] == [False]


def test_a_network_of_wpa3_alone_is_joined_as_such(rig: Rig) -> None:
    rig.switch_on(IPHONE, KEY, "wpa3")
    rig.wifi.activate(rig.wifi.save_profile(NewNetwork(IPHONE, KEY)), LIMIT)
    assert [profile.security for profile in rig.wifi.profiles()] == ["wpa3"]
    rig.switch_on(IPHONE, KEY, "wpa3")
    wrong = rig.wifi.save_profile(NewNetwork(IPHONE, WRONG))
    assert "Maximise Compatibility" in trouble("wrong_key", rig.wifi, wrong)


UNJOINABLE: tuple[tuple[WifiSecurity, str, str], ...] = (
    ("wep", KEY, "WPA2"),
    ("enterprise", KEY, "certificate"),
    ("open", KEY, "leave the key empty"),
    ("wpa", "", "needs a key"),
    ("wpa3", "ab" * 32, "type the key itself"),
)


def test_what_is_in_reach_and_cannot_be_joined_so_is_said_at_once(rig: Rig) -> None:
    for security, key, words in UNJOINABLE:
        rig.switch_on(security.encode(), "", security)
        with pytest.raises(NetworkTrouble, match=words) as caught:
            rig.wifi.save_profile(NewNetwork(security.encode(), key))
        assert caught.value.kind == "invalid"
    assert rig.wifi.profiles() == ()


def test_the_order_is_that_of_the_owner_and_what_is_new_comes_last(rig: Rig) -> None:
    uuids = [rig.wifi.save_profile(NewNetwork(name, KEY)) for name in (b"a", b"b", b"c", b"d")]
    assert [profile.uuid for profile in rig.wifi.profiles()] == uuids
    rig.wifi.order([uuids[3], uuids[1]])
    assert [profile.ssid for profile in rig.wifi.profiles()] == [b"d", b"b", b"a", b"c"]
    priorities = [profile.priority for profile in rig.wifi.profiles()]
    assert priorities == sorted(set(priorities), reverse=True)


def test_a_network_that_is_forgotten_is_not_known_any_more(rig: Rig) -> None:
    keep, drop = (rig.wifi.save_profile(NewNetwork(name, KEY)) for name in (b"a", b"b"))
    rig.wifi.forget(drop)
    rig.wifi.forget(drop)
    assert [profile.uuid for profile in rig.wifi.profiles()] == [keep]
    trouble("not_found", rig.wifi, drop)
    trouble("not_found", rig.wifi, NOBODY)


def test_a_profile_says_what_was_wished(rig: Rig) -> None:
    uuid = rig.wifi.save_profile(
        NewNetwork(b"Home", KEY, is_hidden=True, address="192.168.1.50/24", gateway="192.168.1.1")
    )
    assert rig.wifi.profiles() == (
        Profile(
            uuid=uuid,
            name="dashcam Home",
            ssid=b"Home",
            is_hidden=True,
            priority=99,
            address="192.168.1.50/24",
            gateway="192.168.1.1",
        ),
    )


def test_the_own_access_point_opens_at_its_address_and_tells_who_is_on_it(rig: Rig) -> None:
    rig.wifi.activate_access_point(OWN, LIMIT)
    state = rig.wifi.look()
    assert (state.is_open, state.is_joined, state.ssid) == (True, False, OWN.ssid)
    assert (state.address, state.stations) == ("10.41.0.1", ())
    rig.join_station(STATION)
    stations = rig.wifi.look().stations
    assert stations is not None
    assert [station.address for station in stations] == [STATION]
    assert rig.wifi.seen() == ()
    assert rig.wifi.profiles() == ()


def test_whoever_is_on_the_access_point_stays_when_it_is_asked_for_again(rig: Rig) -> None:
    rig.wifi.activate_access_point(OWN, LIMIT)
    rig.join_station(STATION)
    before = len(rig.recorder.started) if isinstance(rig, MockedRadio) else rig.radio.attempt
    rig.wifi.activate_access_point(OWN, LIMIT)
    assert before == (len(rig.recorder.started) if isinstance(rig, MockedRadio) else rig.radio.attempt)
    stations = rig.wifi.look().stations
    assert stations


def test_an_access_point_looks_for_nothing(rig: Rig) -> None:
    rig.wifi.activate_access_point(OWN, LIMIT)
    with pytest.raises(NetworkTrouble) as caught:
        rig.wifi.scan()
    assert caught.value.kind == "not_ready"


def test_one_radio_has_one_role(rig: Rig) -> None:
    rig.switch_on(IPHONE, KEY)
    uuid = rig.wifi.save_profile(NewNetwork(IPHONE, KEY))
    rig.wifi.activate_access_point(OWN, LIMIT)
    rig.wifi.activate(uuid, LIMIT)
    assert rig.wifi.look().is_joined
    rig.wifi.activate_access_point(OwnAccessPoint(OWN.ssid, "another key", 11), LIMIT)
    assert rig.wifi.look().is_open


def test_what_is_left_is_left_and_nothing_to_leave_is_no_trouble(rig: Rig) -> None:
    rig.wifi.deactivate(LIMIT)
    rig.wifi.activate_access_point(OWN, LIMIT)
    rig.wifi.deactivate(LIMIT)
    state = rig.wifi.look()
    assert state.is_ready
    assert (state.is_open, state.uuid) == (False, "")


def test_without_a_radio_it_is_said_and_networks_are_known_all_the_same(rig: Rig) -> None:
    uuid = rig.wifi.save_profile(NewNetwork(IPHONE, KEY))
    rig.lose_radio()
    state = rig.wifi.look()
    assert (state.interface, state.is_ready) == ("", False)
    assert [profile.uuid for profile in rig.wifi.profiles()] == [uuid]
    trouble("no_radio", rig.wifi, uuid)
    assert rig.wifi.seen() == ()
    calls: tuple[Callable[[], object], ...] = (rig.wifi.scan, lambda: rig.wifi.activate_access_point(OWN, LIMIT))
    for call in calls:
        with pytest.raises(NetworkTrouble) as caught:
            call()
        assert caught.value.kind == "no_radio"


def test_after_a_cycle_the_radio_is_on(rig: Rig) -> None:
    rig.wifi.cycle_radio()
    rig.pass_seconds(10)
    assert rig.wifi.look().is_enabled
    assert rig.wifi.look().is_ready


def test_no_access_point_is_opened_for_everybody(rig: Rig) -> None:
    for own in (OwnAccessPoint(b"x", ""), OwnAccessPoint(b"x", "short"), OwnAccessPoint(b"", KEY)):
        with pytest.raises(NetworkTrouble) as caught:
            rig.wifi.activate_access_point(own, LIMIT)
        assert caught.value.kind == "invalid"
    assert not rig.wifi.look().is_open
