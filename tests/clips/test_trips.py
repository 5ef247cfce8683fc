"""Drives are found in a day's lines: where they begin and end, how long and how fast they were."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashcam.clips.row import ClipRow
from dashcam.clips.track_summary import LinePoint, TrackSummary
from dashcam.clips.trips import LEAST_DISTANCE_M, NO_PLACE_SECONDS, STAND_SECONDS, Trip, trips_of
from dashcam.clock import TRUSTED_SOURCES, ClockSource
from tests import golden_values as golden

CLIP_SECONDS = 60.0
STARTED_UTC_MS = 1_795_186_800_000
# A degree of latitude.
METRES_PER_DEGREE = 111_195.0
STEP_SECONDS = 5.0


def clip(number: int, line: list[LinePoint] | None, *, boot: int = 42, **changes: Any) -> ClipRow:
    """The `number`th minute of the boot; `line` None: not looked for yet."""
    track = None
    if line is not None:
        top = max((point.speed_mps or 0.0 for point in line), default=None)
        track = TrackSummary(
            points=len(line), gap_seconds=0.0, distance_m=0.0, moving_seconds=0.0, top_speed_mps=top, line=tuple(line)
        )
    facts = {
        "id": f"{boot}-{number}",
        "kind": "loop",
        "path": f"VIDEO/2026-11-20/dcp_{boot}_{number}.mp4",
        "lock_cause": None,
        "started_utc_ms": STARTED_UTC_MS + round((number - 1) * CLIP_SECONDS * 1000),
        "duration_seconds": CLIP_SECONDS,
        "clock_source": "gps",
        "track": track,
    }
    return msgspec.structs.replace(golden.ROW, **{**facts, **changes})


class Car:
    """Drives north and tells where it is, every few seconds of its clips."""

    def __init__(self) -> None:
        self.metres = 0.0
        self.driven = 0.0

    def minute(self, speed_mps: float, *, has_place: bool = True) -> list[LinePoint]:
        """The line of a clip; empty without a place."""
        points = []
        for step in range(int(CLIP_SECONDS / STEP_SECONDS)):
            latitude = 50 + self.metres / METRES_PER_DEGREE
            points.append(LinePoint(step * STEP_SECONDS, latitude, 8.0, speed_mps, begins=step == 0))
            self.metres += speed_mps * STEP_SECONDS
        return points if has_place else []


def day(speeds: list[float | None]) -> list[ClipRow]:
    """A clip a minute with this speed; None: no place."""
    car = Car()
    return [
        clip(number, car.minute(speed or 0.0, has_place=speed is not None)) for number, speed in enumerate(speeds, 1)
    ]


def ids(trip: Trip) -> list[int]:
    return [int(clip_id.partition("-")[2]) for clip_id in trip.clips]


def test_a_drive_over_several_clips_is_one_trip() -> None:
    [trip] = trips_of(day([0, 0, 10, 10, 20, 0, 0]))
    assert (trip.begins.id, trip.ends.id) == ("42-3", "42-6")
    assert trip.begins.seconds == 0
    assert ids(trip) == [3, 4, 5, 6]
    assert trip.distance_m == pytest.approx(60 * (10 + 10 + 20), rel=0.01)
    assert trip.duration_seconds == trip.moving_seconds == pytest.approx(180)
    assert trip.mean_speed_mps == pytest.approx(40 / 3, rel=0.01)
    assert trip.top_speed_mps == pytest.approx(20)
    assert trip.started_utc_ms == STARTED_UTC_MS + 120_000
    assert trip.ended_utc_ms == STARTED_UTC_MS + 300_000


@pytest.mark.parametrize(("minutes", "trips"), [(4, 1), (5, 2), (20, 2)])
def test_standing_five_minutes_ends_a_trip_a_red_light_does_not(minutes: int, trips: int) -> None:
    assert len(trips_of(day([10, *[0] * minutes, 10, 10]))) == trips


@pytest.mark.parametrize(("minutes", "trips"), [(8, 1), (10, 2)])
def test_ten_minutes_without_a_place_end_a_trip_a_tunnel_does_not(minutes: int, trips: int) -> None:
    speeds: list[float | None] = [10, *[None] * minutes, 10, 10]
    car = Car()
    rows = []
    for number, speed in enumerate(speeds, 1):
        # It drives on where nobody sees it.
        line = car.minute(10)
        rows.append(clip(number, line if speed else []))
    found = trips_of(rows)
    assert len(found) == trips
    # Of what nobody saw nothing is counted.
    assert sum(trip.distance_m for trip in found) == pytest.approx(60 * 10 * 3, rel=0.06)


def test_a_gap_within_a_clip_is_not_counted() -> None:
    line = Car().minute(10)
    line[6] = msgspec.structs.replace(line[6], begins=True)
    [trip] = trips_of([clip(1, line)])
    assert trip.distance_m == pytest.approx(10 * STEP_SECONDS * 10, rel=0.01)
    assert trip.duration_seconds == pytest.approx(11 * STEP_SECONDS)
    assert trip.mean_speed_mps == pytest.approx(10, rel=0.01)


def test_midnight_and_a_clip_that_is_gone_do_not_end_a_trip() -> None:
    rows = day([10, 10, 10, 10])
    rows[2:] = [msgspec.structs.replace(row, day="2026-11-21") for row in rows[2:]]
    assert [ids(trip) for trip in trips_of(rows)] == [[1, 2, 3, 4]]
    del rows[1]
    assert [ids(trip) for trip in trips_of(rows)] == [[1, 3, 4]]


def test_clips_without_a_clock_follow_each_other_within_their_boot() -> None:
    unknown: dict[str, Any] = {"started_utc_ms": None, "clock_source": "none"}
    car = Car()
    rows = [clip(number, car.minute(10), **unknown) for number in range(1, 13)]
    [trip] = trips_of(reversed(rows))
    assert ids(trip) == list(range(1, 13))
    assert trip.started_utc_ms is trip.ended_utc_ms is None
    assert trip.duration_seconds == pytest.approx(12 * 60 - STEP_SECONDS)
    # How long it was off nobody knows.
    rows += [clip(1, car.minute(10), boot=43, **unknown), clip(2, car.minute(10), boot=43, **unknown)]
    assert [trip.begins.id for trip in trips_of(rows)] == ["42-1", "43-1"]


def test_a_restart_on_the_way_is_no_end_when_the_clock_is_known() -> None:
    car = Car()
    first, second = clip(1, car.minute(10)), clip(1, car.minute(10), boot=43)
    later = msgspec.structs.replace(second, started_utc_ms=STARTED_UTC_MS + 90_000)
    [trip] = trips_of([later, first])
    assert trip.clips == ("42-1", "43-1")


def test_a_clock_that_is_put_right_on_the_way_tears_nothing_apart() -> None:
    car = Car()
    rows = [clip(number, car.minute(10)) for number in (1, 2, 3)]
    rows[0] = msgspec.structs.replace(rows[0], clock_source="saved", started_utc_ms=1)
    rows[1] = msgspec.structs.replace(rows[1], started_utc_ms=STARTED_UTC_MS + 86_400_000)
    assert [ids(trip) for trip in trips_of(rows)] == [[1, 2, 3]]


def test_what_the_keeper_has_made_is_not_driven_twice() -> None:
    rows = day([10, 10])
    copy = msgspec.structs.replace(rows[0], id="42-k1")
    photo = msgspec.structs.replace(rows[0], id="42-7", kind="photo", track=None)
    assert trips_of([*rows, copy, photo]) == trips_of(rows)


def test_a_receiver_that_drifts_below_a_roof_drives_nowhere() -> None:
    line = [LinePoint(at * 5.0, 50 + (at % 2) * 0.0001, 8.0, 0.4) for at in range(6)]
    assert trips_of([clip(1, line)]) == []


def test_a_place_that_jumps_is_a_gap() -> None:
    line = [*Car().minute(10), LinePoint(60.0, 51.0, 8.0, 10.0)]
    [trip] = trips_of([clip(1, line)])
    assert trip.distance_m == pytest.approx(11 * STEP_SECONDS * 10, rel=0.01)
    assert trip.ends.seconds == 55


def test_a_line_over_the_date_line_is_short() -> None:
    line = [LinePoint(at * 5.0, 0.0, (179.999 + at * 0.0005 + 180) % 360 - 180, 11.0) for at in range(5)]
    [trip] = trips_of([clip(1, line)])
    assert trip.distance_m == pytest.approx(0.002 * METRES_PER_DEGREE, rel=0.01)


@st.composite
def days(draw: st.DrawFn) -> list[ClipRow]:
    """Anything that a card may hold: gaps, jumps, clocks that are wrong, ids in any order."""
    rows = []
    sources: list[ClockSource] = ["none", "saved", *TRUSTED_SOURCES]
    degrees = st.floats(-0.02, 0.02)
    for number in draw(st.lists(st.integers(1, 40), unique=True, max_size=8)):
        seconds = sorted(draw(st.lists(st.floats(0, CLIP_SECONDS), unique=True, max_size=8)))
        line = [
            LinePoint(
                at, 50 + draw(degrees), 8 + draw(degrees), draw(st.none() | st.floats(0, 60)), draw(st.booleans())
            )
            for at in seconds
        ]
        rows.append(
            clip(
                number,
                draw(st.sampled_from([line, None])),
                boot=draw(st.integers(1, 2)),
                clock_source=draw(st.sampled_from(sources)),
                started_utc_ms=draw(st.none() | st.integers(0, 10_000_000)),
            )
        )
    return rows


@settings(deadline=None)
@given(days())
def test_whatever_the_card_holds_trips_are_sane(rows: list[ClipRow]) -> None:
    trips = trips_of(rows)
    assert trips == trips_of(list(reversed(rows)))
    by_id = {row.id: row for row in rows}
    for trip in trips:
        assert trip.distance_m >= LEAST_DISTANCE_M - 0.1
        assert 0 < trip.moving_seconds <= trip.duration_seconds + 0.001
        assert 0 < trip.mean_speed_mps <= trip.top_speed_mps + 0.001
        assert trip.mean_speed_mps * trip.duration_seconds >= trip.distance_m * 0.99 - 1
        assert len(set(trip.clips)) == len(trip.clips)
        assert (trip.begins.id, trip.ends.id) == (trip.clips[0], trip.clips[-1])
        for place in (trip.begins, trip.ends):
            track = by_id[place.id].track
            assert track is not None
            assert place.seconds in [point.seconds for point in track.line]
    ends = [(place.id, place.seconds) for trip in trips for place in (trip.begins, trip.ends)]
    order = {row.id: at for at, row in enumerate(sorted(rows, key=lambda row: [int(n) for n in row.id.split("-")]))}
    assert all((order[a], at) <= (order[b], bt) for (a, at), (b, bt) in pairwise(ends))


@settings(deadline=None)
@given(st.lists(st.sampled_from([0.0, 0.0, 10.0, 25.0, None]), max_size=40))
def test_no_trip_holds_a_long_stand_and_none_is_lost(speeds: list[float | None]) -> None:
    rows = day(speeds)
    trips = trips_of(rows)
    within = [number for trip in trips for number in ids(trip)]
    assert set(within) >= {number for number, speed in enumerate(speeds, 1) if speed}
    for trip in trips:
        # Between its first and its last metre it never stands, and is never lost, for so long.
        pauses, longest = 0, 0
        for speed in speeds[ids(trip)[0] - 1 : ids(trip)[-1] - 1]:
            pauses = 0 if speed else pauses + 1
            longest = max(longest, pauses)
        assert longest * CLIP_SECONDS < max(STAND_SECONDS, NO_PLACE_SECONDS)
