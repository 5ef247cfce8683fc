"""From the log to segments, sums and the simplified line: nothing is bridged, invented or too far off."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from itertools import pairwise
from math import cos, hypot, isclose, radians
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashcam.clips.sidecar import MAX_SIDECAR_BYTES, encode_sidecar
from dashcam.clips.track_line import (
    MOST_LINE_POINTS,
    TOLERANCE_M,
    TOLERANCE_MPS,
    Span,
    line_of,
    segments_of,
    summarise,
    within,
)
from dashcam.clips.track_log import LogEntry, LoggedGap, LoggedPlace, gap, logged
from dashcam.clips.track_summary import LinePoint
from dashcam.clock import NANOSECONDS
from dashcam.place import Place
from tests.golden_values import SIDECAR
from tests.made_tracks import STARTED_MONOTONIC_NS, driven, recorded

MINUTE = Span.of(STARTED_MONOTONIC_NS, 60.0)
_METRES_PER_DEGREE = 111_194.93


@st.composite
def drives(draw: st.DrawFn) -> list[LogEntry]:
    """A drive of steps and turns somewhere on earth, over gaps, stops and the date line."""
    latitude = draw(st.floats(-80, 80))
    longitude = draw(st.sampled_from([0.0, 13.4, -0.0003, 179.9995, -179.9995]))
    moment_ms, entries = 100_000, list[LogEntry]()
    step = st.tuples(
        st.sampled_from([100, 200, 1000, 1000, 1000, 4999, 6000]),
        st.floats(-40, 40),
        st.floats(-40, 40),
        st.none() | st.floats(0, 60),
        st.booleans() | st.just(False),
    )
    for passed_ms, north_m, east_m, speed_mps, is_gap in draw(st.lists(step, max_size=60)):
        moment_ms += passed_ms
        if is_gap:
            entries.append(gap("no_fix", moment_ms * 1_000_000))
            continue
        latitude = max(-85.0, min(85.0, latitude + north_m / _METRES_PER_DEGREE))
        longitude += east_m / _METRES_PER_DEGREE / cos(radians(latitude))
        longitude = (longitude + 180) % 360 - 180
        place = Place(latitude=latitude, longitude=longitude, speed_mps=speed_mps)
        entries.append(logged(place, moment_ms * 1_000_000))
    return entries


def _fixes(entries: list[LogEntry]) -> list[LoggedPlace]:
    return [entry for entry in entries if isinstance(entry, LoggedPlace)]


def _pieces(line: tuple[LinePoint, ...]) -> list[list[LinePoint]]:
    pieces: list[list[LinePoint]] = []
    for point in line:
        if point.begins:
            pieces.append([])
        pieces[-1].append(point)
    return pieces


def _between(piece: list[LinePoint], seconds: float) -> tuple[float, float, float | None]:
    """Latitude, longitude and speed that the line has at a time."""
    after = min(bisect_right([point.seconds for point in piece], seconds), len(piece) - 1)
    a, b = piece[max(after - 1, 0)], piece[after]
    share = (seconds - a.seconds) / (b.seconds - a.seconds) if b is not a else 0.0
    east = (b.longitude - a.longitude + 540) % 360 - 180
    speed = None if a.speed_mps is None or b.speed_mps is None else a.speed_mps + share * (b.speed_mps - a.speed_mps)
    return a.latitude + share * (b.latitude - a.latitude), a.longitude + share * east, speed


def _misses(entries: list[LogEntry], line: tuple[LinePoint, ...], start_ns: int) -> Iterator[tuple[float, float]]:
    """Of every fix how far the line is from it at its time, in metres and in speed."""
    for segment, piece in zip(segments_of(entries), _pieces(line), strict=True):
        for fix in segment:
            latitude, longitude, speed = _between(piece, (fix.monotonic_ns - start_ns) / NANOSECONDS)
            east = (longitude - fix.longitude + 540) % 360 - 180
            metres = _METRES_PER_DEGREE * hypot(latitude - fix.latitude, east * cos(radians(fix.latitude)))
            yield metres, 0.0 if speed is None or fix.speed_mps is None else abs(speed - fix.speed_mps)


@given(drives())
def test_every_fix_is_near_the_line_at_its_time(entries: list[LogEntry]) -> None:
    line = line_of(segments_of(entries), 0)
    for metres, mps in _misses(entries, line, 0):
        assert metres <= TOLERANCE_M + 0.1
        assert mps <= TOLERANCE_MPS + 0.1


@given(drives(), st.integers(2, 30))
def test_points_are_fixes_in_their_order_and_each_piece_keeps_its_ends(entries: list[LogEntry], most: int) -> None:
    line = line_of(segments_of(entries), 0, most)
    known = {(fix.monotonic_ms / 1000, fix.latitude, fix.longitude, fix.speed_mps) for fix in _fixes(entries)}
    assert {(p.seconds, p.latitude, p.longitude, p.speed_mps) for p in line} <= known
    assert all(before.seconds < after.seconds for before, after in pairwise(line))
    assert len(line) <= most
    segments = segments_of(entries)
    ends = {(segment[0].monotonic_ms / 1000, segment[-1].monotonic_ms / 1000) for segment in segments}
    found = {(piece[0].seconds, piece[-1].seconds) for piece in _pieces(line)}
    assert found <= ends
    assert found == ends or 2 * len(segments) > most


@given(drives())
def test_nothing_is_drawn_over_a_gap(entries: list[LogEntry]) -> None:
    for segment in segments_of(entries):
        for before, fix in pairwise(segment):
            assert 0 < fix.monotonic_ms - before.monotonic_ms <= 5000
            gaps = [entry for entry in entries if isinstance(entry, LoggedGap)]
            assert not any(before.monotonic_ms < found.monotonic_ms < fix.monotonic_ms for found in gaps)


@given(drives(), st.lists(st.integers(100_000, 400_000), max_size=6))
def test_what_clips_share_adds_up_to_the_whole_drive(entries: list[LogEntry], cuts: list[int]) -> None:
    borders = [100_000, *sorted(cuts), 400_000]
    whole = summarise(entries, Span(100_000 * 1_000_000, 400_000 * 1_000_000))
    parts = [summarise(entries, Span(a * 1_000_000, b * 1_000_000)) for a, b in pairwise(borders)]
    assert sum(part.points for part in parts) == whole.points
    for name in ("distance_m", "moving_seconds", "gap_seconds"):
        total = sum(getattr(part, name) for part in parts)
        assert isclose(total, getattr(whole, name), abs_tol=0.06 * len(parts)), name
    assert max((part.top_speed_mps or 0.0 for part in parts), default=0.0) == (whole.top_speed_mps or 0.0)


def test_a_straight_drive_at_one_speed_needs_two_points() -> None:
    found = summarise(driven(range(-5, 65)), MINUTE)
    assert [(p.seconds, p.begins) for p in found.line] == [(0.0, True), (59.0, False)]
    assert (found.points, found.gap_seconds, found.moving_seconds) == (60, 0.0, 60.0)
    assert found.distance_m == pytest.approx(600, abs=1)
    assert found.top_speed_mps == 10.0


def test_a_stop_keeps_its_begin_and_its_end() -> None:
    entries = [
        logged(Place(latitude=0.0, longitude=0.0001 * min(at, 20), speed_mps=speed), (100 + at) * NANOSECONDS)
        for at, speed in enumerate([1.8] * 20 + [0.0] * 20 + [1.8] * 20)
    ]
    assert {20.0, 39.0} <= {point.seconds for point in summarise(entries, MINUTE).line}


def test_a_silent_gap_begins_the_line_anew_and_is_counted() -> None:
    found = summarise(driven([*range(20), *range(40, 60)]), MINUTE)
    assert [point.seconds for point in found.line if point.begins] == [0.0, 40.0]
    assert found.gap_seconds == pytest.approx(20.5, abs=0.01), "a fix tells of half a second around it"
    assert found.distance_m == pytest.approx(19 * 10 * 2, abs=1)


def test_a_gap_that_was_written_down_counts_although_it_is_short() -> None:
    entries: list[LogEntry] = driven(range(60))
    entries.insert(30, gap("no_fix", entries[29].monotonic_ns))
    found = summarise(entries, MINUTE)
    assert [point.seconds for point in found.line if point.begins] == [0.0, 30.0]


def test_a_step_of_exactly_the_longest_is_a_line_and_more_is_none() -> None:
    assert len(segments_of(driven([0, 5]))) == 1
    assert len(segments_of(driven([0, 5.001]))) == 2


def test_what_goes_back_in_time_is_left_out() -> None:
    entries = driven([0, 1, 2, 1.5, 2, 3])
    assert [fix.monotonic_ms for fix in segments_of(entries)[0]] == [100_000, 101_000, 102_000, 103_000]


def test_of_what_was_received_at_once_the_newest_counts() -> None:
    entries = driven([0, 1, 1, 1, 2])
    assert segments_of(entries) == [[entries[0], entries[3], entries[4]]]
    # With a gap in between, too: the older ones were made before it.
    silent = gap("silent", entries[1].monotonic_ns)
    assert segments_of([*entries[:2], silent, *entries[3:]]) == [[entries[0]], [entries[3], entries[4]]]
    assert segments_of([entries[1], silent, entries[2]]) == [[entries[2]]]


def test_a_car_that_stands_for_an_hour_has_not_moved_however_its_receiver_errs() -> None:
    entries = [
        logged(
            Place(latitude=3e-5 * ((at * 7) % 3 - 1), longitude=3e-5 * ((at * 5) % 3 - 1), speed_mps=(at % 4) * 0.2),
            (100 + at) * NANOSECONDS,
        )
        for at in range(3600)
    ]
    found = summarise(entries, Span.of(STARTED_MONOTONIC_NS, 3600))
    assert (found.distance_m, found.moving_seconds) == (0.0, 0.0)


def test_a_receiver_without_speeds_gets_them_from_its_places() -> None:
    entries = [msgspec.structs.replace(fix, speed_mps=None) for fix in _fixes(driven(range(60)))]
    found = summarise(entries, MINUTE)
    assert found.top_speed_mps == pytest.approx(10, abs=0.1)
    assert found.moving_seconds == 59.0
    assert {point.speed_mps for point in found.line} == {None}


def test_a_clip_without_fixes_has_no_track_and_only_gaps() -> None:
    found = summarise([gap("silent", 101 * NANOSECONDS)], MINUTE)
    assert (found.points, found.gap_seconds, found.line, found.top_speed_mps) == (0, 60.0, (), None)


def test_fixes_belong_to_the_clip_they_are_in_and_to_no_other() -> None:
    entries = driven(range(-10, 130))
    minutes = [Span.of(STARTED_MONOTONIC_NS + at * 60 * NANOSECONDS, 60.0) for at in range(2)]
    inside = [
        [fix.monotonic_ms for segment in within(segments_of(entries), span) for fix in segment] for span in minutes
    ]
    assert inside == [list(range(100_000, 160_000, 1000)), list(range(160_000, 220_000, 1000))]


def test_the_worst_track_of_an_hour_fits_into_its_sidecar() -> None:
    """Every fix another turn, ten a second; and a receiver that comes and goes all the time."""
    turning = [
        logged(
            Place(latitude=-89.1234567, longitude=-179.1234567 + (at % 2) / 3, speed_mps=at % 60 + 0.123), at * 10**8
        )
        for at in range(36_000)
    ]
    flapping = [fix for at, fix in enumerate(turning) if at % 100 < 2]
    for entries in (turning, flapping):
        track = summarise(entries, Span.of(0, 3600))
        assert 0 < len(track.line) <= MOST_LINE_POINTS
        assert len(encode_sidecar(msgspec.structs.replace(SIDECAR, track=track))) < MAX_SIDECAR_BYTES


def test_a_recorded_hour_of_a_town_is_some_hundred_points(shared_data: Path) -> None:
    drive = [fix for fix in recorded(shared_data / "nmea" / "drive_city_360s.nmea") if isinstance(fix, LoggedPlace)]
    hour = [
        msgspec.structs.replace(fix, monotonic_ms=fix.monotonic_ms + turn * 360_000)
        for turn in range(10)
        for fix in drive
    ]
    minute, whole = summarise(drive, MINUTE), summarise(hour, Span.of(STARTED_MONOTONIC_NS, 3600))
    assert 5 < len(minute.line) < 30
    assert len(whole.line) <= MOST_LINE_POINTS
    assert whole.points == 3600


@pytest.mark.parametrize(
    ("name", "begins", "gap_seconds", "points"),
    [
        ("derived_tunnel_void_120_165s.nmea", [0.0, 165.0], 45, 315),
        ("derived_gap_silent_200_230s.nmea", [0.0, 230.0], 30, 330),
    ],
)
def test_a_tunnel_and_a_silence_are_gaps(
    shared_data: Path, name: str, begins: list[float], gap_seconds: int, points: int
) -> None:
    found = summarise(recorded(shared_data / "nmea" / name), Span.of(STARTED_MONOTONIC_NS, 360))
    assert [point.seconds for point in found.line if point.begins] == begins
    assert found.gap_seconds == pytest.approx(gap_seconds, abs=1)
    assert found.points == points
