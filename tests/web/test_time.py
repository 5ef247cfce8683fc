"""A phone that opens the page brings the time and its zone; nothing else it may send does any harm."""

from __future__ import annotations

import time
from datetime import timedelta, timezone
from typing import Any

import pytest

from dashcam.clock import NANOSECONDS, RELEASE_UTC_NS, local_time
from dashcam.link import messages as m
from dashcam.web.time import PhoneTime, offer_of, zone_to_offer
from tests.web.sites import Site

MS = 1_000_000
WINTER_MS = (RELEASE_UTC_NS + 30 * 86_400 * NANOSECONDS) // MS
"""A day shortly before Christmas."""
SUMMER_MS = WINTER_MS + 182 * 86_400_000


def test_the_phones_time_is_the_dashcams_at_once(site: Site) -> None:
    before_ns = time.monotonic_ns()
    answer = site.post("/api/time", {"utc_ms": WINTER_MS})
    after_ns = time.monotonic_ns()
    assert answer.status == 200
    assert (answer.json["is_taken"], answer.json["clock"]["source"]) == (True, "phone")
    assert answer.json["clock"]["words"] == "From a phone."
    assert answer.json["zone_offer"] is None
    [offer] = site.recorder.asked
    assert isinstance(offer, m.OfferTime)
    assert (offer.utc_ns, offer.error_seconds) == (WINTER_MS * MS, 1.0)
    assert before_ns <= offer.monotonic_ns <= after_ns


def test_whoever_knows_how_long_a_request_takes_may_offer_it_again(site: Site) -> None:
    answers = [
        site.post("/api/time", {"utc_ms": WINTER_MS, **more}).json
        for more in ({}, {"round_trip_ms": 80}, {"round_trip_ms": 400}, {"round_trip_ms": 5000})
    ]
    assert [answer["is_taken"] for answer in answers] == [True, True, False, False]
    assert "already" in answers[2]["words"]
    assert "too long" in answers[3]["words"]
    assert {answer["clock"]["source"] for answer in answers} == {"phone"}


def test_half_of_the_way_there_and_back_counts() -> None:
    offer = offer_of(PhoneTime(utc_ms=WINTER_MS, round_trip_ms=80.5), 7)
    assert offer == m.OfferTime(utc_ns=WINTER_MS * MS + 40_250_000, monotonic_ns=7, error_seconds=0.04025)


def test_a_date_that_cannot_be_right_is_not_taken_and_the_words_say_so(site: Site) -> None:
    for utc_ms in (0, 315_532_800_000, 3_471_292_800_000, 9_000_000_000_000):
        answer = site.post("/api/time", {"utc_ms": utc_ms, "zone": "Europe/Berlin"})
        assert (answer.status, answer.json["is_taken"]) == (200, False)
        assert answer.json["words"] == "The phone's date cannot be right; set its clock."
        assert answer.json["clock"]["source"] == "saved"


REFUSED: list[Any] = [
    {},
    {"utc_ms": -1},
    {"utc_ms": 9_000_000_000_001},
    {"utc_ms": 10**30},
    {"utc_ms": 1.5},
    {"utc_ms": "1795185960123"},
    {"utc_ms": None},
    {"utc_ms": True},
    {"utc_ms": WINTER_MS, "zone": "../../etc/passwd"},
    {"utc_ms": WINTER_MS, "zone": "Europe/Berlin\x00"},
    {"utc_ms": WINTER_MS, "zone": "A" * 65},
    {"utc_ms": WINTER_MS, "zone": 1},
    {"utc_ms": WINTER_MS, "round_trip_ms": -1},
    {"utc_ms": WINTER_MS, "round_trip_ms": 1e300},
    {"utc_ms": WINTER_MS, "round_trip_ms": "fast"},
    {"utc_ms": WINTER_MS, "source": "gps"},
    {"utc_ms": WINTER_MS, "monotonic_ns": 5},
    [WINTER_MS],
    WINTER_MS,
    "now",
]


def test_anything_else_is_refused_in_words_and_never_reaches_the_recorder(site: Site) -> None:
    for body in REFUSED:
        answer = site.post("/api/time", body)
        assert (answer.status, answer.error_code) == (400, "bad_request"), body
    assert site.recorder.asked == []


