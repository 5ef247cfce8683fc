"""The line of a day: what was recorded, what moved and happened, how fast the car was. Pure: rows in, line out."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, NamedTuple

import msgspec

from dashcam.clips.clip import ClipId, ClipKind
from dashcam.clips.day_speeds import DaySpeeds, SpeedPoint, start_in_day
from dashcam.clips.event import EventCause, EventFacts, MotionWindow
from dashcam.clips.row import ClipRow

# Clips of the loop follow each other without a frame missing; what is longer is shown as a gap.
SHORTEST_GAP_SECONDS = 1.0

GapReason = Literal["on", "off", "gone"]


class TimelineClip(msgspec.Struct, frozen=True, kw_only=True):
    """A clip on the line. One that lasts over midnight ends beyond 86,400."""

    id: str
    kind: ClipKind
    start_seconds: float
    """Since the day's midnight, by the dashcam's clock as in the names."""
    duration_seconds: float
    is_locked: bool
    is_event: bool
    """Made for an event: beside the loop's clips, of the same time."""
    is_looked: bool
    """Somebody has looked for motion in it."""
    windows: tuple[MotionWindow, ...]
    """In media seconds of the clip."""


class TimelineEvent(msgspec.Struct, frozen=True, kw_only=True):
    """A mark on the line."""

    id: str
    """Of its clip."""
    cause: EventCause
    at_seconds: float
    """Of the trigger, since midnight."""
    duration_seconds: float
    score: float
    is_locked: bool


class TimelineGap(msgspec.Struct, frozen=True, kw_only=True):
    """Between two clips of the day nothing was recorded."""

    from_seconds: float
    to_seconds: float
    why: GapReason
    """on: the dashcam ran and recorded nothing, as while it guards, was stopped, or had no camera; off: it was started
    anew in between; gone: as many clips as would fill it were recorded, and have been deleted or moved away."""


class DayTimeline(msgspec.Struct, frozen=True, kw_only=True):
    """All that is drawn of a day, oldest first."""

    day: str
    clips: list[TimelineClip]
    events: list[TimelineEvent]
    gaps: list[TimelineGap]
    speeds: list[SpeedPoint]
    timeless: int
    """So many clips are not on it: their time is not known."""


class DayCounters(msgspec.Struct, frozen=True, kw_only=True):
    """What came together on a day."""

    day: str
    clips: int
    photos: int
    events: dict[EventCause, int]
    """By cause; those without any are left out."""
    saved: int
    """Clips that are locked."""
    recorded_seconds: float
    """By loop clips and, where there were none, events: each moment once."""
    gaps: int
    gap_seconds: float
    motion_seconds: float
    """Each moment once."""
    looked_seconds: float
    """So much was looked at for motion."""
    distance_m: float


def timeline_of(day: str, rows: Iterable[ClipRow]) -> DayTimeline:
    """The line of these rows of a day, in whatever order; they may come one by one with their tracks' lines."""
    speeds = DaySpeeds()
    placed, timeless = _place(day, speeds.passing(rows))
    return DayTimeline(
        day=day,
        clips=[_clip_of(found) for found in placed],
        events=_events_of(placed),
        gaps=_gaps_of(placed),
        speeds=speeds.points(),
        timeless=timeless,
    )


def counters_of(day: str, rows: Iterable[ClipRow]) -> DayCounters:
    """The sums of these rows of a day; the lines of their tracks are not needed."""
    kept = list(rows)
    videos = [row for row in kept if row.kind != "photo"]
    placed, _ = _place(day, kept)
    recorded = [_span_of(found) for found in placed if _is_recording(found.row)]
    gaps = [gap for gap in _gaps_of(placed) if gap.why == "on"]
    once = _each_moment_once(videos, placed)
    causes = {row.event.id: row.event.cause for row in videos if row.event is not None}
    return DayCounters(
        day=day,
        clips=len(videos),
        photos=len(kept) - len(videos),
        events={cause: list(causes.values()).count(cause) for cause in dict.fromkeys(causes.values())},
        saved=sum(row.lock_cause is not None for row in videos),
        recorded_seconds=_length(recorded) if placed else sum(row.duration_seconds for row in once),
        gaps=len(gaps),
        gap_seconds=round(sum(gap.to_seconds - gap.from_seconds for gap in gaps), 3),
        motion_seconds=_motion_seconds(placed, once),
        looked_seconds=round(sum(row.motion.looked_seconds for row in once if row.motion is not None), 3),
        distance_m=round(sum(row.track.distance_m for row in once if row.track is not None), 1),
    )


