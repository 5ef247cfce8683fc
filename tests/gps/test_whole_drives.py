"""Cold starts, wrong dates, tunnels, silence and dirty lines from the port to the keeper: names, gaps, recovery.

The rows are in expected_drives.md; here is what must hold of them whatever is written there.
"""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from dashcam.clock import utc_ns_of
from dashcam.gps.geometry import distance_m
from tests.gps import drives
from tests.gps.drive_machine import CLIP_SECONDS, MachineClock, paced
from tests.gps.drives import Outcome

Outcomes = dict[tuple[MachineClock, str], Outcome]

CITY = datetime(2016, 4, 11, 14, 19, 17, tzinfo=UTC)
# When the log's second 0 was; of those whose time is trusted in the end.
BEGAN = {
    "a good one": CITY,
    "cold start, date 060180": CITY,
    "tunnel": CITY,
    "silent": CITY,
    "silent, port gone": CITY,
    "dirty line": CITY,
    "1024 weeks early, replayed": CITY,
    "1024 weeks early, on a unit": CITY + timedelta(weeks=1024),
    "unit, cold start, 1024 weeks early": datetime.combine(drives.UNITS_DAY, CITY.timetz()),
    "unit, 2048 weeks early": datetime.combine(drives.UNITS_DAY, CITY.timetz()),
    "phone, cold start": datetime(2024, 2, 6, 16, 42, 3, tzinfo=UTC),
    "MTK 3301, power up": datetime(2008, 8, 23, 8, 14, 28, 592_000, tzinfo=UTC),
    "LEA-4H": datetime(2006, 8, 10, 3, 8, 51, tzinfo=UTC),
    "EC-10X, every 2 s": datetime(2005, 6, 9, 20, 51, 50, tzinfo=UTC),
    "T805": datetime(2007, 12, 18, 21, 26, 7, 891_000, tzinfo=UTC),
    "Garmin 10x": datetime(2010, 7, 18, 16, 50, 7, tzinfo=UTC),
    "EG25-G, cold start": datetime(2022, 9, 11, 19, 14, 35, 10_000, tzinfo=UTC),
}
# Seconds that have a place in the log of the city, in each of its derivatives.
PLACES = {
    "a good one": set(range(360)),
    "cold start, date 060180": set(range(45, 360)),
    "tunnel": set(range(360)) - set(range(120, 165)),
    "silent": set(range(360)) - set(range(200, 231)),
    "silent, port gone": set(range(360)) - set(range(200, 232)),
    "dirty line": set(range(103)) - {83},
    "1024 weeks early, replayed": set(range(360)),
    "1024 weeks early, on a unit": set(range(360)),
    "unit, cold start, 1024 weeks early": set(range(45, 360)),
    "unit, 2048 weeks early": set(range(360)),
}


ROWS: list[tuple[MachineClock, str]] = [
    *(("none", name) for name in drives.DRIVES),
    *(("saved", name) for name in drives.ALSO_SAVED),
]
# A line brings a sentence late, and the camera begins before the log.
EARLY = timedelta(seconds=0.17)


@pytest.fixture(scope="module")
def outcomes(shared_data: Path) -> Outcomes:
    return drives.all_outcomes(shared_data / "nmea")


def test_every_drive_becomes_what_is_expected(outcomes: Outcomes) -> None:
    assert drives.table(outcomes) == drives.expected()[1], "python -m tests.gps.drives --write"


@pytest.mark.parametrize(("clock", "name"), ROWS)
def test_names_are_by_number_until_the_time_is_trusted(outcomes: Outcomes, clock: MachineClock, name: str) -> None:
    """And what the machine's own clock believes makes none."""
    outcome = outcomes[clock, name]
    for number, clip in enumerate(outcome.clips):
        begins = CLIP_SECONDS * number - 0.1
        if outcome.trusted is not None and begins > outcome.trusted:
            assert (clip.first, clip.recorded.clock_source) == (clip.path, "gps")
            continue
        assert clip.first.parent.name == "undated"
        assert clip.first.stem == f"boot0001_{number + 1:06d}"
        assert clip.recorded.clock_source == clock
        assert (clip.recorded.started_utc is None) == (clock == "none")
        assert not clip.first.exists() or clip.first == clip.path


