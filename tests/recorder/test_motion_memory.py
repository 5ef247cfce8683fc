"""What moved: the last minutes for the page, and for each clip a trace that fits its sidecar."""

from __future__ import annotations

import pytest

from dashcam.clips.event import MOST_TRACE_POINTS, MOST_WINDOWS, MotionTrace
from dashcam.clock import NANOSECONDS
from dashcam.recorder.motion_memory import HISTORY_SECONDS, MotionMemory

START_NS = 5_000 * NANOSECONDS


def at(seconds: float) -> int:
    return START_NS + round(seconds * NANOSECONDS)


def looked(
    seconds: float, rate: float, moves: tuple[tuple[float, float], ...] = (), begin: float = 0.0
) -> MotionMemory:
    memory = MotionMemory()
    for number in range(round(seconds * rate)):
        now = begin + number / rate
        is_motion = any(start <= now < end for start, end in moves)
        memory.add(at(now), 60.0 if is_motion else 3.0, 0.9 if is_motion else 0.1, is_motion=is_motion)
    return memory


def trace(memory: MotionMemory, begin: float, end: float, duration: float | None = None) -> MotionTrace:
    found = memory.trace_between(at(begin), at(end), end - begin if duration is None else duration)
    assert found is not None
    return found


def test_the_history_has_a_point_a_second_and_the_strongest_of_each() -> None:
    points = looked(60, 5, ((30.4, 31.0),)).history(at(60))
    assert len(points) == 60
    assert [point.age_seconds for point in points] == sorted((point.age_seconds for point in points), reverse=True)
    moving = [point for point in points if point.is_motion]
    assert [(point.score, point.confidence) for point in moving] == [(60, 0.9)]
    assert moving[0].age_seconds == pytest.approx(29.4, abs=0.3)
    assert {point.score for point in points if not point.is_motion} == {3}


def test_the_history_ends_after_a_quarter_of_an_hour_and_leaves_out_what_nobody_saw() -> None:
    memory = looked(60, 5)
    for number in range(10):
        memory.add(at(1000 + number), 5.0, 0.0, is_motion=False)
    points = memory.history(at(1010))
    assert max(point.age_seconds for point in points) <= HISTORY_SECONDS
    assert len(points) == 10
    assert memory.history(at(10_000)) == ()


def test_a_clips_trace_has_its_windows_in_seconds_of_the_clip() -> None:
    found = trace(looked(180, 5, ((70.0, 75.0), (100.0, 101.0))), 60, 120)
    assert (found.seen, found.step_seconds, found.looked_seconds) == ("live", 0.2, 60.0)
    assert [(window.from_seconds, window.to_seconds, window.score) for window in found.windows] == [
        (10.0, 15.0, 60),
        (40.0, 41.0, 60),
    ]
    assert len(found.scores) == 301
    assert set(found.scores[50:75]) == {60}
    assert set(found.scores[:50]) == {3}


def test_what_moves_at_the_borders_of_a_clip_is_in_both() -> None:
    memory = looked(180, 5, ((55.0, 65.0),))
    first, second = trace(memory, 0, 59.97), trace(memory, 60, 119.97)
    assert [(window.from_seconds, window.to_seconds) for window in first.windows] == [(55.0, 59.97)]
    assert [(window.from_seconds, window.to_seconds) for window in second.windows] == [(0.0, 5.0)]


def test_of_a_replay_that_was_played_faster_the_times_are_those_of_the_clip() -> None:
    found = trace(looked(20, 50, ((5.0, 6.0),)), 0, 6, duration=60.0)
    assert [(window.from_seconds, window.to_seconds) for window in found.windows] == [(50.0, 60.0)]
    assert found.looked_seconds == pytest.approx(60.0, abs=0.5)


def test_a_clip_in_which_nobody_looked_has_no_trace() -> None:
    memory = looked(60, 5)
    assert memory.trace_between(at(100), at(160), 60.0) is None
    assert MotionMemory().trace_between(at(0), at(60), 60.0) is None


def test_looking_that_began_in_the_middle_is_told() -> None:
    found = trace(looked(30, 5, begin=30.0), 0, 60)
    assert found.looked_seconds == pytest.approx(30.2, abs=0.1)
    assert found.windows == ()


def test_what_was_not_looked_at_in_the_middle_ends_a_window() -> None:
    memory = looked(20, 5, ((18.0, 20.0),))
    for number in range(100):
        memory.add(at(40 + number / 5), 3.0, 0.1, is_motion=False)
    found = trace(memory, 0, 60)
    assert [(window.from_seconds, window.to_seconds) for window in found.windows] == [(18.0, 19.8)]
    assert found.looked_seconds == pytest.approx(40, abs=0.5)


def test_the_longest_clip_full_of_motion_has_no_more_points_and_windows_than_fit() -> None:
    moves = tuple((second + 0.0, second + 4.0) for second in range(0, 3600, 7))
    found = trace(looked(3600, 5, moves), 0, 3600)
    assert len(found.scores) <= MOST_TRACE_POINTS
    assert len(found.windows) == MOST_WINDOWS
    # The joined ones hold all that moved, and are still in their order.
    for start, end in moves:
        assert any(window.from_seconds <= start and window.to_seconds >= min(end, 3600) for window in found.windows)
    edges = [edge for window in found.windows for edge in (window.from_seconds, window.to_seconds)]
    assert edges == sorted(edges)


def test_an_hour_is_remembered_and_no_more_than_two() -> None:
    memory = looked(3 * 3600, 5)
    assert memory.trace_between(at(3 * 3600 - 3590), at(3 * 3600 - 3500), 90.0) is not None
    assert memory.trace_between(at(0), at(3600), 3600.0) is None


def test_a_look_that_comes_twice_counts_once() -> None:
    memory = looked(10, 5)
    memory.add(at(5.0), 99.0, 1.0, is_motion=True)
    assert not any(point.is_motion for point in memory.history(at(10)))


def test_a_trace_tells_the_settings_it_was_looked_at_with_unless_they_changed_on_the_way() -> None:
    memory = MotionMemory()
    for second in range(300):
        memory.add(at(second), 3.0, 0.1, is_motion=False, wish="strict" if second < 100 else "lax")
    assert [trace(memory, begin, begin + 60).wish for begin in (0, 20, 70, 101, 200)] == [
        "strict",
        "strict",
        "",
        "lax",
        "lax",
    ]
