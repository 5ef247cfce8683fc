"""How a moment is written: what is known stands there, and what is not known is said."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from dashcam.clock import NANOSECONDS
from dashcam.moment import Moment, place_words, position_words, speed_words, stamp_words, time_words
from dashcam.place import Place

NOON = int(datetime(2026, 7, 1, 12, 0, 0, tzinfo=UTC).timestamp()) * NANOSECONDS
DUBLIN = Place(latitude=53.351219, longitude=-6.260309, speed_mps=13.4)


def moment(utc_ns: int | None = NOON, zone: str = "Europe/Berlin", place: Place | None = DUBLIN) -> Moment:
    return Moment(monotonic_ns=0, utc_ns=utc_ns, zone=ZoneInfo(zone), place=place)


@pytest.mark.parametrize(
    ("zone", "words"),
    [
        ("Europe/Berlin", "2026-07-01 14:00:00 CEST"),
        ("UTC", "2026-07-01 12:00:00 UTC"),
        ("Asia/Kathmandu", "2026-07-01 17:45:00 UTC+0545"),
        ("America/Sao_Paulo", "2026-07-01 09:00:00 UTC-03"),
    ],
)
def test_the_zone_has_its_letters_or_its_offset(zone: str, words: str) -> None:
    assert time_words(moment(zone=zone)) == words
    assert time_words(moment(zone=zone), with_zone=False) == words[:19]


def test_speed_is_said_in_the_unit_of_the_setting_and_only_when_known() -> None:
    assert [speed_words(13.4, "km/h"), speed_words(13.4, "mph")] == ["48 km/h", "30 mph"]
    assert [speed_words(0.0, "km/h"), speed_words(None, "mph")] == ["0 km/h", ""]


def test_a_position_is_a_metre_exact() -> None:
    assert position_words(DUBLIN) == "53.35122, -6.26031"
    assert place_words(DUBLIN, "mph") == "30 mph  53.35122, -6.26031"
    assert place_words(None, "mph") == "no GPS"


def test_a_stamp_has_all_that_is_known() -> None:
    assert stamp_words(moment(), "front", "km/h") == (
        "2026-07-01 14:00:00 CEST",
        "48 km/h",
        "53.35122, -6.26031",
        "front",
    )
    assert stamp_words(moment(), "front", "km/h", with_place=False)[1:] == ("48 km/h", "front")


def test_a_stamp_says_what_is_not_known() -> None:
    nothing = moment(utc_ns=None, place=None)
    assert stamp_words(nothing, "front", "km/h") == ("time not set", "no GPS", "front")
    assert stamp_words(nothing, "front", "km/h", with_place=False) == ("time not set", "no GPS", "front")
    without_speed = moment(place=Place(latitude=-33.85, longitude=151.2))
    assert stamp_words(without_speed, "front", "km/h")[1:] == ("-33.85000, 151.20000", "front")