class _Placed(NamedTuple):
    """A clip and where it begins: by the names' clock since midnight, and on an axis that no change of it bends."""

    start_seconds: float
    at_seconds: float
    row: ClipRow

    @property
    def end_at_seconds(self) -> float:
        return self.at_seconds + self.row.duration_seconds


class _Span(NamedTuple):
    from_seconds: float
    to_seconds: float


def _place(day: str, rows: Iterable[ClipRow]) -> tuple[list[_Placed], int]:
    """The videos with a time, oldest first, and how many there are without one."""
    named: list[_Placed] = []
    nameless: list[ClipRow] = []
    for row in rows:
        if row.kind == "photo":
            continue
        start = start_in_day(day, row)
        if start is None:
            nameless.append(row)
        else:
            named.append(_Placed(start, start if row.started_utc_ms is None else row.started_utc_ms / 1000, row))
    # People give names without a time; the clips beside it tell how far local time is from UTC.
    guides = [found for found in named if found.row.started_utc_ms is not None]
    guided = [_guided(row, row.started_utc_ms, guides) for row in nameless if row.started_utc_ms is not None and guides]
    named = [_along(found, guides) for found in named]
    placed = sorted([*named, *guided], key=lambda found: (found.at_seconds, found.start_seconds, found.row.id))
    return placed, len(nameless) - len(guided)


def _guided(row: ClipRow, started_utc_ms: int, guides: list[_Placed]) -> _Placed:
    at = started_utc_ms / 1000
    guide = min(guides, key=lambda found: abs(found.at_seconds - at))
    return _Placed(guide.start_seconds + at - guide.at_seconds, at, row)


def _along(found: _Placed, guides: list[_Placed]) -> _Placed:
    """A name with a time beside a sidecar without: set among the others."""
    if found.row.started_utc_ms is not None or not guides:
        return found
    guide = min(guides, key=lambda guide: abs(guide.start_seconds - found.start_seconds))
    return found._replace(at_seconds=guide.at_seconds + found.start_seconds - guide.start_seconds)


def _clip_of(found: _Placed) -> TimelineClip:
    row = found.row
    return TimelineClip(
        id=row.id,
        kind=row.kind,
        start_seconds=round(found.start_seconds, 3),
        duration_seconds=row.duration_seconds,
        is_locked=row.lock_cause is not None,
        is_event=row.event is not None,
        is_looked=row.motion is not None,
        windows=row.motion.windows if row.motion is not None else (),
    )


def _events_of(placed: list[_Placed]) -> list[TimelineEvent]:
    """One an event: of several parts the first that is still there, as long as all of them."""
    parts: dict[str, list[tuple[int, _Placed, EventFacts]]] = {}
    for place, found in enumerate(placed):
        if found.row.event is not None:
            parts.setdefault(found.row.event.id, []).append((place, found, found.row.event))
    events = []
    for of_event in parts.values():
        _, first, facts = min(of_event, key=lambda part: (part[2].part, part[0]))
        events.append(
            TimelineEvent(
                id=first.row.id,
                cause=facts.cause,
                at_seconds=round(first.start_seconds + facts.at_seconds, 3),
                duration_seconds=round(sum(part.row.duration_seconds for _, part, _ in of_event), 3),
                score=max(of_part.score for _, _, of_part in of_event),
                is_locked=any(part.row.lock_cause is not None for _, part, _ in of_event),
            )
        )
    return sorted(events, key=lambda event: event.at_seconds)


def _is_recording(row: ClipRow) -> bool:
    """False for what people have dropped in: perhaps of another camera."""
    return row.integrity != "adopted"


