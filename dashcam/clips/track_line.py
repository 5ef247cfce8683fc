"""From the entries of the track log to what is known of a clip's track. Pure: entries in, summary and segments out.

A gap is never bridged: in a tunnel nobody knows where the car was. Longitudes are unwrapped before anything is computed
with them, so that a track across the date line is as short as it was.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from heapq import heappop, heappush
from itertools import pairwise
from math import ceil, cos, hypot, radians

from dashcam.clips.track_log import LONGEST_STEP_NS, LogEntry, LoggedGap, LoggedPlace
from dashcam.clips.track_summary import LinePoint, TrackSummary
from dashcam.clock import NANOSECONDS
from dashcam.gps.geometry import EARTH_RADIUS_M, distance_m

Segment = list[LoggedPlace]

# How far the line may be from a fix at the fix's own time: less than a receiver errs in a street.
TOLERANCE_M = 4.0
# How far its speed may be from the fix's: less than one sees in a colour.
TOLERANCE_MPS = 1.5
# Of a clip of an hour; the sidecar has room for twice as many. A clip of a minute needs about twenty.
MOST_LINE_POINTS = 400
# 5 km/h: whoever is slower walks, or stands under a receiver that errs.
WALKING_MPS = 1.4
# The car stands below the first, and drives again above the second.
_STOPPED_MPS, _STARTED_MPS = 0.5, 1.5
# A receiver that stands errs by this much; a step is one only beyond it, unless the receiver says that it moves.
_NOISE_M = 8.0
# A fix tells of the moments around it, at one fix a second without a gap in between.
_VOUCHED_NS = NANOSECONDS // 2
# An hour at one fix a second.
_MOST_CANDIDATES = 3600
_PER_DEGREE = radians(EARTH_RADIUS_M) / TOLERANCE_M
_JUST_TOO_FAR = 1.01


@dataclass(frozen=True, slots=True)
class Span:
    """From a clip's first frame (included) to its end (not included), in CLOCK_MONOTONIC of its boot."""

    start_ns: int
    end_ns: int

    @classmethod
    def of(cls, started_monotonic_ns: int, duration_seconds: float) -> Span:
        """The span of a clip."""
        return cls(started_monotonic_ns, started_monotonic_ns + max(round(duration_seconds * NANOSECONDS), 0))

    def has(self, monotonic_ns: int) -> bool:
        """True for a moment within."""
        return self.start_ns <= monotonic_ns < self.end_ns

    def share_ns(self, from_ns: int, until_ns: int) -> int:
        """How much of another span lies within."""
        return max(min(until_ns, self.end_ns) - max(from_ns, self.start_ns), 0)


def segments_of(entries: Iterable[LogEntry]) -> list[Segment]:
    """The fixes, a new segment after each gap, the written and the silent ones. What goes back in time is left out.

    Of several of one moment the last one counts: they were read at once, and it is the newest.
    """
    segments: list[Segment] = []
    last_ns: int | None = None
    is_open = False
    for entry in entries:
        if isinstance(entry, LoggedGap):
            is_open = False
            continue
        if last_ns is not None and entry.monotonic_ns < last_ns:
            continue
        if entry.monotonic_ns == last_ns:
            if is_open:
                segments[-1][-1] = entry
                continue
            segments[-1].pop()
        if not is_open or last_ns is None or entry.monotonic_ns - last_ns > LONGEST_STEP_NS:
            segments.append([])
        segments[-1].append(entry)
        last_ns, is_open = entry.monotonic_ns, True
    return [segment for segment in segments if segment]


def within(segments: Iterable[Segment], span: Span) -> list[Segment]:
    """The fixes of the span; no segment is empty."""
    cut = ([fix for fix in segment if span.has(fix.monotonic_ns)] for segment in segments)
    return [segment for segment in cut if segment]


