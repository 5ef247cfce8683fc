"""Which clips the motion that was found becomes: pure decisions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from dashcam.clips.clip import ClipId
from dashcam.clips.event import MotionWindow
from dashcam.clips.row import ClipRow
from dashcam.settings.schema_events import EventsSettings

# Clips without a gap continue each other to the frame; their times are told in milliseconds.
_CONTINUES_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class FoundEvent:
    """A range over clips that continue each other, to be cut."""

    from_id: str
    from_seconds: float
    to_id: str
    to_seconds: float
    at_id: str
    """The clip in which the motion begins."""
    at_seconds: float
    """When in it."""
    at_from_seconds: float
    """The same moment on the clock of the clip that the range begins in."""
    day: str
    window: MotionWindow
    """The first, with the score of the strongest."""


@dataclass(frozen=True, slots=True)
class _Placed:
    """A window on the axis of clips that continue each other."""

    from_seconds: float
    to_seconds: float
    row: ClipRow
    window: MotionWindow


def events_in(rows: Iterable[ClipRow], settings: EventsSettings) -> list[FoundEvent]:
    """Each window with the seconds before and after, over the boundaries of clips that continue each other.

    Those that would overlap become one event, up to the longest length.
    """
    return [event for chain in _chains(rows) for event in _events_of(chain, settings)]


def continues(before: ClipRow, row: ClipRow) -> bool:
    """True for two recordings of the loop without a gap in between."""
    one, other = ClipId.parse(before.id), ClipId.parse(row.id)
    if one.by_keeper or other.by_keeper or one.boot != other.boot or before.event is not None or row.event is not None:
        return False
    if before.kind == "photo" or before.started_utc_ms is None or row.started_utc_ms is None:
        return False
    gap_seconds = (row.started_utc_ms - before.started_utc_ms) / 1000 - before.duration_seconds
    return abs(gap_seconds) <= _CONTINUES_SECONDS


def _chains(rows: Iterable[ClipRow]) -> Iterator[list[ClipRow]]:
    chain: list[ClipRow] = []
    for row in sorted(rows, key=lambda row: ClipId.parse(row.id)):
        if chain and not continues(chain[-1], row):
            yield chain
            chain = []
        chain.append(row)
    if chain:
        yield chain


def _events_of(chain: Sequence[ClipRow], settings: EventsSettings) -> Iterator[FoundEvent]:
    begins: list[float] = []
    end = 0.0
    placed: list[_Placed] = []
    for row in chain:
        begins.append(end)
        windows = row.motion.windows if row.motion is not None else ()
        placed += [_Placed(end + window.from_seconds, end + window.to_seconds, row, window) for window in windows]
        end += row.duration_seconds
    for group in _groups(placed, settings):
        start = max(group[0].from_seconds - settings.before_seconds, 0.0)
        stop = min(group[-1].to_seconds + settings.after_seconds, end)
        first, last = _clip_at(begins, start), _clip_at(begins, stop, is_end=True)
        strongest = max(group, key=lambda found: found.window.score)
        yield FoundEvent(
            from_id=chain[first].id,
            from_seconds=round(start - begins[first], 3),
            to_id=chain[last].id,
            to_seconds=round(stop - begins[last], 3),
            at_id=group[0].row.id,
            at_seconds=group[0].window.from_seconds,
            at_from_seconds=round(group[0].from_seconds - begins[first], 3),
            day=group[0].row.day,
            window=MotionWindow(group[0].window.from_seconds, group[0].window.to_seconds, strongest.window.score),
        )


def _groups(placed: Sequence[_Placed], settings: EventsSettings) -> Iterator[list[_Placed]]:
    apart = settings.before_seconds + settings.after_seconds
    group: list[_Placed] = []
    for found in placed:
        is_near = group and found.from_seconds - group[-1].to_seconds <= apart
        is_short = group and found.to_seconds - group[0].from_seconds <= settings.longest_seconds
        if group and not (is_near and is_short):
            yield group
            group = []
        group.append(found)
    if group:
        yield group


def _clip_at(begins: Sequence[float], at: float, *, is_end: bool = False) -> int:
    """Which clip a moment of the axis lies in; the end of a range in the one that it ends."""
    return max((number for number, begin in enumerate(begins) if begin < at or (begin == at and not is_end)), default=0)
