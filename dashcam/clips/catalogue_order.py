"""The order of the whole list: newest first by day, and what has no date where its newest recording belongs.

Names cannot tell where that is, ids can: they grow with every start and every clip, whatever the clock says.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import NamedTuple

from dashcam.clips.catalogue_tables import KINDS, day_range
from dashcam.clips.names import UNDATED

# Above every sort key of a dated clip and below those without a date: ':' follows '9'.
AFTER_ALL_DAYS = ":"
LAST_KEY = "~"
_EVERYTHING_FROM = ""


class Span(NamedTuple):
    """Sort keys from `least` (included) to `below` (not included); within it a higher key is newer."""

    least: str
    below: str


def spans_in(connection: sqlite3.Connection) -> list[Span]:
    """The whole list as spans, newest first.

    What has no date comes before all days while it is the newest there is, as it is until the clock is known. What
    never got one comes after the day on which the recording behind it was made.
    """
    follower = _day_after_undated(connection)
    if follower is None:
        return [Span(_EVERYTHING_FROM, LAST_KEY)]
    border = day_range(follower)[0]
    return [Span(border, AFTER_ALL_DAYS), Span(*day_range(UNDATED)), Span(_EVERYTHING_FROM, border)]


def spans_below(spans: Sequence[Span], before: str | None) -> list[Span]:
    """What is older than the place `before`; None: all."""
    if before is None:
        return list(spans)
    for at, span in enumerate(spans):
        if span.least <= before < span.below:
            return [Span(span.least, before), *spans[at + 1 :]]
    return []


def spans_above(spans: Sequence[Span], place: str) -> list[Span]:
    """What is newer than the clip with this sort key, the nearest span first."""
    for at, span in enumerate(spans):
        if span.least <= place < span.below:
            return [Span(f"{place} ", span.below), *reversed(spans[:at])]
    return []


def days_in_order(connection: sqlite3.Connection, days: Sequence[str]) -> list[str]:
    """Days in the order of the list."""
    spans = spans_in(connection)
    return sorted(days, key=lambda day: (-_rank(spans, day), day), reverse=True)


def newest_id_in(connection: sqlite3.Connection) -> str | None:
    """The recording that was made last; None when there is none. What people drop in does not count."""
    sql = "SELECT id FROM clips WHERE by_keeper = 0 ORDER BY boot DESC, number DESC LIMIT 1"
    found = connection.execute(sql).fetchone()
    return None if found is None else str(found[0])


def _rank(spans: Sequence[Span], day: str) -> int:
    key = day_range(day)[0]
    return next((at for at, span in enumerate(spans) if span.least <= key < span.below), len(spans))


def _day_after_undated(connection: sqlite3.Connection) -> str | None:
    """The day of the first recording behind the newest without a date; None when there is none of either."""
    newest: list[tuple[int, int]] = []
    for kind in KINDS:
        for is_locked in (0, 1):
            newest += connection.execute(
                "SELECT boot, number FROM clips WHERE kind = ? AND is_locked = ? AND sort_key >= ? AND sort_key < ? "
                "AND by_keeper = 0 ORDER BY sort_key DESC LIMIT 1",
                (kind, is_locked, *day_range(UNDATED)),
            )
    if not newest:
        return None
    found = connection.execute(
        "SELECT day FROM clips WHERE by_keeper = 0 AND (boot, number) > (?, ?) ORDER BY boot, number LIMIT 1",
        max(newest),
    ).fetchone()
    return None if found is None else str(found[0])