def summarise(entries: Iterable[LogEntry], span: Span, most_points: int = MOST_LINE_POINTS) -> TrackSummary:
    """What is known of the track within `span`.

    `entries` may begin before and end after it by some seconds: then what lies across its ends is shared with the
    clips before and after, and the distances of a drive's clips add up to the drive's.
    """
    segments = segments_of(entries)
    inside = within(segments, span)
    speeds = [speed for segment in segments for speed in _speeds_within(segment, span)]
    return TrackSummary(
        points=sum(map(len, inside)),
        gap_seconds=round(_gap_ns(segments, span) / NANOSECONDS, 3),
        distance_m=round(sum(_distance_m(segment, span) for segment in segments), 1),
        moving_seconds=round(sum(_moving_ns(segment, span) for segment in segments) / NANOSECONDS, 3),
        top_speed_mps=round(max(speeds), 3) if speeds else None,
        line=line_of(inside, span.start_ns, most_points),
    )


def line_of(segments: Sequence[Segment], start_ns: int, most_points: int = MOST_LINE_POINTS) -> tuple[LinePoint, ...]:
    """Some of the fixes, so that the line between them is near every other at its time and in its speed.

    Where that needs too many points they are put where the line is farthest off; of a track in more pieces than that
    the longest ones are drawn.
    """
    if 2 * len(segments) > most_points:
        longest = sorted(segments, key=lambda one: one[0].monotonic_ns - one[-1].monotonic_ns)[: most_points // 2]
        segments = sorted(longest, key=lambda one: one[0].monotonic_ns)
    segments = _thinned(segments)
    curves = [_Curve(segment) for segment in segments]
    kept = [{0, len(segment) - 1} for segment in segments]
    count = sum(map(len, kept))
    # The farthest first: (minus how far, curve, first, last, the farthest between them).
    waiting: list[tuple[float, int, int, int, int]] = []
    for number, segment in enumerate(segments):
        _push(waiting, curves[number], number, 0, len(segment) - 1)
    while waiting and count < most_points:
        _, number, first, last, farthest = heappop(waiting)
        kept[number].add(farthest)
        count += 1
        _push(waiting, curves[number], number, first, farthest)
        _push(waiting, curves[number], number, farthest, last)
    return tuple(
        _line_point(segment[at], start_ns, begins=at == 0)
        for segment, places in zip(segments, kept, strict=True)
        for at in sorted(places)
    )


class _Curve:
    """A segment for computing: seconds since its begin, unwrapped longitudes, and where it stops and starts."""

    def __init__(self, segment: Segment) -> None:
        self.seconds = [(fix.monotonic_ms - segment[0].monotonic_ms) / 1000 for fix in segment]
        self.latitudes = [fix.latitude for fix in segment]
        self.longitudes = [segment[0].longitude]
        for before, fix in pairwise(segment):
            self.longitudes.append(self.longitudes[-1] + _east(before.longitude, fix.longitude))
        self.narrowing = [cos(radians(latitude)) for latitude in self.latitudes]
        self.speeds = [fix.speed_mps for fix in segment]
        self.turns = _stops_and_starts(self.speeds)

    def farthest(self, first: int, last: int) -> tuple[float, int]:
        """Which fix between the two the line between them misses most, and how much: above 1 it has to go through it.

        The inner loop of all this, so it is written for speed.
        """
        seconds, latitudes, longitudes, speeds = self.seconds, self.latitudes, self.longitudes, self.speeds
        begin, latitude, longitude = seconds[first], latitudes[first], longitudes[first]
        north, east = latitudes[last] - latitude, longitudes[last] - longitude
        begin_mps, end_mps = speeds[first], speeds[last]
        whole = seconds[last] - begin
        most, farthest = 0.0, first
        for at in range(first + 1, last):
            share = (seconds[at] - begin) / whole
            missed = _PER_DEGREE * hypot(
                latitude + share * north - latitudes[at],
                (longitude + share * east - longitudes[at]) * self.narrowing[at],
            )
            speed = speeds[at]
            if speed is not None and begin_mps is not None and end_mps is not None:
                missed = max(missed, abs(begin_mps + share * (end_mps - begin_mps) - speed) / TOLERANCE_MPS)
            if missed > most:
                most, farthest = missed, at
        if most <= 1:
            turn = next((at for at in range(first + 1, last) if at in self.turns), None) if self.turns else None
            return (_JUST_TOO_FAR, turn) if turn is not None else (most, farthest)
        return most, farthest


def _push(waiting: list[tuple[float, int, int, int, int]], curve: _Curve, number: int, first: int, last: int) -> None:
    """Adds the fix between the two that the line misses most, if it misses any."""
    missed, farthest = curve.farthest(first, last)
    if missed > 1:
        heappush(waiting, (-missed, number, first, last, farthest))


def _thinned(segments: Sequence[Segment]) -> list[Segment]:
    """So few fixes that choosing among them takes no longer than another chore may wait; each keeps its ends."""
    every = ceil(sum(map(len, segments)) / _MOST_CANDIDATES)
    return [segment if every <= 1 else [*segment[:-1:every], segment[-1]] for segment in segments]


def _stops_and_starts(speeds: Sequence[float | None]) -> set[int]:
    """Where the car comes to stand, and the last moment before it drives again."""
    found: set[int] = set()
    stands = False
    for at, speed in enumerate(speeds):
        if speed is None:
            continue
        if not stands and speed < _STOPPED_MPS:
            stands = True
            found.add(at)
        elif stands and speed > _STARTED_MPS:
            stands = False
            found.add(at - 1)
    return found


def _line_point(fix: LoggedPlace, start_ns: int, *, begins: bool) -> LinePoint:
    seconds = round((fix.monotonic_ns - start_ns) / NANOSECONDS, 3)
    return LinePoint(seconds, fix.latitude, fix.longitude, fix.speed_mps, begins)


def _gap_ns(segments: Iterable[Segment], span: Span) -> int:
    """How much of the span is neither between two fixes of one segment nor near a fix."""
    covered_ns, until_ns = 0, span.start_ns
    for segment in segments:
        begin_ns = max(segment[0].monotonic_ns - _VOUCHED_NS, until_ns)
        until_ns = max(segment[-1].monotonic_ns + _VOUCHED_NS, until_ns)
        covered_ns += span.share_ns(begin_ns, until_ns)
    return span.end_ns - span.start_ns - covered_ns


def _distance_m(segment: Segment, span: Span) -> float:
    """Along the segment; where it stands the places around it are one."""
    metres, from_fix = 0.0, segment[0]
    for before, fix in pairwise(segment):
        step_m = _metres(from_fix, fix)
        if step_m <= _NOISE_M and not _is_moving(before, fix):
            continue
        step_ns = fix.monotonic_ns - from_fix.monotonic_ns
        metres += step_m * span.share_ns(from_fix.monotonic_ns, fix.monotonic_ns) / step_ns
        from_fix = fix
    return metres


def _moving_ns(segment: Segment, span: Span) -> int:
    return sum(
        span.share_ns(before.monotonic_ns, fix.monotonic_ns)
        for before, fix in pairwise(segment)
        if _is_moving(before, fix)
    )


def _is_moving(before: LoggedPlace, fix: LoggedPlace) -> bool:
    """Whether the car drove from one fix to the next."""
    return _speed_mps(before, fix) > WALKING_MPS


def _speed_mps(before: LoggedPlace, fix: LoggedPlace) -> float:
    """What the receiver says, else from the places: then standing noise is up to walking pace."""
    if fix.speed_mps is not None:
        return fix.speed_mps
    return _metres(before, fix) * NANOSECONDS / (fix.monotonic_ns - before.monotonic_ns)


def _speeds_within(segment: Segment, span: Span) -> Iterable[float]:
    first = segment[0]
    if first.speed_mps is not None and span.has(first.monotonic_ns):
        yield first.speed_mps
    for before, fix in pairwise(segment):
        if span.has(fix.monotonic_ns):
            yield _speed_mps(before, fix)


def _metres(before: LoggedPlace, fix: LoggedPlace) -> float:
    return distance_m(before.latitude, before.longitude, fix.latitude, fix.longitude)


def _east(before: float, longitude: float) -> float:
    """Degrees to the east, the short way round."""
    return (longitude - before + 540.0) % 360.0 - 180.0
