"""What the gallery asks the catalogue: pages, days, neighbours and sums, each by a few descents into an index."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from itertools import product
from operator import itemgetter
from typing import Any

from dashcam.clips.catalogue_order import (
    AFTER_ALL_DAYS,
    Span,
    days_in_order,
    spans_above,
    spans_below,
    spans_in,
)
from dashcam.clips.catalogue_tables import KINDS, ROW, ROW_AND_LINE, day_range, rows_of
from dashcam.clips.clip import ClipKind
from dashcam.clips.event import EventCause
from dashcam.clips.row import ClipRow, DayCount

_DAY_LENGTH = len("2026-11-20")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which clips; None: all.

    `from_local` (included) and `to_local` (not included) are local times as in names: `2026-11-20` or
    `2026-11-20T15:45:00`, seconds or all of the time may be left out. What has no date is outside of any such range.
    `causes`: only what was made for events of these.
    """

    day: str | None = None
    kinds: Collection[ClipKind] = KINDS
    locked: bool | None = None
    from_local: str | None = None
    to_local: str | None = None
    causes: Collection[EventCause] | None = None


EVERYTHING = Wanted()


@dataclass(frozen=True, slots=True)
class Page:
    """Rows, newest first, and what to ask `before` for the next ones; None: these are the last."""

    rows: tuple[ClipRow, ...]
    before: str | None


@dataclass(frozen=True, slots=True)
class Neighbours:
    """The next older and the next newer row; None at the ends."""

    older: ClipRow | None
    newer: ClipRow | None


@dataclass(frozen=True, slots=True)
class Total:
    """What there is of one kind."""

    clips: int = 0
    bytes: int = 0


def page_in(
    connection: sqlite3.Connection, wanted: Wanted, before: str | None, limit: int, *, with_lines: bool = False
) -> Page:
    """The page below the place `before`."""
    columns = ROW_AND_LINE if with_lines else ROW
    found = _newest(connection, wanted, spans_below(spans_in(connection), before), limit + 1, columns)
    has_more = len(found) > limit
    rows = tuple(rows_of(found[:limit], with_lines=with_lines))
    return Page(rows, found[limit - 1][-1] if has_more else None)


def neighbours_in(connection: sqlite3.Connection, wanted: Wanted, clip_id: str) -> Neighbours | None:
    """Those next to a clip, whether it is itself wanted or not; None when there is no such clip."""
    place = connection.execute("SELECT sort_key FROM clips WHERE id = ?", (clip_id,)).fetchone()
    if place is None:
        return None
    spans = spans_in(connection)
    older = rows_of(_newest(connection, wanted, spans_below(spans, place[0]), 1))
    newer = rows_of(_oldest(connection, wanted, spans_above(spans, place[0])))
    return Neighbours(older[0] if older else None, newer[0] if newer else None)


def days_in(connection: sqlite3.Connection, wanted: Wanted) -> list[DayCount]:
    """What each day holds of what is wanted, newest first; days without any are left out.

    Whole days are counted already; only those that a time cuts through are counted anew.
    """
    days: dict[str, dict[ClipKind, Total]] = {}
    for day, kind, clips, size in [*_whole_days(connection, wanted), *_cut_days(connection, wanted)]:
        of_day = days.setdefault(day, {})
        before = of_day.get(kind, Total())
        of_day[kind] = Total(before.clips + clips, before.bytes + size)
    return [
        DayCount(
            day=day,
            loops=days[day].get("loop", Total()).clips,
            events=days[day].get("event", Total()).clips,
            photos=days[day].get("photo", Total()).clips,
            bytes=sum(total.bytes for total in days[day].values()),
        )
        for day in days_in_order(connection, list(days))
    ]


def totals_in(connection: sqlite3.Connection) -> dict[ClipKind, Total]:
    """What there is, by kind; every kind is in it."""
    found = connection.execute("SELECT kind, sum(clips), sum(bytes) FROM days GROUP BY kind")
    known = {kind: Total(clips, size) for kind, clips, size in found}
    return {kind: known.get(kind, Total()) for kind in KINDS}


def locked_total_in(connection: sqlite3.Connection) -> Total:
    """What is locked, of all kinds."""
    sql = "SELECT ifnull(sum(clips), 0), ifnull(sum(bytes), 0) FROM days WHERE is_locked = 1"
    clips, size = connection.execute(sql).fetchone()
    return Total(clips, size)