def test_what_is_no_json_is_refused(site: Site) -> None:
    head = f"POST /api/time HTTP/1.1\r\nHost: {site.netloc}\r\nContent-Type: application/json\r\nConnection: close\r\n"
    for content in (b"", b"NaN", b'{"utc_ms": NaN}', b'{"utc_ms": 1e400}', b"\xff", b"{" * 9000):
        answer = site.say_raw(f"{head}Content-Length: {len(content)}\r\n\r\n".encode() + content)
        assert answer.startswith(b"HTTP/1.1 400 "), content
    assert site.recorder.asked == []


def test_another_page_may_not_set_the_time(site: Site) -> None:
    answer = site.ask("POST", "/api/time", {"utc_ms": WINTER_MS}, {"Origin": "http://elsewhere.example"})
    assert answer.status == 403
    assert site.recorder.asked == []


def test_reading_tells_no_time(site: Site) -> None:
    assert site.get("/api/time").error_code == "wrong_method"


def test_without_a_recorder_it_says_so(site: Site) -> None:
    site.recorder.close()
    answer = site.post("/api/time", {"utc_ms": WINTER_MS})
    assert (answer.status, answer.error_code) == (503, "unreachable")


def here(minutes: int) -> Any:
    """A machine whose own zone is so far ahead of UTC."""
    return lambda utc_ns: local_time(utc_ns, None).astimezone(timezone(timedelta(minutes=minutes)))


@pytest.mark.parametrize(
    ("zone", "setting", "ours_minutes", "utc_ms", "expected"),
    [
        ("Europe/Berlin", "", 0, WINTER_MS, "Europe/Berlin"),
        ("Europe/Berlin", "", 60, WINTER_MS, None),
        ("Europe/Berlin", "", 60, SUMMER_MS, "Europe/Berlin"),
        ("Europe/Berlin", "", 120, SUMMER_MS, None),
        ("Asia/Kathmandu", "", 330, WINTER_MS, "Asia/Kathmandu"),
        ("Asia/Kathmandu", "", 345, WINTER_MS, None),
        ("Asia/Calcutta", "", 0, WINTER_MS, "Asia/Kolkata"),
        ("Asia/Calcutta", "", 330, WINTER_MS, None),
        ("Europe/Berlin", "Asia/Tokyo", 0, WINTER_MS, None),
        ("", "", 60, WINTER_MS, None),
        ("Mars/Olympus_Mons", "", 0, WINTER_MS, None),
        ("../../etc/passwd", "", 0, WINTER_MS, None),
        ("/etc/passwd", "", 0, WINTER_MS, None),
        ("Europe", "", 0, WINTER_MS, None),
        ("Europe/Berlin\n", "", 0, WINTER_MS, None),
        ("posixrules", "", 0, SUMMER_MS, None),
        ("posix/Europe/Berlin", "", 0, WINTER_MS, None),
        ("right/Europe/Berlin", "", 0, WINTER_MS, None),
        ("Europe/Berlin", "", 0, 0, None),
        ("Europe/Berlin", "", 0, 9_000_000_000_000, "Europe/Berlin"),
    ],
)
def test_a_zone_is_offered_where_none_is_set_and_its_time_is_another_now(
    zone: str, setting: str, ours_minutes: int, utc_ms: int, expected: str | None
) -> None:
    assert zone_to_offer(zone, setting, utc_ms * MS, here(ours_minutes)) == expected


def test_a_date_that_was_refused_decides_nothing_about_the_zone(site: Site) -> None:
    # In the January of 1970 London had summer time.
    for zone in ("Europe/London", "Asia/Kathmandu", "Europe/Berlin"):
        refused = site.post("/api/time", {"utc_ms": 0, "zone": zone}).json
        assert not refused["is_taken"]
        assert refused["zone_offer"] == zone_to_offer(zone, "", refused["clock"]["utc_ns"])


def test_the_page_hears_of_the_zone_and_may_save_it(site: Site) -> None:
    ours = local_time(WINTER_MS * MS, None).utcoffset()
    theirs = "Asia/Kathmandu" if ours != timedelta(minutes=345) else "Europe/Berlin"
    body = {"utc_ms": WINTER_MS, "zone": theirs}
    assert site.post("/api/time", body).json["zone_offer"] == theirs
    assert site.ask("PATCH", "/api/settings", {"changes": {"clock.zone": theirs}}).status == 200
    assert site.post("/api/time", body).json["zone_offer"] is None
