"""What NetworkManager says of networks and profiles is understood, also of those that are not ours."""

from __future__ import annotations

import uuid

import pytest

from dashcam.link.network_messages import WifiSecurity
from dashcam.network.base import NewNetwork, OwnAccessPoint, SeenAccessPoint
from dashcam.network.profile_settings import (
    Settings,
    access_point_settings,
    has_same_access_point,
    is_own_access_point,
    likely_security,
    network_settings,
    new_access_point_uuid,
    new_network_uuid,
    profile_of,
    security_of,
)

KEY = "correct horse"
OWN = OwnAccessPoint(b"own", KEY, 6)
PRIVACY, PSK, ENTERPRISE, SAE, OWE, OWE_TRANSITION, SUITE_B = 1, 0x188, 0x288, 0x488, 0x888, 0x1088, 0x2088


@pytest.mark.parametrize(
    ("flags", "wpa", "rsn", "security"),
    [
        (0, 0, 0, "open"),
        (PRIVACY, 0, 0, "wep"),
        (PRIVACY, 0x144, 0, "wpa"),
        (PRIVACY, 0, PSK, "wpa"),
        (PRIVACY, 0, PSK | SAE, "wpa"),
        (PRIVACY, 0, SAE, "wpa3"),
        (PRIVACY, 0, ENTERPRISE, "enterprise"),
        (PRIVACY, 0, SUITE_B, "enterprise"),
        (PRIVACY, 0, ENTERPRISE | PSK, "wpa"),
        (PRIVACY, 0, OWE, "open"),
        (0, 0, OWE_TRANSITION, "open"),
        (0x2, 0, 0, "open"),  # WPS
    ],
)
def test_flags_of_an_access_point_mean_what_it_demands(flags: int, wpa: int, rsn: int, security: WifiSecurity) -> None:
    assert security_of(flags, wpa, rsn) == security


@pytest.mark.parametrize(
    ("heard", "key", "likely"),
    [
        ([], KEY, "wpa"),
        ([], "", "open"),
        (["wpa3"], KEY, "wpa3"),
        (["wpa3", "wpa"], KEY, "wpa"),
        (["open", "wpa"], KEY, "wpa"),
        (["wpa", "open"], "", "open"),
        (["wpa"], "", "wpa"),
        (["enterprise"], KEY, "enterprise"),
    ],
)
def test_of_several_access_points_of_a_name_that_counts_which_can_be_joined(
    heard: list[WifiSecurity], key: str, likely: WifiSecurity
) -> None:
    seen = [SeenAccessPoint(b"x", f"{number}", 50, each, 2412, 1.0) for number, each in enumerate(heard)]
    seen.append(SeenAccessPoint(b"other", "o", 99, "wep", 2412, 1.0))
    seen.append(SeenAccessPoint(b"x", "old", 99, "wep", 2412, 100.0))
    assert likely_security(NewNetwork(b"x", key), seen) == likely


def wifi(mode: str = "", key_management: str = "") -> Settings:
    """A profile as somebody else may have made it."""
    made: Settings = {
        "connection": {"type": ("s", "802-11-wireless"), "uuid": ("s", "u"), "id": ("s", "x")},
        "802-11-wireless": {"ssid": ("ay", b"x")},
    }
    if mode:
        made["802-11-wireless"]["mode"] = ("s", mode)
    if key_management:
        made["802-11-wireless-security"] = {"key-mgmt": ("s", key_management)}
    return made


def test_what_is_no_network_to_be_joined_is_none() -> None:
    assert profile_of({}) is None
    assert profile_of({"connection": {"type": ("s", "802-3-ethernet")}}) is None
    assert profile_of(wifi("adhoc")) is None
    assert profile_of(wifi("mesh")) is None


@pytest.mark.parametrize(
    ("key_management", "security"),
    [("", "open"), ("owe", "open"), ("wpa-psk", "wpa"), ("sae", "wpa3"), ("none", "wep"), ("wpa-eap", "enterprise")],
)
def test_profiles_of_others_are_understood(key_management: str, security: WifiSecurity) -> None:
    profile = profile_of(wifi("", key_management))
    assert profile is not None
    assert (profile.security, profile.is_ours, profile.joins_by_itself, profile.priority) == (security, False, True, 0)


def test_ours_are_known_by_their_uuid_and_not_by_their_name() -> None:
    settings = network_settings(NewNetwork(b"x", KEY), "wpa", new_network_uuid(), 50)
    settings["connection"]["id"] = ("s", "renamed")
    profile = profile_of(settings)
    assert profile is not None
    assert (profile.is_ours, profile.priority) == (True, 50)
    assert not is_own_access_point(settings)
    named_alike = wifi("ap", "wpa-psk")
    named_alike["connection"]["id"] = ("s", "dashcam-ap")
    assert not is_own_access_point(named_alike)
    assert is_own_access_point(access_point_settings(OWN, new_access_point_uuid()))
    assert not is_own_access_point(access_point_settings(OWN, new_network_uuid()))


def test_each_uuid_is_one_and_new() -> None:
    made = [make() for make in (new_network_uuid, new_access_point_uuid) for _ in range(50)]
    assert [str(uuid.UUID(each)) for each in made] == made
    assert len(set(made)) == len(made)


def test_nothing_of_ours_has_a_name_that_netplan_would_tear_apart() -> None:
    """It writes `group.name` and takes all before the last dot for the group; data for users needs dots in names."""
    made = [network_settings(NewNetwork(b"x", KEY, address="10.0.0.2/24", gateway="10.0.0.1"), "wpa", "u", 50)]
    made.append(access_point_settings(OWN, "u"))
    assert [settings.keys() & {"user"} for settings in made] == [set(), set()]
    assert not any("." in name for settings in made for group in settings.values() for name in group)


@pytest.mark.parametrize(
    "other", [OwnAccessPoint(b"own2", KEY, 6), OwnAccessPoint(b"own", KEY, 11), OwnAccessPoint(b"own", KEY, 1)]
)
def test_an_access_point_that_is_wanted_otherwise_is_noticed(other: OwnAccessPoint) -> None:
    wanted = access_point_settings(OWN, "u")
    assert has_same_access_point(access_point_settings(OWN, "u"), wanted)
    assert not has_same_access_point(access_point_settings(other, "u"), wanted)
    assert not has_same_access_point(access_point_settings(OWN, "u", "wlan1"), access_point_settings(OWN, "u", "wlan0"))
    assert not has_same_access_point(access_point_settings(OWN, "u", "wlan1"), wanted)
