"""A fix vouches for the place until the next one is known, at whatever pace the receiver sends, and not for longer."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import count, islice

import pytest

from dashcam.clock import NANOSECONDS, WallClock
from dashcam.place import Place
from dashcam.recorder.moments import Moments
from dashcam.recorder.rhythm import USUAL, Reach, Rhythm

SECONDS = 30


def asked_live(rhythm: Rhythm, heard: Iterable[tuple[float, float]], until: float) -> list[float]:
    """Asked twenty times a second for the present moment: when no place was known after the first few seconds.

    `heard`: when the first sentence of each fix came, and when the last.
    """
    known = Moments(WallClock(), "UTC")
    waiting, missing = list(heard), []
    for tick in islice(count(), round(until * 20)):
        now = tick / 20
        while waiting and waiting[0][1] <= now:
            received_ns, known_ns = (round(each * NANOSECONDS) for each in waiting.pop(0))
            known.put(received_ns, Place(latitude=1.0, longitude=1.0), rhythm.take(received_ns, known_ns))
        if now >= 5 and known.place_at(round(now * NANOSECONDS)) is None:
            missing.append(now)
    return missing


@pytest.mark.parametrize("step", [0.1, 0.2, 1.0, 2.0])
@pytest.mark.parametrize("delay", [0.0, 0.09, 0.6, 0.95])
def test_a_receiver_that_sends_has_a_place_at_every_moment(step: float, delay: float) -> None:
    fixes = [(number * step, number * step + min(delay, step)) for number in range(round(SECONDS / step))]
    assert asked_live(Rhythm(), fixes, SECONDS - 2) == []


def test_neither_lines_that_are_late_now_and_then_nor_two_fixes_at_a_time_are_gaps() -> None:
    # Satellites in view are told every five seconds, before what completes the fix.
    slow_line = [(number, number + (0.6 if number % 5 == 0 else 0.1)) for number in range(SECONDS)]
    in_bursts = [(second + number / 1000, second + 0.01) for second in range(SECONDS) for number in range(5)]
    jittery = [(number + number % 3 / 10, number + number % 3 / 10) for number in range(SECONDS)]
    for fixes in (slow_line, in_bursts, jittery):
        assert asked_live(Rhythm(), fixes, SECONDS - 2) == []


@pytest.mark.parametrize(("step", "held"), [(0.1, 1.25), (1.0, 1.25), (2.0, 2.5), (10.0, 2.5)])
def test_what_falls_silent_is_shown_for_little_longer_than_one_of_its_steps(step: float, held: float) -> None:
    last = round(SECONDS / step) * step
    rhythm = Rhythm()
    for number in range(round(SECONDS / step) + 1):
        reach = rhythm.take(round(number * step * NANOSECONDS), round(number * step * NANOSECONDS))
    assert reach == Reach(round(held * NANOSECONDS), 0)
    fixes = [(number * step, number * step) for number in range(round(SECONDS / step) + 1)]
    gone = [each for each in asked_live(Rhythm(), fixes, last + 5) if each > last]
    assert gone[0] == pytest.approx(last + held, abs=0.06)


def test_a_replay_ten_times_as_fast_repeats_no_place_for_longer_than_the_drive_did() -> None:
    rhythm = Rhythm(10.0)
    reaches = {rhythm.take(number * NANOSECONDS // 10, number * NANOSECONDS // 10) for number in range(20)}
    assert reaches == {Reach(USUAL.near_ns // 10, 0)}


def test_a_pause_makes_no_slow_receiver_and_a_strange_clock_no_endless_delay() -> None:
    rhythm = Rhythm()
    for second in (0, 1, 2, 40, 41):
        assert rhythm.take(second * NANOSECONDS, second * NANOSECONDS) == USUAL
    assert rhythm.take(42 * NANOSECONDS, 9_000 * NANOSECONDS) == Reach(USUAL.near_ns, USUAL.near_ns)
    assert rhythm.take(43 * NANOSECONDS, 0).late_ns == USUAL.near_ns
