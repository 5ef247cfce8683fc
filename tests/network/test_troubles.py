"""Why something did not work is told apart, and the words say what to do."""

from __future__ import annotations

import pytest

from dashcam.network.base import NetworkTrouble, Profile, TroubleKind
from dashcam.network.troubles import bus_trouble, joining_trouble, kind_of, opening_trouble, trouble_of
from dashcam.system.bus import BusMissing, BusRefusal

FAILED = "Error: Connection activation failed: "
UNSUITABLE = f"{FAILED}No suitable device found for this connection (device wlan0 not available because "


@pytest.mark.parametrize(
    ("exit_code", "words", "kind"),
    [
        (4, f"{FAILED}Secrets were required, but not provided", "wrong_key"),
        (4, f"{FAILED}The Wi-Fi network could not be found", "not_found"),
        (4, f"{UNSUITABLE}the Wi-Fi network could not be found).", "not_found"),
        (4, f"{UNSUITABLE}device is not available).", "not_ready"),
        (4, f"{FAILED}IP configuration could not be reserved (no available address, timeout, etc.)", "no_address"),
        (4, f"{FAILED}802.1X supplicant took too long to authenticate", "refused"),
        (4, f"{FAILED}The base network connection was interrupted", "unknown"),
        (10, "Error: unknown connection 'x'.", "not_found"),
        (3, "Error: Timeout expired (5 seconds)", "timeout"),
        (8, "Error: NetworkManager is not running.", "no_service"),
        (1, "Error: Could not create NMClient object: Could not connect: No such file or directory.", "no_service"),
        (1, "Error: Failed to modify connection: Insufficient privileges", "forbidden"),
        (4, f"{FAILED}Not authorized to control networking.", "forbidden"),
        (1, "Error: Scanning not allowed immediately following previous scan.", "not_ready"),
        (1, "", "unknown"),
    ],
)
def test_what_nmcli_says_is_understood(exit_code: int, words: str, kind: TroubleKind) -> None:
    assert kind_of(exit_code, words) == kind
    assert trouble_of(exit_code, words).kind == kind
    assert str(trouble_of(exit_code, words))


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (BusMissing("gone"), "no_service"),
        (BusRefusal("org.freedesktop.DBus.Error.ServiceUnknown", ""), "no_service"),
        (BusRefusal("org.freedesktop.DBus.Error.AccessDenied", "no"), "forbidden"),
        (BusRefusal("org.freedesktop.NetworkManager.Settings.PermissionDenied", "no"), "forbidden"),
        (BusRefusal("org.freedesktop.NetworkManager.Settings.Connection.InvalidProperty", "psk"), "invalid"),
        (BusRefusal("org.freedesktop.NetworkManager.Device.NotAllowed", "Scanning not allowed"), "not_ready"),
        (BusRefusal("org.freedesktop.DBus.Error.UnknownObject", ""), "not_found"),
        (BusRefusal("org.freedesktop.DBus.Error.NoReply", ""), "timeout"),
        (BusRefusal("something.else", "odd"), "unknown"),
    ],
)
def test_so_is_what_is_said_over_d_bus(error: BusMissing | BusRefusal, kind: TroubleKind) -> None:
    assert bus_trouble(error).kind == kind


@pytest.mark.parametrize(
    ("kind", "cure"),
    [
        ("wrong_key", "type it anew"),
        ("not_found", "switch the hotspot on"),
        ("no_address", "off and on"),
        ("refused", "how many devices"),
        ("timeout", "come nearer"),
    ],
)
def test_whoever_wanted_to_join_is_told_the_network_and_the_cure(kind: TroubleKind, cure: str) -> None:
    told = joining_trouble(NetworkTrouble(kind, "raw"), Profile("u", "dashcam x", "Zoe’s".encode()))
    assert told.kind == kind
    assert "Zoe’s" in str(told)
    assert cure in str(told)


def test_an_access_point_that_hands_out_no_addresses_lacks_a_package() -> None:
    raw = trouble_of(4, f"{FAILED}Shared connection service failed to start")
    assert "dnsmasq-base" in str(opening_trouble(raw))


def test_hints_and_prefixes_of_nmcli_are_left_out() -> None:
    words = "Warning: odd\nError: Connection activation failed: Moon\nHint: use 'journalctl'\n"
    assert str(trouble_of(4, words)) == "Warning: odd Connection activation failed: Moon"
