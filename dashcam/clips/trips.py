"""Trips: the drives of a day, found in the lines of its clips. Pure: rows in, trips out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from math import cos, radians, sqrt

import msgspec

from dashcam.clips.clip import ClipId
from dashcam.clips.row import ClipRow
from dashcam.clips.track_log import LONGEST_STEP_NS
from dashcam.clips.track_summary import LinePoint
from dashcam.clock import NANOSECONDS, TRUSTED_SOURCES

# Longer than any red light, shorter than shopping.
STAND_SECONDS = 300.0
# Longer than any tunnel; what comes after so long without a place is another drive.
NO_PLACE_SECONDS = 600.0
# Slower than somebody walks is standing: a receiver's place drifts while the car does not move.
STANDING_MPS = 1.0
# No car is faster; what has jumped so far was a place that was wrong, or a track that people have changed.
FASTEST_MPS = 150.0
# The drift of a receiver below a roof is no drive.
LEAST_DISTANCE_M = 100.0

_JOINED_SECONDS = LONGEST_STEP_NS / NANOSECONDS
_METRES_PER_DEGREE = radians(6_371_008.8)


class TripPlace(msgspec.Struct, frozen=True, kw_only=True):
    """A moment of the recordings: which clip, and which of its seconds."""

    id: str
    seconds: float


class Trip(msgspec.Struct, frozen=True, kw_only=True):
    """One drive, from the moment the car moved until it stood."""

    begins: TripPlace
    ends: TripPlace
    clips: tuple[str, ...]
    """The ids of its clips, oldest first."""
    started_utc_ms: int | None
    """None while the time is not known."""
    ended_utc_ms: int | None
    duration_seconds: float
    moving_seconds: float
    distance_m: float
    """Along the line; of gaps nothing is known, so they are not counted."""
    top_speed_mps: float
    mean_speed_mps: float
    """Distance by the time with a place, stops included."""


class _Stop(msgspec.Struct, frozen=True, gc=False):
    """A point of the line of all clips; `at`: seconds on an axis of their own."""

    at: float
    row: ClipRow
    point: LinePoint


class _Leg(msgspec.Struct, frozen=True, gc=False):
    """From one point to the next; `has_line`: the car is known to have driven just so."""

    start: _Stop
    end: _Stop
    metres: float
    has_line: bool

    @property
    def seconds(self) -> float:
        return self.end.at - self.start.at

    @property
    def is_standing(self) -> bool:
        return self.metres <= STANDING_MPS * self.seconds

    @property
    def is_moving(self) -> bool:
        return self.has_line and not self.is_standing


def metres_between(start: LinePoint, end: LinePoint) -> float:
    """As on a plane that lies on the globe there: over the kilometres of a line nobody sees the difference."""
    north = end.latitude - start.latitude
    east = ((end.longitude - start.longitude + 540) % 360 - 180) * cos(radians((start.latitude + end.latitude) / 2))
    return _METRES_PER_DEGREE * sqrt(north * north + east * east)


def trips_of(rows: Iterable[ClipRow]) -> list[Trip]:
    """The trips of these rows, whatever their order, the oldest first.

    A trip ends when the car stands for STAND_SECONDS, or when there is no place for NO_PLACE_SECONDS.
    """
    return [trip for drive in _drives(_legs(list(_stops(rows)))) if (trip := _trip_of(drive)) is not None]


def by_age(rows: Iterable[ClipRow]) -> list[ClipRow]:
    """Rows by boot and number: the order in which they were made, whatever the clock said."""
    return sorted(rows, key=lambda row: ClipId.parse(row.id))


def _stops(rows: Iterable[ClipRow]) -> Iterator[_Stop]:
    """All points in the order of time. What the keeper has made or adopted shows the same seconds a second time."""
    at, seen, before = 0.0, -1.0, None
    for row in by_age(rows):
        if row.kind == "photo" or ClipId.parse(row.id).by_keeper:
            continue
        begins = at if before is None else at + _pause_seconds(before, row)
        for point in row.track.line if row.track else ():
            if begins + point.seconds > seen:
                seen = begins + point.seconds
                yield _Stop(seen, row, point)
        at, before = max(at, begins + row.duration_seconds), row


def _pause_seconds(before: ClipRow, row: ClipRow) -> float:
    """Between the end of a clip and the begin of the next one; below 0 where they overlap."""
    is_known = row.clock_source in TRUSTED_SOURCES and before.clock_source in TRUSTED_SOURCES
    is_same_boot = ClipId.parse(before.id).boot == ClipId.parse(row.id).boot
    if is_known and before.started_utc_ms is not None and row.started_utc_ms is not None:
        pause = (row.started_utc_ms - before.started_utc_ms) / 1000 - before.duration_seconds
        # Further back than a clip is long nothing overlaps: its time is just being put right.
        if pause >= -before.duration_seconds:
            return pause
    # Without a clock nobody knows how long the dashcam was off; while it is on, clips follow each other.
    return 0.0 if is_same_boot else NO_PLACE_SECONDS


def _legs(stops: Sequence[_Stop]) -> Iterator[_Leg]:
    for start, end in pairwise(stops):
        is_near = end.at - start.at <= _JOINED_SECONDS
        has_line = is_near if start.row is not end.row else not end.point.begins
        metres = metres_between(start.point, end.point)
        yield _Leg(start, end, metres, has_line and metres <= FASTEST_MPS * (end.at - start.at))


def _drives(legs: Iterable[_Leg]) -> Iterator[list[_Leg]]:
    """Legs from the first that moves to the last that does, parted where the car stood or was not seen for long."""
    drive: list[_Leg] = []
    waiting: list[_Leg] = []  # after the last that moved
    stood = 0.0
    for leg in legs:
        if leg.is_moving:
            drive += [*waiting, leg]
            waiting, stood = [], 0.0
            continue
        stood = stood + leg.seconds if leg.is_standing else 0.0
        is_lost = not leg.has_line and leg.seconds >= NO_PLACE_SECONDS
        if is_lost or stood >= STAND_SECONDS:
            if drive:
                yield drive
            drive, waiting = [], []
        elif drive:
            waiting.append(leg)
    if drive:
        yield drive


def _trip_of(legs: Sequence[_Leg]) -> Trip | None:
    start, end = legs[0].start, legs[-1].end
    lines = [leg for leg in legs if leg.has_line]
    distance = sum(leg.metres for leg in lines)
    if distance < LEAST_DISTANCE_M:
        return None
    seen_seconds = sum(leg.seconds for leg in lines)
    return Trip(
        begins=TripPlace(id=start.row.id, seconds=start.point.seconds),
        ends=TripPlace(id=end.row.id, seconds=end.point.seconds),
        clips=tuple(dict.fromkeys(stop.row.id for leg in legs for stop in (leg.start, leg.end))),
        started_utc_ms=_utc_ms(start),
        ended_utc_ms=_utc_ms(end),
        duration_seconds=round(end.at - start.at, 3),
        moving_seconds=round(sum(leg.seconds for leg in legs if leg.is_moving), 3),
        distance_m=round(distance, 1),
        top_speed_mps=round(_top_speed(legs, distance / seen_seconds), 3),
        mean_speed_mps=round(distance / seen_seconds, 3),
    )


def _top_speed(legs: Sequence[_Leg], mean_mps: float) -> float:
    """The clips' own, which every fix has gone into, of those that lie within; the points' of the first and last."""
    ends = {legs[0].start.row.id, legs[-1].end.row.id}
    points = [stop.point.speed_mps or 0.0 for leg in legs for stop in (leg.start, leg.end)]
    rows = {stop.row.id: stop.row for leg in legs for stop in (leg.start, leg.end) if stop.row.id not in ends}
    whole = [row.track.top_speed_mps or 0.0 for row in rows.values() if row.track is not None]
    return max(*points, *whole, mean_mps)


def _utc_ms(stop: _Stop) -> int | None:
    started = stop.row.started_utc_ms
    return None if started is None else started + round(stop.point.seconds * 1000)
