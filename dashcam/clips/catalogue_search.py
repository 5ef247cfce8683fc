"""Which clips are still to be searched for motion, which events were found in them already, and which are new."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection
from typing import NamedTuple

import msgspec

from dashcam.clips.catalogue_tables import ROW, day_range, rows_of
from dashcam.clips.row import ClipRow


class Scope(msgspec.Struct, frozen=True, kw_only=True):
    """Which clips a search goes through: those of `ids`, else those of the loop, of a day or of all of them.

    Of what was made for an event the loop's clip is searched; only who asks for the event's gets it.
    """

    wish: str = ""
    """What was looked at with these settings is passed over; empty: whatever was looked at at all."""
    ids: tuple[str, ...] = ()
    day: str = ""


class Left(NamedTuple):
    """What is still to be done."""

    clips: int
    seconds: float


def left_in(connection: sqlite3.Connection, scope: Scope, passed_over: Collection[str] = ()) -> Left:
    """How much it is, without those that were passed over."""
    condition, parameters = _condition(scope, passed_over)
    table = _table_for(scope)
    sql = f"SELECT count(*), ifnull(sum(duration_seconds), 0) FROM {table} WHERE {condition}"  # noqa: S608
    return Left(*connection.execute(sql, parameters).fetchone())


def next_in(
    connection: sqlite3.Connection, scope: Scope, limit: int, passed_over: Collection[str] = ()
) -> list[ClipRow]:
    """The newest of them."""
    condition, parameters = _condition(scope, passed_over)
    chosen = f"SELECT id FROM {_table_for(scope)} WHERE {condition} ORDER BY boot DESC, number DESC LIMIT ?"  # noqa: S608
    sql = f"SELECT {ROW} FROM clips WHERE id IN ({chosen}) ORDER BY boot DESC, number DESC"  # noqa: S608
    return rows_of(connection.execute(sql, (*parameters, limit)))


def looked_at_in(connection: sqlite3.Connection, scope: Scope, day: str) -> list[ClipRow]:
    """The clips of a day that are in the scope and in which something moved, from the oldest on."""
    condition, parameters = _condition(msgspec.structs.replace(scope, wish="", day=day), (), is_done=True)
    sql = f"SELECT {ROW} FROM clips WHERE {condition} ORDER BY boot, by_keeper, number"  # noqa: S608
    return rows_of(connection.execute(sql, parameters))


def days_of(connection: sqlite3.Connection, scope: Scope) -> list[str]:
    """The days that its clips lie in, the newest first."""
    if scope.day:
        return [scope.day]
    if scope.ids:
        marks = ", ".join("?" * len(scope.ids))
        sql = f"SELECT DISTINCT day FROM clips WHERE id IN ({marks}) ORDER BY day DESC"  # noqa: S608
        return [day for (day,) in connection.execute(sql, scope.ids)]
    sql = "SELECT DISTINCT day FROM days WHERE kind != 'photo' ORDER BY day DESC"
    return [day for (day,) in connection.execute(sql)]


def motion_events_of(connection: sqlite3.Connection, loop_id: str, day: str) -> list[ClipRow]:
    """The clips made for motion that began in a clip of the loop, while it was recorded or afterwards."""
    sql = (
        f"SELECT {ROW} FROM clips WHERE event_cause = 'motion' AND kind = 'event' AND is_locked IN (0, 1) "  # noqa: S608
        "AND sort_key >= ? AND sort_key < ?"
    )
    found = rows_of(connection.execute(sql, day_range(day)))
    return [row for row in found if row.event is not None and row.event.loop_id == loop_id]


def newest_events_in(connection: sqlite3.Connection, limit: int) -> list[ClipRow]:
    """The clips of events that were made last, so many by the recorder and by the keeper, from the oldest on."""
    # Left to choose, SQLite steps through all clips until it has found so many events.
    event = "SELECT id FROM clips INDEXED BY clips_of_events_by_id WHERE event_cause IS NOT NULL AND by_keeper ="
    sql = (
        f"SELECT {ROW} FROM clips WHERE id IN ({event} 0 ORDER BY boot DESC, number DESC LIMIT ?) "  # noqa: S608
        f"OR id IN ({event} 1 ORDER BY number DESC LIMIT ?) ORDER BY boot, by_keeper, number"
    )
    return rows_of(connection.execute(sql, (limit, limit)))


def _table_for(scope: Scope) -> str:
    """Of the search that nobody has asked for next to nothing is left as a rule: SQLite would step through the rest."""
    is_by_itself = not scope.wish and not scope.ids and not scope.day
    return "clips INDEXED BY clips_without_motion" if is_by_itself else "clips"


def _condition(scope: Scope, passed_over: Collection[str], *, is_done: bool = False) -> tuple[str, tuple[object, ...]]:
    conditions, parameters = ["kind != 'photo'"], list[object]()
    if is_done:
        conditions.append("motion IS NOT NULL")
    elif scope.wish:
        conditions.append("(motion_wish IS NULL OR motion_wish != ?)")
        parameters.append(scope.wish)
    else:
        conditions.append("motion IS NULL AND by_keeper = 0")
    if scope.ids:
        conditions.append(f"id IN ({', '.join('?' * len(scope.ids))})")
        parameters += scope.ids
    else:
        conditions.append("event_cause IS NULL")
    if scope.day:
        conditions.append("kind IN ('loop', 'event') AND is_locked IN (0, 1) AND sort_key >= ? AND sort_key < ?")
        parameters += day_range(scope.day)
    if passed_over:
        conditions.append(f"id NOT IN ({', '.join('?' * len(passed_over))})")
        parameters += passed_over
    return " AND ".join(conditions), tuple(parameters)