@pytest.mark.parametrize(("clock", "name"), ROWS)
def test_in_the_end_all_are_named_by_the_truth_or_none(outcomes: Outcomes, clock: MachineClock, name: str) -> None:
    outcome = outcomes[clock, name]
    assert (outcome.trusted is not None) == (name in BEGAN)
    for number, clip in enumerate(outcome.clips):
        if name not in BEGAN:
            assert clip.path == clip.first
            assert clip.sidecar.clock_source == clock
            continue
        began = BEGAN[name] + timedelta(seconds=CLIP_SECONDS * number) - EARLY
        assert clip.path.parent.name == f"{began:%Y-%m-%d}"
        assert clip.path.stem == f"dcp_{began:%Y%m%d%H%M%S}"
        assert clip.sidecar.clock_source == "gps"
        assert clip.sidecar.started_utc is not None
        assert utc_ns_of(clip.sidecar.started_utc) / 1e9 == pytest.approx(began.timestamp(), abs=0.1)


@pytest.mark.parametrize("name", PLACES)
def test_every_place_is_what_the_clean_log_says_of_its_second(outcomes: Outcomes, name: str) -> None:
    """What a dirty line garbles, a void sentence leaves out or a lost second takes is not there; nothing else is."""
    clean = [place for _, place in outcomes["none", "a good one"].places]
    found = {int(second): place for second, place in outcomes["none", name].places}
    assert len(found) == len(outcomes["none", name].places)
    assert found.keys() == PLACES[name]
    for second, place in found.items():
        assert (place.latitude, place.longitude) == (clean[second].latitude, clean[second].longitude)
        assert place.speed_mps == clean[second].speed_mps or name == "dirty line"


@pytest.mark.parametrize("name", PLACES)
def test_no_track_goes_across_a_gap(outcomes: Outcomes, name: str) -> None:
    clean = [place for _, place in outcomes["none", "a good one"].places]
    metres = sum(
        distance_m(clean[a].latitude, clean[a].longitude, clean[b].latitude, clean[b].longitude)
        for a, b in itertools.pairwise(sorted(PLACES[name]))
        if b - a < 3
    )
    tracks = [(clip, clip.sidecar.track) for clip in outcomes["none", name].clips]
    assert sum(track.distance_m for _, track in tracks if track) == pytest.approx(metres, rel=0.005)
    for number, (clip, track) in enumerate(tracks):
        assert track is not None
        seconds = set(range(CLIP_SECONDS * number, CLIP_SECONDS * (number + 1)))
        assert sum(clip.segments) == track.points == len(seconds & PLACES[name])
        assert len(clip.segments) == sum(point.begins for point in track.line) <= 1


@pytest.mark.parametrize(
    ("name", "begin", "until", "why"),
    [
        ("tunnel", 120, 165, "no_fix"),
        ("silent", 199, 231, "silent"),
        ("silent, port gone", 199, 232, "silent"),
        ("T805", 11, 13, "no_fix"),
        ("Garmin 10x", 3, 37, "no_fix"),
    ],
)
def test_a_gap_is_one_and_the_time_is_vouched_for_after_it(
    outcomes: Outcomes, name: str, begin: int, until: int, why: str
) -> None:
    (gap,) = outcomes["none", name].gaps
    assert (gap.why, int(gap.begin), gap.until and int(gap.until)) == (why, begin, until)
    assert gap.trusted == pytest.approx(until + 2, abs=0.2)


def test_a_void_second_more_parts_a_track_within_a_clip(outcomes: Outcomes) -> None:
    """What no derivative of the city has: both sides of the gap lie in one clip."""
    outcome = outcomes["none", "EG25-G, cold start"]
    last = outcome.clips[-1]
    assert last.segments == (13, 8)
    assert last.sidecar.track is not None
    assert [point.begins for point in last.sidecar.track.line].count(True) == 2


def test_a_log_is_played_by_its_own_times() -> None:
    log = (
        b"# a comment\n$GPRMC,,V,,,,,,,,,,N*53\n$GPGGA,,,,,,0,00,99.99,,M,,M,,*48\n"
        b"$GPRMC,,V,,,,,,,,,,N*53\n$GPRMC,030859.00,A,4907.85396,N,12243.19848,W,1.321,323.21,100806,,,A*75\n"
        b"rubbish$GPRMC,030900.00,A,4907.85424,N*00\n"
        b"$GPGGA,030901.00,4907.85444,N,12243.19906,W,1,03,9.99,516.7,M,-16.7,M,,*65\n"
    )
    seconds = [second for second, _ in paced(log)]
    assert seconds == [0.0, 1.0, 2.0, 4.0]
    assert b"".join(piece for _, piece in paced(log)) == log.partition(b"\n")[2]
