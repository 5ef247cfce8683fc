"""Values that cannot be are left out, whoever says them; the place that came with them counts."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashcam.gps.assembler import SentenceAssembler
from dashcam.gps.base import Fix
from dashcam.gps.gpsd_messages import GpsdParser
from dashcam.gps.plausible import Judge, without_absurd
from dashcam.gps.recording import fixes_of
from tests.gps.made import Watcher, fix, sentence
from tests.gps.scripted_port import heard

REFERENCE = date(2026, 11, 1)
BEGAN = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)

# What is said, and what becomes of it.
CASES: list[tuple[str, Any, Any]] = [
    ("altitude_m", -500.0, -500.0),
    ("altitude_m", -500.1, None),
    ("altitude_m", 20_000.0, 20_000.0),
    ("altitude_m", 20_000.1, None),
    ("altitude_m", 999_999.9, None),
    ("course_degrees", 359.9, 359.9),
    ("course_degrees", 360.0, 0.0),
    ("course_degrees", 360.1, None),
    ("course_degrees", -0.1, None),
    ("hdop", 10.0, 10.0),
    ("speed_mps", -0.1, None),
    ("satellites", 150, 150),
    ("satellites", 151, None),
    ("satellites_in_view", 999, None),
]


@pytest.mark.parametrize(("name", "said", "kept"), CASES)
def test_a_value_by_itself(name: str, said: Any, kept: Any) -> None:
    judged = Judge().judged(msgspec.structs.replace(fix(), **{name: said}))
    assert (getattr(judged, name), judged.verdict) == (kept, "good")


@pytest.mark.parametrize("name", ["altitude_m", "course_degrees", "hdop", "speed_mps"])
@pytest.mark.parametrize("said", [math.nan, math.inf, -math.inf])
def test_what_is_no_number_is_left_out(name: str, said: float) -> None:
    assert getattr(without_absurd(msgspec.structs.replace(fix(), **{name: said})), name) is None


@pytest.mark.parametrize("said", [100.1, 9999.0, math.inf])
def test_a_dilution_beyond_measure_makes_no_place_better(said: float) -> None:
    judged = Judge().judged(msgspec.structs.replace(fix(), hdop=said))
    assert (judged.hdop, judged.verdict) == (None, "imprecise")


def test_a_speed_faster_than_a_plane_is_no_fix_still() -> None:
    assert Judge().judged(msgspec.structs.replace(fix(), speed_mps=1e300)).verdict == "implausible"


def absurd(number: int, course: str = "725.0", speed: str = "-5.0") -> bytes:
    moment, place = f"{BEGAN + timedelta(seconds=number):%H%M%S}.00", "5230.0,N,01324.0,E"
    return sentence(f"GPRMC,{moment},A,{place},{speed},{course},211126,,,A") + sentence(
        f"GPGGA,{moment},{place},1,999,-3.0,8888888.8,M,45.0,M,,"
    )


def optional(fix: Fix) -> tuple[object, ...]:
    return fix.altitude_m, fix.speed_mps, fix.course_degrees, fix.hdop, fix.satellites, fix.satellites_in_view


def test_a_receiver_on_a_port() -> None:
    watcher = Watcher()
    view = sentence("GPGSV,1,1,999,01,40,083,46")
    with heard([(100.0 + number, view + absurd(number)) for number in range(5)], watcher.take, REFERENCE) as receiver:
        state = receiver.state()
    assert len(watcher.fixes) == 5
    assert {(each.verdict, optional(each)) for each in watcher.fixes} == {("good", (None,) * 6)}
    assert (state.satellites, state.satellites_in_view, state.words) == (None, None, "fix")


def test_a_receiver_behind_gpsd() -> None:
    sky = b'{"class":"SKY","hdop":-1.0,"satellites":[%s]}\n' % b",".join([b'{"used":true}'] * 151)
    place = b'{"class":"TPV","mode":3,"lat":52.5,"lon":13.4,"altMSL":1e9,"speed":-1e-3,"track":-90.0}\n'
    (read,) = GpsdParser(REFERENCE).feed(sky + place, 0)
    assert (read.verdict, optional(read)) == ("good", (None,) * 6)


def test_a_track_that_is_replayed(tmp_path: Path) -> None:
    def point(second: int, latitude: str) -> str:
        return (
            f'<trkpt lat="{latitude}" lon="7"><ele>1e9</ele><time>2026-11-21T12:00:0{second}Z</time>'
            f"<speed>-1</speed></trkpt>"
        )

    path = tmp_path / "absurd.gpx"
    inner = "".join(point(second, latitude) for second, latitude in enumerate(("50.1", "nan", "95", "50.1003")))
    path.write_text(f'<gpx version="1.0" creator="x"><trk><trkseg>{inner}</trkseg></trk></gpx>')
    fixes = list(fixes_of(path))
    assert len(fixes) == 4
    assert {(each.verdict, each.altitude_m, each.speed_mps) for each in fixes} == {("good", None, None)}
    assert all(each.latitude is not None and 50.1 <= each.latitude <= 50.1003 for each in fixes)


def test_a_recorded_nmea_drive_that_is_replayed(tmp_path: Path) -> None:
    path = tmp_path / "absurd.nmea"
    path.write_bytes(b"".join(absurd(number) for number in range(3)))
    assert {(each.verdict, optional(each)) for each in fixes_of(path)} == {("good", (None,) * 6)}


@given(st.lists(st.floats() | st.integers(-(10**400), 10**400), min_size=4, max_size=4))
def test_nothing_absurd_is_ever_good(said: list[float]) -> None:
    texts = [f"{value:.3g}" if isinstance(value, float) else str(value) for value in said]
    moment, place = "120000.00", "5230.0,N,01324.0,E"
    assembler = SentenceAssembler(REFERENCE)
    line = sentence(f"GPRMC,{moment},A,{place},{texts[0]},{texts[1]},211126,,,A") + sentence(
        f"GPGGA,{moment},{place},1,08,{texts[2]},{texts[3]},M,45.0,M,,"
    )
    for read in assembler.feed(line, 0) + assembler.flush():
        assert not read.is_good or read.speed_mps is None or 0 <= read.speed_mps <= 340
        assert read.course_degrees is None or 0 <= read.course_degrees < 360
        assert read.hdop is None or 0 <= read.hdop <= 100
        assert read.altitude_m is None or -500 <= read.altitude_m <= 20_000
