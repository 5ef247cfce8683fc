"""An event lasts from its trigger until it was quiet for long enough; overlapping triggers make it longer."""

from __future__ import annotations

from dashcam.clock import NANOSECONDS
from dashcam.recorder.event_policy import EventPolicy, Step

FPS = 10


def at(seconds: float) -> int:
    return round(seconds * NANOSECONDS)


class Course:
    """Frames of a camera with a keyframe each second, and what becomes of them."""

    def __init__(self, longest_seconds: float = 60.0) -> None:
        self.policy = EventPolicy(longest_seconds)
        self.seen: dict[Step, list[float]] = {"skip": [], "write": [], "split": [], "wait": [], "end": []}

    def run(self, from_seconds: float, to_seconds: float) -> None:
        """Without the last one."""
        for number in range(round(from_seconds * FPS), round(to_seconds * FPS)):
            step = self.policy.see(at(number / FPS), is_keyframe=number % FPS == 0)
            self.seen[step].append(number / FPS)


def test_without_a_trigger_nothing_is_written() -> None:
    course = Course()
    course.run(0, 10)
    assert course.seen["write"] == course.seen["split"] == course.seen["end"] == []


def test_it_ends_with_the_last_frame_of_the_seconds_after() -> None:
    course = Course()
    assert course.policy.trigger(at(5), 3.0) == "begin"
    course.run(3, 12)
    assert (course.seen["write"][0], course.seen["write"][-1]) == (3.0, 8.0)
    assert (course.seen["wait"][0], course.seen["wait"][-1]) == (8.1, 9.0)
    assert course.seen["end"] == [9.1]
    assert course.seen["skip"][0] == 9.2


def test_overlapping_triggers_make_one_event_and_none_makes_it_shorter() -> None:
    course = Course()
    course.policy.trigger(at(5), 3.0)
    course.run(3, 7)
    assert course.policy.trigger(at(6.9), 4.0) == "extend"
    assert course.policy.trigger(at(6), 0.5) == "extend"
    assert course.policy.trigger(at(2), 1.0) == "extend"
    course.run(7, 20)
    assert course.seen["write"][-1] == 10.9
    assert len(course.seen["end"]) == 1


def test_a_trigger_at_its_very_end_makes_it_longer_and_one_after_it_another() -> None:
    course = Course()
    course.policy.trigger(at(5), 3.0)
    assert course.policy.trigger(at(8), 1.0) == "extend"
    assert course.policy.trigger(at(9.01), 1.0) == "begin"


def test_what_was_seen_in_it_and_is_told_a_moment_later_makes_it_longer_and_later_than_that_another() -> None:
    course = Course()
    course.policy.trigger(at(5), 3.0)
    course.run(3, 9)
    assert course.policy.trigger(at(7.8), 3.0) == "extend"
    course.run(8.1, 11.8)
    assert course.seen["write"][-1] == 10.8
    assert course.policy.trigger(at(10.9), 3.0) == "begin"
    course.run(11, 16)
    assert course.policy.trigger(at(13), 3.0) == "begin"


def test_a_long_one_goes_on_in_another_file_at_a_keyframe_without_a_gap() -> None:
    course = Course(longest_seconds=4.5)
    course.policy.trigger(at(3), 15.0)
    course.run(1, 20)
    assert course.seen["split"] == [8.0, 13.0, 18.0]
    assert len(course.seen["write"]) + len(course.seen["split"]) == 17 * FPS + 1


def test_a_file_ends_at_the_keyframe_that_comes_a_hair_before_its_full_length() -> None:
    policy = EventPolicy(4.0)
    policy.trigger(at(1), 100.0)
    assert policy.see(at(1), is_keyframe=True) == "write"
    assert policy.see(at(5) - 10_000_000, is_keyframe=True) == "split"


def test_where_the_camera_was_away_the_length_counts_anew() -> None:
    course = Course(longest_seconds=4.0)
    course.policy.trigger(at(1), 30.0)
    course.run(1, 4)
    course.policy.break_off()
    course.run(10, 14)
    assert course.seen["split"] == []
    course.run(14, 15)
    assert course.seen["split"] == [14.0]


def test_an_event_without_a_single_frame_ends_with_the_first_that_comes_later() -> None:
    course = Course()
    course.policy.trigger(at(1), 3.0)
    course.run(20, 21)
    assert course.seen["end"] == [20.0]
    assert course.seen["write"] == []


def test_stopped_it_is_over_and_the_next_trigger_begins_anew() -> None:
    course = Course()
    course.policy.trigger(at(1), 30.0)
    course.policy.stop()
    course.run(1, 3)
    assert course.seen["write"] == []
    assert course.policy.trigger(at(2), 1.0) == "begin"


def test_another_longest_length_counts_for_the_file_that_grows() -> None:
    course = Course(longest_seconds=100.0)
    course.policy.trigger(at(0), 30.0)
    course.run(0, 8)
    course.policy.take(5.0)
    course.run(8, 10)
    assert course.seen["split"] == [8.0]
