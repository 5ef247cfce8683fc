"""The line of a day: every clip where its name says, gaps with their reason, each moment counted once."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashcam.clips.event import MotionTrace, MotionWindow
from dashcam.clips.row import ClipRow
from dashcam.clips.timeline import counters_of, timeline_of
from dashcam.clips.track_summary import LinePoint
from tests.clips.rows import event, row
from tests.golden_values import TRACK

DAY = "2026-11-20"
MIDNIGHT_UTC_MS = 1_795_129_200_000  # of this day, one hour east of Greenwich
NINE = 9 * 3600


def clip(number: int, start: float, seconds: float = 60.0, **other: Any) -> ClipRow:
    """A clip that begins so many seconds after midnight."""
    whole = int(start)
    stem = f"dcp_20261120{whole // 3600:02d}{whole // 60 % 60:02d}{whole % 60:02d}"
    facts: dict[str, Any] = {
        "path": f"VIDEO/{DAY}/{stem}.mp4",
        "started_utc_ms": MIDNIGHT_UTC_MS + round(1000 * start),
        "duration_seconds": seconds,
        "lock_cause": None,
    }
    return row(number, day=DAY, **(facts | other))


def trace(*windows: tuple[float, float], looked: float = 60.0) -> MotionTrace:
    return MotionTrace(
        seen="live",
        step_seconds=0.5,
        windows=tuple(MotionWindow(start, end, 50.0) for start, end in windows),
        looked_seconds=looked,
    )


def driven(*points: LinePoint) -> dict[str, Any]:
    return {"track": msgspec.structs.replace(TRACK, line=points)}


GAPS = [
    ("without a gap", [clip(1, NINE), clip(2, NINE + 60)], []),
    ("a frame", [clip(1, NINE), clip(2, NINE + 60.04)], []),
    ("it ran", [clip(1, NINE), clip(2, NINE + 75.5)], [(60, 75.5, "on")]),
    ("started anew", [clip(1, NINE), clip(1, NINE + 3600, boot=2)], [(60, 3600, "off")]),
    ("deleted", [clip(1, NINE), clip(4, NINE + 180)], [(60, 180, "gone")]),
    ("a photo took a number", [clip(1, NINE), clip(3, NINE + 3600)], [(60, 3600, "on")]),
    (
        "all numbers there",
        [clip(1, NINE), clip(2, NINE + 20, 30, kind="event", event=event("motion")), clip(3, NINE + 90)],
        [(60, 90, "on")],
    ),
    (
        "an event while parked",
        [clip(1, NINE), clip(2, NINE + 100, 30, kind="event", event=event("motion")), clip(3, NINE + 130)],
        [(60, 100, "on")],
    ),
    (
        "a cut of what is gone",
        [
            clip(1, NINE, 30, id="2-k1", kind="event", event=event("button", loop_id="1-1")),
            clip(9, NINE + 480),
        ],
        [(30, 480, "gone")],
    ),
    ("dropped in by people", [clip(1, NINE), clip(2, NINE + 600, id="1-k2", integrity="adopted")], []),
]


@pytest.mark.parametrize(("rows", "gaps"), [case[1:] for case in GAPS], ids=[case[0] for case in GAPS])
def test_a_gap_is_told_with_its_reason(rows: list[ClipRow], gaps: list[tuple[float, float, str]]) -> None:
    found = timeline_of(DAY, reversed(rows)).gaps
    assert [(gap.from_seconds - NINE, gap.to_seconds - NINE, gap.why) for gap in found] == gaps


def test_clips_lie_where_their_names_say_to_the_millisecond() -> None:
    found = timeline_of(DAY, [clip(2, NINE + 60.25), clip(1, NINE + 0.25, motion=trace((1, 2)))])
    assert [(clip.id, clip.start_seconds, clip.is_looked) for clip in found.clips] == [
        ("1-1", NINE + 0.25, True),
        ("1-2", NINE + 60.25, False),
    ]
    assert found.clips[0].windows == (MotionWindow(1, 2, 50.0),)


def test_a_name_of_people_is_placed_by_the_clips_beside_it() -> None:
    holiday = clip(2, NINE + 60, path=f"VIDEO/{DAY}/holiday.mp4")
    found = timeline_of(DAY, [clip(1, NINE), holiday, clip(3, NINE + 120)])
    assert [clip.start_seconds - NINE for clip in found.clips] == [0, 60, 120]
    assert (found.gaps, found.timeless) == ([], 0)
    assert timeline_of(DAY, [holiday]).timeless == 1


def test_clips_without_a_day_are_counted_but_not_drawn() -> None:
    rows = [row(number, day="undated", duration_seconds=60.0, motion=trace((5, 9))) for number in (1, 2)]
    drawn, counted = timeline_of("undated", rows), counters_of("undated", rows)
    assert (drawn.clips, drawn.gaps, drawn.timeless) == ([], [], 2)
    assert (counted.clips, counted.recorded_seconds, counted.motion_seconds) == (2, 120.0, 8.0)


def test_summer_time_that_ends_makes_no_gap() -> None:
    """The same hour of the names comes twice."""
    rows = [clip(1, 2 * 3600 + 3540), clip(2, 2 * 3600, started_utc_ms=MIDNIGHT_UTC_MS + 1000 * 3 * 3600)]
    found = timeline_of(DAY, rows)
    assert [clip.id for clip in found.clips] == ["1-1", "1-2"]
    assert found.gaps == []


def test_an_event_of_several_parts_is_one_mark() -> None:
    rows = [
        clip(1, NINE, 120, kind="event", lock_cause="hand", event=event("motion", "1-1", score=40.0)),
        clip(2, NINE + 120, 30, kind="event", event=event("motion", "1-1", part=2, at_seconds=0.0, score=80.0)),
        clip(3, NINE + 500, 20, kind="event", event=event("button", "1-3")),
    ]
    marks = timeline_of(DAY, reversed(rows)).events
    assert [(mark.id, mark.at_seconds - NINE, mark.duration_seconds, mark.score) for mark in marks] == [
        ("1-1", 10.0, 150, 80.0),
        ("1-3", 510.0, 20, 0.0),
    ]
    assert marks[0].is_locked
    assert not marks[1].is_locked
    assert counters_of(DAY, rows).events == {"motion": 1, "button": 1}


def test_each_moment_counts_once() -> None:
    track = msgspec.structs.replace(TRACK, line=(), distance_m=500.0)
    again = {"kind": "event", "lock_cause": "button", "event": event("motion"), "track": track}
    parked = {"kind": "event", "event": event("motion", "1-4"), "track": None}
    rows = [
        clip(1, NINE, motion=trace((10, 20)), track=track),
        clip(2, NINE + 60, motion=trace((0, 5)), track=track),
        clip(3, NINE + 5, 30, motion=trace((5, 20), looked=30), **again),
        clip(4, NINE + 600, 30, motion=trace((0, 30), looked=30), **parked),
        clip(5, NINE + 5, kind="photo"),
    ]
    found = counters_of(DAY, rows)
    assert (found.clips, found.photos, found.saved) == (4, 1, 1)
    assert found.recorded_seconds == 150
    assert found.motion_seconds == 15 + 5 + 30
    assert found.looked_seconds == 60 + 60 + 30
    assert found.distance_m == 1000
    assert (found.gaps, found.gap_seconds) == (1, 480.0)


def test_speeds_are_the_highest_of_each_step_and_break_where_nothing_is_known() -> None:
    rows = [
        clip(1, NINE, **driven(LinePoint(0, 0, 0, 10.0, True), LinePoint(50, 0, 0, 20.0))),
        clip(2, NINE + 60, **driven(LinePoint(1, 0, 0, 5.0, True), LinePoint(3, 0, 0, 4.0))),
        clip(3, NINE + 120, **driven(LinePoint(1, 0, 0, 7.0, True), LinePoint(3, 0, 0, None))),
    ]
    found = [(point.seconds - NINE, point.speed_mps, point.begins) for point in timeline_of(DAY, rows).speeds]
    assert found == [(0, 14.0, True), (20, 18.0, False), (40, 20.0, False), (60, 5.0, False), (120, 7.0, True)]


def test_an_empty_day_is_an_empty_line() -> None:
    assert timeline_of(DAY, []).clips == []
    assert counters_of(DAY, []).recorded_seconds == 0


@given(
    st.lists(
        st.tuples(
            st.integers(0, 86_000), st.floats(0, 300), st.sampled_from(["loop", "event", "photo"]), st.integers(1, 3)
        ),
        max_size=30,
    )
)
def test_gaps_and_recorded_seconds_fill_the_time_between_first_and_last(
    facts: list[tuple[int, float, str, int]],
) -> None:
    rows = [
        clip(number, start, seconds, kind=kind, boot=boot)
        for number, (start, seconds, kind, boot) in enumerate(facts, start=1)
    ]
    found, counted = timeline_of(DAY, rows), counters_of(DAY, rows)
    assert len(found.clips) + counted.photos == len(rows)
    if found.clips:
        begins = min(clip.start_seconds for clip in found.clips)
        ends = max(clip.start_seconds + clip.duration_seconds for clip in found.clips)
        gaps = sum(gap.to_seconds - gap.from_seconds for gap in found.gaps)
        # Pauses of less than a second are neither.
        assert 0 <= ends - begins - gaps - counted.recorded_seconds + 0.1 <= len(rows) + 0.1
