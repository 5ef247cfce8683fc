"""What cannot be a network's name, key or address is refused with words that help; everything else is let through."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashcam.network.base import NetworkTrouble, NewNetwork, OwnAccessPoint
from dashcam.network.keys import check_address, check_key, check_ssid, shown


@given(st.binary(min_size=1, max_size=32))
def test_every_name_of_1_to_32_bytes_can_be_a_network_and_be_shown_on_one_line(ssid: bytes) -> None:
    check_ssid(ssid)
    text = shown(ssid)
    assert text.isprintable()
    assert text
    text.encode()


def test_names_are_shown_as_they_are_written() -> None:
    assert shown("Zoe’s iPhone 🚗".encode()) == "Zoe’s iPhone 🚗"
    assert shown(b"\xff\n") == "\\xff\\n"


@pytest.mark.parametrize("ssid", [b"", b"x" * 33])
def test_other_names_cannot(ssid: bytes) -> None:
    with pytest.raises(NetworkTrouble, match="name"):
        check_ssid(ssid)


@given(st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=8, max_size=63))
def test_every_key_of_the_standard_is_taken(key: str) -> None:
    check_key(key)


@pytest.mark.parametrize("key", ["", "0123456789abcdefABCDEF" + "0" * 42])
def test_so_are_none_and_the_bits_themselves(key: str) -> None:
    check_key(key)


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("1234567", "7 characters; a Wi-Fi key has 8 to 63"),
        ("x" * 64, "64 hexadecimal digits"),
        ("x" * 65, "65 characters"),
        ("pass“word”1", 'character 5 .* is it " instead'),
        ("it’s a key", "is it ' instead"),
        ("schlüssel", "look it up"),
        ("tab\tbed key", "no sign that can be seen"),
        ("emoji 🚗 key", "character 7"),
    ],
)
def test_other_keys_are_not_and_it_is_said_why(key: str, words: str) -> None:
    with pytest.raises(NetworkTrouble, match=words) as caught:
        check_key(key)
    assert caught.value.kind == "invalid"
    assert key not in str(caught.value)


@pytest.mark.parametrize(
    ("address", "gateway"),
    [("", ""), ("192.168.1.50/24", ""), ("192.168.1.50/24", "192.168.1.1"), ("10.0.0.1/31", "10.0.0.0")],
)
def test_addresses_that_work(address: str, gateway: str) -> None:
    check_address(address, gateway)


@pytest.mark.parametrize(
    ("address", "gateway", "words"),
    [
        ("192.168.1.50", "", "192.168.1.50/24, most of the time"),
        ("192.168.1.0/24", "", "cannot be the address of a device"),
        ("192.168.1.255/24", "", "cannot be"),
        ("224.0.0.1/24", "", "cannot be"),
        ("127.0.0.2/8", "", "cannot be"),
        ("1.2.3.4/0", "", "cannot be"),
        ("1.2.3.4/33", "", "no IPv4 address"),
        ("fe80::1/64", "", "no IPv4 address"),
        ("home/24", "", "no IPv4 address"),
        ("192.168.1.50/24", "192.168.2.1", "another address of the network 192.168.1.0/24"),
        ("192.168.1.50/24", "192.168.1.50", "another address"),
        ("192.168.1.50/24", "router", "no IPv4 address"),
        ("", "192.168.1.1", "needs a fixed address"),
    ],
)
def test_addresses_that_cannot_work_are_refused_with_the_cure(address: str, gateway: str, words: str) -> None:
    with pytest.raises(NetworkTrouble, match=words):
        check_address(address, gateway)


def test_no_key_is_shown_by_accident() -> None:
    assert "geheimnis" not in repr(NewNetwork(b"x", "geheimnis"))
    assert "geheimnis" not in repr(OwnAccessPoint(b"x", "geheimnis"))
