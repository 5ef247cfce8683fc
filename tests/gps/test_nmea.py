"""One sentence at a time: values in the units of a fix, whatever the talker, and nothing raises."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashcam.gps.nmea import KINDS, kind_of, parse

HALF_PAST_NINE_NS = (9 * 3600 + 30 * 60 + 15) * 10**9 + 250_000_000


@pytest.mark.parametrize("talker", ["GP", "GN", "GL", "GA", "BD", "GB"])
def test_every_talker_is_understood(talker: str) -> None:
    read = parse(f"{talker}RMC,093015.25,A,5230.0000,S,01324.0000,W,10.0,271.5,211126,,,D,V")
    assert read is not None
    assert (read.kind, read.talker, read.quality, read.date) == ("RMC", talker, "dgps", date(2026, 11, 21))
    assert (read.time_ns, read.latitude, read.longitude) == (HALF_PAST_NINE_NS, -52.5, -13.4)
    assert read.speed_mps == pytest.approx(5.14444, abs=1e-4)
    assert read.course_degrees == 271.5


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("GPRMC,,V,,,,,,,,,,N", {"quality": "none", "time_ns": None, "latitude": None, "speed_mps": None}),
        # The navigational status V says only that it is no ship's receiver.
        ("GNRMC,093015.25,A,5230.0,N,01324.0,E,,,211126,,,A,V", {"quality": "gps", "course_degrees": None}),
        ("GPRMC,093015.25,A,5230.0,N,01324.0,E,,,211126,,,E", {"quality": "estimated"}),
        ("GPRMC,093015.25,A,5230.0,N,01324.0,E,,,211126", {"quality": "gps"}),
        # A receiver after its week rollover, in gpsd's collection.
        ("GPRMC,000231.099,A,4829.0005,N,00022.0015,E,0.15,212.28,2208-1,,", {"date": None, "quality": "gps"}),
        ("GPRMC,093060.00,A,5230.0,N,01324.0,E,,,211126,,", {"time_ns": None}),
        ("GPGGA,093015.25,5230.0,N,01324.0,E,4,08,1.1,40.5,M,45.0,M,,",
         {"quality": "rtk", "satellites": 8, "hdop": 1.1, "altitude_m": 40.5, "latitude": 52.5}),
        ("GPGGA,,,,,,0,00,99.99,,M,,M,,", {"quality": "none", "satellites": 0, "latitude": None, "altitude_m": None}),
        ("GPGGA,093015.25,5230.0,N,01324.0,E,7,04,0.0,40.5,M,45.0,M,,", {"quality": "manual", "hdop": None}),
        ("GPGSA,A,3,01,02,,,,,,,,,,,2.0,1.2,1.6", {"hdop": 1.2}),
        ("GPGSA,A,1,,,,,,,,,,,,,,,", {"hdop": None}),
        ("GPVTG,360.0,T,,M,19.438,N,36.0,K,A", {"speed_mps": 10.0, "course_degrees": 360.0}),
        ("GPVTG,,T,,M,19.4384,N,,K,A", {"speed_mps": pytest.approx(10.0, abs=1e-4), "course_degrees": None}),
        ("GPZDA,093015.25,21,11,2026,00,00", {"time_ns": HALF_PAST_NINE_NS, "date": date(2026, 11, 21)}),
        ("GPZDA,,,,,,", {"time_ns": None, "date": None}),
        ("GPGSV,3,1,11,16,66,284,36,05,17,037,,07,02,336,,08,01,261,,1", {"satellites_in_view": 11}),
    ],
)  # fmt: skip
def test_a_sentence_and_its_values(text: str, expected: dict[str, Any]) -> None:
    read = parse(text)
    assert read is not None
    assert {name: getattr(read, name) for name in expected} == expected


@pytest.mark.parametrize(
    "text",
    [
        # A date that does not exist, and a place without its decimal point.
        "GPZDA,093015.25,31,02,2026,00,00",
        "GPRMC,093015.25,A,5230,N,01324.0,E,,,211126,,",
        "GPGGA,093015.25,52x0.0,N,01324.0,E,1,08,1.1,40.5,M,45.0,M,,",
    ],
)
def test_what_makes_no_sense_is_refused(text: str) -> None:
    assert parse(text) is None


@pytest.mark.parametrize("text", ["PUBX,00,1", "PGRME,15.0,M", "GPTXT,01", "GPRM", "", "G", "PQRMC,1", "GPRMCX,1"])
def test_all_else_is_of_no_use(text: str) -> None:
    assert kind_of(text) is None


@given(
    st.sampled_from(KINDS), st.lists(st.text(alphabet=st.characters(min_codepoint=32, max_codepoint=126)), max_size=20)
)
def test_no_field_is_too_strange(kind: str, fields: list[str]) -> None:
    read = parse(",".join((f"GP{kind}", *fields)).replace("*", ""))
    if read is not None:
        assert read.kind == kind
        assert read.satellites is None or 0 <= read.satellites <= 999
