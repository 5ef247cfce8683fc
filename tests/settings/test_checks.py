"""What a setting must be beyond its limits: refused in words that tell the cure."""

from __future__ import annotations

import pytest

from dashcam.errors import SettingsError
from dashcam.settings.checks import check_log_quota, check_tiles, check_webhook
from dashcam.web.guard import origin_of_tiles


@pytest.mark.parametrize("quantity", ["0 MB", "0 B", "999 kB", "0.5 MB", "0 %", "0.5 %"])
def test_a_track_log_that_would_be_gone_at_once_is_refused(quantity: str) -> None:
    with pytest.raises(SettingsError, match="write at least 1 "):
        check_log_quota(quantity)


@pytest.mark.parametrize("quantity", ["1 MB", "1 MiB", "64 MB", "1 %"])
def test_a_track_log_of_a_few_hours_is_enough(quantity: str) -> None:
    check_log_quota(quantity)


@pytest.mark.parametrize(
    "address",
    [
        "",
        "https://tile.openstreetmap.org/{z}/{x}/{y}.png",
        "http://10.0.0.2:8080/tiles/{z}/{x}/{y}.png",
        "https://{s}.tile.example/{z}/{x}/{y}{r}.png",
        "https://tile.example/{z}/{y}/{x}?key=0123-abc&style=a:b",
    ],
)
def test_an_address_of_a_map_that_is_taken_is_let_into_the_page(address: str) -> None:
    check_tiles(address)
    assert bool(origin_of_tiles(address)) == bool(address)


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("https://*/{z}/{x}/{y}.png", "write an address such as"),
        ("https://*.tile.example/{z}/{x}/{y}.png", "write an address such as"),
        ("https:///{z}/{x}/{y}.png", "write an address such as"),
        ("https://tile.example/{z}/{x}.png", "write an address such as"),
        ("https://tile.example/{z}/{x}/{y}.png; script-src *", "write an address such as"),
        ("https://tile.example:port/{z}/{x}/{y}.png", "write an address such as"),
        ("file:///{z}/{x}/{y}.png", "write an address such as"),
        ("https://user:pw@tile.example/{z}/{x}/{y}.png", "leave out name and password"),
        ("https://tile.example/{z}/{x}/{y}.png?key={apikey}", r"\{apikey\} stands for nothing"),
        ("https://{switch:a,b}.tile.example/{z}/{x}/{y}.png", r"\{switch:a,b\} stands for nothing"),
        ("https://tile.example/{z}/{x}/{y}.png?{", r"\{ stands for nothing"),
        ("https://a{s}.tile.example/{z}/{x}/{y}.png", "first part of the host"),
    ],
)
def test_an_address_without_pictures_is_refused_in_words(address: str, words: str) -> None:
    with pytest.raises(SettingsError, match=words):
        check_tiles(address)


@pytest.mark.parametrize(
    "address", ["", "http://192.168.1.7/", "https://[fd00::7]:8443/hook?token=a%20b", "http://localhost:8123"]
)
def test_an_address_that_is_told_of_events_is_taken(address: str) -> None:
    check_webhook(address)


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("ftp://example.org/", "write an address such as"),
        ("http://127.0.0.1:port/", "write an address such as"),
        ("http://[::1/hook", "write an address such as"),
        ("http://example.org/h\u00e9", "write an address such as"),
        ("http://example.org/a b", "write an address such as"),
        ("http://user:s3cret@example.org/", "name and password are not sent"),
    ],
)
def test_an_address_that_could_never_be_told_of_events_is_refused(address: str, words: str) -> None:
    with pytest.raises(SettingsError, match=words) as refused:
        check_webhook(address)
    assert "s3cret" not in str(refused.value)
