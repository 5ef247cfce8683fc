"""Trips: the drives of a day, found in the lines of its clips. Pure: rows in, trips out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise

import msgspec

from dashcam.clips.clip import ClipId
from dashcam.clips.row import ClipRow
from dashcam.clips.track_log import LONGEST_STEP_NS
from dashcam.clips.track_summary import LinePoint
from dashcam.clock import NANOSECONDS, TRUSTED_SOURCES
from dashcam.gps.geometry import distance_m

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


@dataclass(slots=True)
class _Drive:
    """Legs in a row, of which only the sums are kept: a day's drive has tens of thousands."""

    start: _Stop | None = None
    end: _Stop | None = None
    top_speeds: dict[str, float] = field(default_factory=dict)
    """Of the clips by id, in their order: as their tracks know it, in m/s."""
    metres: float = 0.0
    seen_seconds: float = 0.0
    moving_seconds: float = 0.0
    top_mps: float = 0.0
    """Of the points."""

    def add(self, leg: _Leg) -> None:
        """The next leg."""
        self.start, self.end = self.start or leg.start, leg.end
        for stop in (leg.start, leg.end):
            track = stop.row.track
            self.top_speeds.setdefault(stop.row.id, (track and track.top_speed_mps) or 0.0)
            self.top_mps = max(self.top_mps, stop.point.speed_mps or 0.0)
        self.metres += leg.metres if leg.has_line else 0.0
        self.seen_seconds += leg.seconds if leg.has_line else 0.0
        self.moving_seconds += leg.seconds if leg.is_moving else 0.0

    def add_all(self, following: _Drive) -> None:
        """The legs of another, which go on where these end."""
        self.start, self.end = self.start or following.start, following.end or self.end
        for clip_id, top_mps in following.top_speeds.items():
            self.top_speeds.setdefault(clip_id, top_mps)
        self.metres += following.metres
        self.seen_seconds += following.seen_seconds
        self.moving_seconds += following.moving_seconds
        self.top_mps = max(self.top_mps, following.top_mps)


def trips_of(rows: Iterable[ClipRow]) -> list[Trip]:
    """The trips of these rows, whatever their order, the oldest first."""
    return list(trips_in(by_age(rows)))


def trips_in(rows: Iterable[ClipRow]) -> Iterator[Trip]:
    """The trips of rows that come from the oldest on, of which few are held at a time.

    A trip ends when the car stands for STAND_SECONDS, or when there is no place for NO_PLACE_SECONDS.
    """
    return (trip for drive in _drives(_legs(_stops(rows))) if (trip := _trip_of(drive)) is not None)


def by_age(rows: Iterable[ClipRow]) -> list[ClipRow]:
    """Rows by boot and number: the order in which they were made, whatever the clock said."""
    return sorted(rows, key=lambda row: ClipId.parse(row.id))


def _stops(rows: Iterable[ClipRow]) -> Iterator[_Stop]:
    """All points in the order of time, of rows from the oldest on.

    What the keeper has made or adopted shows the same seconds a second time.
    """
    at, seen, before = 0.0, -1.0, None
    for row in rows:
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


def _legs(stops: Iterable[_Stop]) -> Iterator[_Leg]:
    for start, end in pairwise(stops):
        is_near = end.at - start.at <= _JOINED_SECONDS
        has_line = is_near if start.row is not end.row else not end.point.begins
        here, there = start.point, end.point
        metres = distance_m(here.latitude, here.longitude, there.latitude, there.longitude)
        yield _Leg(start, end, metres, has_line and metres <= FASTEST_MPS * (end.at - start.at))


def _drives(legs: Iterable[_Leg]) -> Iterator[_Drive]:
    """Legs from the first that moves to the last that does, parted where the car stood or was not seen for long."""
    drive = _Drive()
    waiting = _Drive()  # after the last that moved
    stood = 0.0
    for leg in legs:
        if leg.is_moving:
            if waiting.start is not None:
                drive.add_all(waiting)
                waiting = _Drive()
            drive.add(leg)
            stood = 0.0
            continue
        stood = stood + leg.seconds if leg.is_standing else 0.0
        is_lost = not leg.has_line and leg.seconds >= NO_PLACE_SECONDS
        if is_lost or stood >= STAND_SECONDS:
            if drive.start is not None:
                yield drive
            drive, waiting = _Drive(), _Drive()
        elif drive.start is not None:
            waiting.add(leg)
    if drive.start is not None:
        yield drive


def _trip_of(drive: _Drive) -> Trip | None:
    start, end = drive.start, drive.end
    if start is None or end is None or drive.metres < LEAST_DISTANCE_M:
        return None
    mean_mps = drive.metres / drive.seen_seconds
    return Trip(
        begins=TripPlace(id=start.row.id, seconds=start.point.seconds),
        ends=TripPlace(id=end.row.id, seconds=end.point.seconds),
        clips=tuple(drive.top_speeds),
        started_utc_ms=_utc_ms(start),
        ended_utc_ms=_utc_ms(end),
        duration_seconds=round(end.at - start.at, 3),
        moving_seconds=round(drive.moving_seconds, 3),
        distance_m=round(drive.metres, 1),
        top_speed_mps=round(_top_speed(drive, {start.row.id, end.row.id}, mean_mps), 3),
        mean_speed_mps=round(mean_mps, 3),
    )


def _top_speed(drive: _Drive, ends: set[str], mean_mps: float) -> float:
    """The clips' own, which every fix has gone into, of those that lie within; the points' of the first and last."""
    whole = [top_mps for clip_id, top_mps in drive.top_speeds.items() if clip_id not in ends]
    return max(drive.top_mps, *whole, mean_mps)


def _utc_ms(stop: _Stop) -> int | None:
    started = stop.row.started_utc_ms
    return None if started is None else started + round(stop.point.seconds * 1000)
