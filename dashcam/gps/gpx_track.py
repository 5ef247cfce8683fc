"""A GPX track as a receiver would have sent it, once a second; the only module that knows gpxpy."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from datetime import UTC, datetime
from math import inf
from pathlib import Path

import gpxpy
import msgspec
from gpxpy.gpx import GPXException, GPXTrackPoint

from dashcam.clock import NANOSECONDS
from dashcam.errors import GpsError
from dashcam.gps.base import Fix
from dashcam.gps.geometry import bearing_degrees, distance_m
from dashcam.gps.plausible import is_on_earth, verdict_by_itself, without_absurd

# A day of seconds; larger ones would take the memory of a small board.
_LARGEST_BYTES = 30_000_000
# Points of a recorder that saves space lie so far apart at most; beyond it there really was nothing.
_LONGEST_STEP_SECONDS = 60
# Without times the track is driven at the speed of a town.
_SPEED_WITHOUT_TIMES_MPS = 50 / 3.6
_SPARSE_M = 0.5


class _Point:
    """A point with its time in seconds since the track's beginning."""

    def __init__(self, point: GPXTrackPoint, seconds: float) -> None:
        self.latitude, self.longitude, self.altitude_m = point.latitude, point.longitude, point.elevation
        self.speed_mps: float | None = point.speed
        self.seconds = seconds


def read_gpx(path: Path) -> list[Fix]:
    """The track, a fix a second between its points; the receive times begin with 0, UTC is None without times.

    Raises GpsError when it cannot be read or has no track in it.
    """
    try:
        if path.stat().st_size > _LARGEST_BYTES:
            raise GpsError(f"{path} is larger than {_LARGEST_BYTES // 1_000_000} MB; cut it into shorter tracks")
        with path.open(encoding="utf-8-sig") as file:
            gpx = gpxpy.parse(file)
    except (OSError, UnicodeDecodeError, GPXException) as error:
        raise GpsError(f"{path} cannot be read as GPX ({error}); name another file in gps.source") from error
    segments = [_on_earth(segment.points) for track in gpx.tracks for segment in track.segments]
    segments = [points for points in segments if points]
    if not segments:
        raise GpsError(f"{path} has no track with points in it; name another file in gps.source")
    times = [[_utc(point) for point in points] for points in segments]
    began = times[0][0]
    if began is None or not all(itertools.chain.from_iterable(times)):
        return _resampled(_timed_by_distance(segments), None)
    placed = [
        [_Point(point, (time - began).total_seconds()) for point, time in zip(points, when, strict=True) if time]
        for points, when in zip(segments, times, strict=True)
    ]
    return _resampled(placed, round(began.timestamp() * 1000) * (NANOSECONDS // 1000))


def _on_earth(points: list[GPXTrackPoint]) -> list[GPXTrackPoint]:
    return [point for point in points if is_on_earth(point.latitude, point.longitude)]


def _utc(point: GPXTrackPoint) -> datetime | None:
    time = point.time
    if time is None:
        return None
    return time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)


def _timed_by_distance(segments: list[list[GPXTrackPoint]]) -> list[list[_Point]]:
    placed: list[list[_Point]] = []
    seconds = 0.0
    for points in segments:
        placed.append([_Point(points[0], seconds)])
        for before, point in itertools.pairwise(points):
            metres = distance_m(before.latitude, before.longitude, point.latitude, point.longitude)
            seconds += metres / _SPEED_WITHOUT_TIMES_MPS
            placed[-1].append(_Point(point, seconds))
        seconds += 1
    return placed


def _resampled(segments: list[list[_Point]], began_utc_ns: int | None) -> list[Fix]:
    """Within segments only: between two of them the receiver was off, or without a fix."""
    fixes = []
    last_seconds = -inf
    for segment in segments:
        points = []
        for point in segment:
            # One that goes back in time is left out.
            if point.seconds > last_seconds:
                points.append(point)
                last_seconds = point.seconds
        if not points:
            continue
        fixes.append(_fix(points[0], points[min(1, len(points) - 1)], points[0].seconds, began_utc_ns))
        for before, after in itertools.pairwise(points):
            fixes += [_fix(before, after, seconds, began_utc_ns) for seconds in _moments(before, after)]
    return fixes


def _moments(before: _Point, after: _Point) -> Iterator[float]:
    """When to say something between two points, and at the later one."""
    step = after.seconds - before.seconds
    if step <= _LONGEST_STEP_SECONDS:
        for number in range(1, int(step)):
            yield before.seconds + number
    yield after.seconds


def _fix(before: _Point, after: _Point, seconds: float, began_utc_ns: int | None) -> Fix:
    step = after.seconds - before.seconds
    share = (seconds - before.seconds) / step if step > 0 else 0.0
    metres = distance_m(before.latitude, before.longitude, after.latitude, after.longitude)
    # Across the date line the short way is the other one.
    east = (after.longitude - before.longitude + 540) % 360 - 180
    media_ns = round(seconds * NANOSECONDS)
    altitude = before.altitude_m
    if altitude is not None and after.altitude_m is not None:
        altitude += share * (after.altitude_m - altitude)
    course = bearing_degrees(before.latitude, before.longitude, after.latitude, after.longitude)
    fix = Fix(
        received_monotonic_ns=media_ns,
        verdict="good",
        quality="gps",
        utc_ns=None if began_utc_ns is None else began_utc_ns + media_ns,
        latitude=before.latitude + share * (after.latitude - before.latitude),
        longitude=(before.longitude + share * east + 540) % 360 - 180,
        altitude_m=altitude,
        speed_mps=before.speed_mps if before.speed_mps is not None else metres / step if step > 0 else 0.0,
        course_degrees=course if metres > _SPARSE_M else None,
    )
    fix = without_absurd(fix)
    return msgspec.structs.replace(fix, verdict=verdict_by_itself(fix))