def _newest(
    connection: sqlite3.Connection, wanted: Wanted, spans: Iterable[Span], limit: int, columns: str = ROW
) -> list[tuple[Any, ...]]:
    """The columns and the sort key, from the first span on, newest first.

    One descent a kind and lock, so that a rare kind among many costs nothing.
    """
    found: list[tuple[Any, ...]] = []
    for span in spans:
        missing = limit - len(found)
        if missing <= 0:
            break
        of_span: list[tuple[Any, ...]] = []
        for condition, parameters in _ranges(wanted, span):
            sql = f"SELECT {columns}, sort_key FROM clips WHERE {condition} ORDER BY sort_key DESC LIMIT {missing}"  # noqa: S608
            of_span += connection.execute(sql, parameters).fetchall()
        found += sorted(of_span, key=itemgetter(-1), reverse=True)[:missing]
    return found


def _oldest(connection: sqlite3.Connection, wanted: Wanted, spans: Iterable[Span]) -> list[tuple[Any, ...]]:
    """The oldest of the first span that has any."""
    for span in spans:
        found: list[tuple[Any, ...]] = []
        for condition, parameters in _ranges(wanted, span):
            sql = f"SELECT {ROW}, sort_key FROM clips WHERE {condition} ORDER BY sort_key LIMIT 1"  # noqa: S608
            found += connection.execute(sql, parameters).fetchall()
        if found:
            return [min(found, key=itemgetter(-1))]
    return []


def _ranges(wanted: Wanted, span: Span) -> Iterator[tuple[str, tuple[object, ...]]]:
    """Conditions with their parameters, each one range of an index by time; together they are what is wanted.

    Only one bound at each end: of several SQLite would take any for the index and step through the rest.
    """
    starts, ends = [span.least], [span.below]
    if wanted.day is not None:
        starts.append(day_range(wanted.day)[0])
        ends.append(day_range(wanted.day)[1])
    if wanted.from_local is not None:
        starts.append(day_range(_day(wanted.from_local))[0])
    if wanted.to_local is not None:
        ends.append(day_range(_day(wanted.to_local))[1])
    elif wanted.from_local is not None:
        ends.append(AFTER_ALL_DAYS)
    conditions = ["kind = ?", "is_locked = ?", "sort_key >= ?", "sort_key < ?"]
    parameters = [max(starts), min(ends)]
    # Within the first and the last day.
    for condition, time in (("local_time >= ?", wanted.from_local), ("local_time < ?", wanted.to_local)):
        if time is not None:
            conditions.append(condition)
            parameters.append(time)
    locks = (0, 1) if wanted.locked is None else (int(wanted.locked),)
    firsts: Iterable[tuple[object, ...]] = product(sorted(set(wanted.kinds)), locks)
    if wanted.causes is not None:
        conditions.insert(0, "event_cause = ?")
        firsts = product(sorted(set(wanted.causes)), sorted(set(wanted.kinds)), locks)
    for first in firsts:
        yield " AND ".join(conditions), (*first, *parameters)


def _whole_days(connection: sqlite3.Connection, wanted: Wanted) -> Iterator[tuple[str, ClipKind, int, int]]:
    conditions, parameters = ["clips > 0"], list[str]()
    if wanted.from_local is not None or wanted.to_local is not None:
        conditions.append("day < ?")
        parameters.append(AFTER_ALL_DAYS if wanted.to_local is None else _day(wanted.to_local))
    if wanted.from_local is not None:
        conditions.append("day > ?" if _cuts(wanted.from_local) else "day >= ?")
        parameters.append(_day(wanted.from_local))
    if wanted.day is not None:
        conditions.append("day = ?")
        parameters.append(wanted.day)
    sql = f"SELECT day, kind, is_locked, event_cause, clips, bytes FROM days WHERE {' AND '.join(conditions)}"  # noqa: S608
    for day, kind, is_locked, cause, clips, size in connection.execute(sql, parameters):
        is_wanted = wanted.causes is None or cause in wanted.causes
        if is_wanted and kind in wanted.kinds and wanted.locked in (None, bool(is_locked)):
            yield day, kind, clips, size


def _cut_days(connection: sqlite3.Connection, wanted: Wanted) -> Iterator[tuple[str, ClipKind, int, int]]:
    for day in {_day(time) for time in (wanted.from_local, wanted.to_local) if time is not None and _cuts(time)}:
        for condition, parameters in _ranges(wanted, Span(*day_range(day))):
            sql = f"SELECT kind, count(*), sum(bytes) FROM clips WHERE {condition} GROUP BY kind"  # noqa: S608
            for kind, clips, size in connection.execute(sql, parameters):
                yield day, kind, clips, size


def _day(local: str) -> str:
    return local[:_DAY_LENGTH]


def _cuts(local: str) -> bool:
    """True when the time is not the beginning of its day."""
    return len(local) > _DAY_LENGTH
