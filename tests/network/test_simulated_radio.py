"""The simulated radio keeps NetworkManager's rules in time: what joins by itself, what is lost and when."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashcam.network.base import NetworkTrouble, NewNetwork, OwnAccessPoint, Profile, TroubleKind
from dashcam.network.simulated import SimulatedWifi
from dashcam.network.simulated_radio import (
    CYCLE_SECONDS,
    JOIN_SECONDS,
    KEPT_SECONDS,
    LOST_SECONDS,
    NOT_FOUND_SECONDS,
    OWN_SCAN_SECONDS,
    SCAN_SECONDS,
    WRONG_KEY_SECONDS,
    Hotspot,
    Known,
    SimulatedRadio,
)
from tests.network.simulated_rig import SimulatedRig

KEY, LIMIT = "correct horse", 60.0
OWN = OwnAccessPoint(b"own", "battery staple")
A_LOOK = OWN_SCAN_SECONDS + SCAN_SECONDS


@pytest.fixture
def rig() -> SimulatedRig:
    return SimulatedRig()


def trouble(kind: TroubleKind, rig: SimulatedRig, uuid: str, limit_seconds: float = LIMIT) -> float:
    """How long it took to fail so."""
    began = rig.now
    with pytest.raises(NetworkTrouble) as caught:
        rig.wifi.activate(uuid, limit_seconds)
    assert caught.value.kind == kind
    return rig.now - began


def saved(rig: SimulatedRig, key: str = KEY) -> str:
    return rig.wifi.save_profile(NewNetwork(b"phone", key))


def test_a_known_phone_is_joined_by_itself_once_it_was_heard(rig: SimulatedRig) -> None:
    saved(rig)
    rig.pass_seconds(100)
    rig.radio.add(Hotspot(b"phone", KEY))
    assert not rig.wifi.look().is_joined
    rig.pass_seconds(A_LOOK + JOIN_SECONDS)
    assert rig.wifi.look().is_joined


def test_the_preferred_one_is_joined(rig: SimulatedRig) -> None:
    phone, home = saved(rig), rig.wifi.save_profile(NewNetwork(b"home", KEY))
    rig.wifi.order([home, phone])
    for name in (b"phone", b"home"):
        rig.radio.add(Hotspot(name, KEY))
    rig.pass_seconds(A_LOOK + JOIN_SECONDS)
    assert rig.wifi.look().uuid == home


def test_a_phone_that_leaves_is_missed_a_little_later_and_one_that_flaps_is_not(rig: SimulatedRig) -> None:
    uuid = saved(rig)
    rig.switch_on(b"phone", KEY)
    rig.wifi.activate(uuid, LIMIT)
    rig.switch_off(b"phone")
    rig.pass_seconds(LOST_SECONDS - 1)
    assert rig.wifi.look().is_joined
    rig.radio.switch(b"phone", is_on=True)
    rig.pass_seconds(LOST_SECONDS)
    assert rig.wifi.look().is_joined
    rig.switch_off(b"phone")
    rig.pass_seconds(LOST_SECONDS)
    assert not rig.wifi.look().is_joined


def test_nothing_joins_by_itself_while_it_is_the_access_point_and_it_does_afterwards(rig: SimulatedRig) -> None:
    saved(rig)
    rig.wifi.activate_access_point(OWN, LIMIT)
    rig.radio.add(Hotspot(b"phone", KEY))
    rig.pass_seconds(1000)
    assert rig.wifi.look().is_open
    rig.wifi.deactivate(LIMIT)
    rig.pass_seconds(SCAN_SECONDS + JOIN_SECONDS)
    assert rig.wifi.look().is_joined


def test_what_is_left_by_hand_is_not_joined_again_by_itself(rig: SimulatedRig) -> None:
    uuid = saved(rig)
    rig.switch_on(b"phone", KEY)
    rig.wifi.activate(uuid, LIMIT)
    rig.wifi.deactivate(LIMIT)
    rig.pass_seconds(1000)
    assert not rig.wifi.look().is_joined
    rig.wifi.activate(uuid, LIMIT)
    assert rig.wifi.look().is_joined


def test_a_wrong_key_is_tried_once_until_it_is_changed(rig: SimulatedRig) -> None:
    uuid = saved(rig, "wrong horse")
    rig.switch_on(b"phone", KEY)
    assert trouble("wrong_key", rig, uuid) == pytest.approx(WRONG_KEY_SECONDS, abs=1)
    attempt = rig.radio.attempt
    rig.pass_seconds(1000)
    rig.wifi.look()
    assert rig.radio.attempt == attempt
    saved(rig)
    rig.pass_seconds(A_LOOK + JOIN_SECONDS)
    assert rig.wifi.look().is_joined


def test_what_is_not_there_takes_its_time_unless_it_comes(rig: SimulatedRig) -> None:
    uuid = saved(rig)
    assert trouble("not_found", rig, uuid) == pytest.approx(NOT_FOUND_SECONDS, abs=1)
    assert trouble("timeout", rig, uuid, 8.0) == pytest.approx(8, abs=1)
    rig.radio.add(Hotspot(b"phone", KEY))
    rig.pass_seconds(NOT_FOUND_SECONDS + JOIN_SECONDS)
    assert rig.wifi.look().is_joined


def test_what_has_gone_is_listed_for_minutes(rig: SimulatedRig) -> None:
    rig.switch_on(b"phone", KEY)
    rig.switch_off(b"phone")
    rig.pass_seconds(KEPT_SECONDS - SCAN_SECONDS - 5)
    assert [each.ssid for each in rig.wifi.seen()] == [b"phone"]
    rig.pass_seconds(SCAN_SECONDS + 5)
    assert rig.wifi.seen() == ()


def test_stations_are_on_an_open_access_point_only_and_lose_it_when_it_closes(rig: SimulatedRig) -> None:
    rig.join_station("aa")
    rig.wifi.activate_access_point(OWN, LIMIT)
    assert rig.wifi.look().stations == ()
    rig.join_station("aa")
    rig.pass_seconds(30)
    assert [each.inactive_seconds for each in rig.wifi.look().stations or ()] == [30.0]
    rig.radio.station("aa", is_on=False)
    rig.join_station("bb")
    rig.wifi.deactivate(LIMIT)
    rig.wifi.activate_access_point(OWN, LIMIT)
    assert rig.wifi.look().stations == ()


def test_a_radio_that_is_stuck_ends_nothing_and_only_its_cure_helps(rig: SimulatedRig) -> None:
    uuid = saved(rig)
    rig.switch_on(b"phone", KEY)
    rig.wifi.activate(uuid, LIMIT)
    rig.radio.become("stuck", "reload")
    assert not rig.wifi.look().is_joined
    trouble("timeout", rig, uuid)
    with pytest.raises(NetworkTrouble, match="not done within"):
        rig.wifi.activate_access_point(OWN, LIMIT)
    rig.wifi.cycle_radio()
    rig.pass_seconds(100)
    assert not rig.wifi.look().is_ready
    rig.radio.reload()
    rig.pass_seconds(CYCLE_SECONDS + SCAN_SECONDS + JOIN_SECONDS)
    assert rig.wifi.look().is_joined


@pytest.mark.parametrize("health", ["stuck", "absent"])
def test_a_radio_that_gets_well_by_itself_goes_on(rig: SimulatedRig, health: str) -> None:
    saved(rig)
    rig.radio.add(Hotspot(b"phone", KEY))
    rig.radio.become("stuck" if health == "stuck" else "absent")
    rig.pass_seconds(500)
    assert not rig.wifi.look().is_joined
    rig.radio.become("well")
    rig.pass_seconds(CYCLE_SECONDS + A_LOOK + JOIN_SECONDS)
    assert rig.wifi.look().is_joined


def test_at_boot_it_is_not_ready_for_a_while() -> None:
    now = [0.0]
    wifi = SimulatedWifi(SimulatedRadio(lambda: now[0], ready_after_seconds=8.0))
    assert not wifi.look().is_ready
    with pytest.raises(NetworkTrouble) as caught:
        wifi.activate_access_point(OWN, LIMIT)
    assert caught.value.kind == "not_ready"
    now[0] = 8.0
    assert wifi.look().is_ready


def test_without_the_service_everything_says_so(rig: SimulatedRig) -> None:
    uuid = saved(rig)
    rig.radio.is_service_running = False
    for call in (rig.wifi.look, rig.wifi.profiles, rig.wifi.cycle_radio, lambda: rig.wifi.activate(uuid, LIMIT)):
        with pytest.raises(NetworkTrouble) as caught:
            call()
        assert caught.value.kind == "no_service"


def test_profiles_of_others_are_used_and_left_alone(rig: SimulatedRig) -> None:
    uuid = saved(rig)
    profile = replace(rig.wifi.profiles()[0], is_ours=False, priority=0)
    rig.radio.known[uuid] = Known(profile, KEY)
    with pytest.raises(NetworkTrouble):
        rig.wifi.forget(uuid)
    rig.wifi.order([uuid])
    assert rig.wifi.profiles() == (profile,)


def test_who_ends_does_not_wait(rig: SimulatedRig) -> None:
    wifi = SimulatedWifi(rig.radio, wait=lambda _seconds: True)
    with pytest.raises(NetworkTrouble, match="dashcam ends"):
        wifi.activate_access_point(OWN, LIMIT)


PHONE = Profile("u", "dashcam phone", b"phone", priority=99)
ACTS: dict[str, Callable[[SimulatedRig], object]] = {
    "on": lambda rig: rig.radio.switch(b"phone", is_on=True),
    "off": lambda rig: rig.radio.switch(b"phone", is_on=False),
    "open": lambda rig: rig.radio.begin("own", OWN),
    "join": lambda rig: rig.radio.begin("u"),
    "leave": lambda rig: rig.wifi.deactivate(LIMIT),
    "cycle": lambda rig: rig.wifi.cycle_radio(),
    "wait": lambda rig: rig.wifi.look(),
}


@settings(max_examples=60, deadline=None)
@given(steps=st.lists(st.tuples(st.sampled_from(sorted(ACTS)), st.integers(0, 90)), max_size=12))
def test_it_does_not_matter_how_often_somebody_looks(steps: list[tuple[str, int]]) -> None:
    """All that was due happens in its order, in one look or in many."""
    seldom, often = SimulatedRig(), SimulatedRig()
    for rig, turns in ((seldom, 1), (often, 8)):
        rig.radio.add(Hotspot(b"phone", KEY, is_on=False))
        rig.radio.known["u"] = Known(PHONE, KEY)
        for what, seconds in steps:
            for _ in range(turns):
                rig.pass_seconds(seconds / turns)  # eighths are exact
                rig.wifi.look()
            ACTS[what](rig)
    assert seldom.wifi.look() == often.wifi.look()