def _gaps_of(placed: list[_Placed]) -> list[TimelineGap]:
    recorded = [found for found in placed if _is_recording(found.row)]
    numbers = {ClipId.parse(found.row.id) for found in placed}
    longest = max((found.row.duration_seconds for found in recorded), default=0.0)
    gaps: list[TimelineGap] = []
    last: _Placed | None = None
    for found in recorded:
        if last is not None and found.at_seconds - last.end_at_seconds > SHORTEST_GAP_SECONDS:
            seconds = found.at_seconds - last.end_at_seconds
            begins = last.start_seconds + last.row.duration_seconds
            why = _why(last.row, found.row, seconds, longest, numbers)
            gaps.append(TimelineGap(from_seconds=round(begins, 3), to_seconds=round(begins + seconds, 3), why=why))
        if last is None or found.end_at_seconds > last.end_at_seconds:
            last = found
    return gaps


def _why(before: ClipRow, after: ClipRow, seconds: float, longest: float, known: set[ClipId]) -> GapReason:
    first, then = _recorded_as(before), _recorded_as(after)
    if first is None or then is None:
        return "gone"  # only a cut is left of what was recorded then
    if first.boot != then.boot:
        return "off"
    between = range(first.number + 1, then.number)
    missing = sum(ClipId(first.boot, False, number) not in known for number in between)
    # Photos and requests take numbers, too: a few that are missing do not fill an hour.
    return "gone" if missing and missing * longest >= 0.8 * seconds else "on"


def _recorded_as(row: ClipRow) -> ClipId | None:
    """The recorder's own id: of a cut, that of the clip it was cut from; None where it is not known."""
    clip_id = ClipId.parse(row.id)
    if not clip_id.by_keeper:
        return clip_id
    return ClipId.parse(row.event.loop_id) if row.event is not None and row.event.loop_id else None


def _span_of(found: _Placed) -> _Span:
    return _Span(found.at_seconds, found.end_at_seconds)


def _merged(spans: Iterable[_Span]) -> list[_Span]:
    merged: list[_Span] = []
    for span in sorted(spans):
        if merged and span.from_seconds <= merged[-1].to_seconds:
            merged[-1] = _Span(merged[-1].from_seconds, max(merged[-1].to_seconds, span.to_seconds))
        else:
            merged.append(span)
    return merged


def _length(spans: Iterable[_Span]) -> float:
    return round(sum(span.to_seconds - span.from_seconds for span in _merged(spans)), 3)


def _each_moment_once(videos: list[ClipRow], placed: list[_Placed]) -> list[ClipRow]:
    """The loop's clips, and those of events that lie mostly beside all of them: parked, or the loop has gone on."""
    begins = {found.row.id: found.at_seconds for found in placed}
    chosen = [row for row in videos if row.event is None and _is_recording(row)]
    loop = _merged(_Span(begins[row.id], begins[row.id] + row.duration_seconds) for row in chosen if row.id in begins)
    covered = list(loop)
    for row in sorted(videos, key=lambda row: (begins.get(row.id, 0.0), row.id)):
        if row.event is None or not _is_recording(row):
            continue
        if row.id not in begins:
            chosen.append(row)
            continue
        own = _Span(begins[row.id], begins[row.id] + row.duration_seconds)
        shared = sum(
            max(min(own.to_seconds, span.to_seconds) - max(own.from_seconds, span.from_seconds), 0.0)
            for span in covered
        )
        if shared <= row.duration_seconds / 2:
            chosen.append(row)
            covered = _merged([*covered, own])
    return chosen


def _motion_seconds(placed: list[_Placed], once: list[ClipRow]) -> float:
    if placed:
        return _length(
            _Span(found.at_seconds + window.from_seconds, found.at_seconds + window.to_seconds)
            for found in placed
            for window in (found.row.motion.windows if found.row.motion is not None else ())
        )
    windows = (window for row in once if row.motion is not None for window in row.motion.windows)
    return round(sum(window.to_seconds - window.from_seconds for window in windows), 3)
