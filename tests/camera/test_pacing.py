"""The grid that media time is played along, on a clock that the test moves."""

from __future__ import annotations

import logging
import threading

import pytest

from dashcam.camera.pacing import Pacer
from dashcam.clock import NANOSECONDS

MILLISECOND = 1_000_000


class TestClock:
    """Time that passes while somebody waits, and when the test says so."""

    __test__ = False

    def __init__(self) -> None:
        self.now_ns = 1000 * NANOSECONDS

    def monotonic_ns(self) -> int:
        return self.now_ns


class Waiting(threading.Event):
    """An event that nobody sets; waiting for it takes the clock's time only."""

    def __init__(self, clock: TestClock) -> None:
        super().__init__()
        self.clock = clock

    def wait(self, timeout: float | None = None) -> bool:
        if not self.is_set():
            self.clock.now_ns += round((timeout or 0) * NANOSECONDS)
        return self.is_set()


def pacer_with_clock(speed: float = 1.0) -> tuple[Pacer, TestClock, Waiting]:
    clock = TestClock()
    stopping = Waiting(clock)
    return Pacer(speed, stopping, clock.monotonic_ns), clock, stopping


@pytest.mark.parametrize("speed", [0.5, 1.0, 100.0])
def test_media_time_passes_at_the_speed_wished(speed: float) -> None:
    pacer, clock, _ = pacer_with_clock(speed)
    start_ns = clock.now_ns
    for number in range(100):
        assert pacer.wait(number * 40 * MILLISECOND)
        clock.now_ns += 100  # the work between two frames does not add up
    assert clock.now_ns - start_ns == pytest.approx(99 * 40 * MILLISECOND / speed, abs=MILLISECOND)
    assert pacer.behind_ns == 0


def test_a_short_delay_is_caught_up() -> None:
    pacer, clock, _ = pacer_with_clock()
    pacer.wait(0)
    start_ns = clock.now_ns
    clock.now_ns += 700 * MILLISECOND
    for number in range(1, 30):
        pacer.wait(number * 40 * MILLISECOND)
    assert clock.now_ns - start_ns == 29 * 40 * MILLISECOND
    assert pacer.behind_ns == 0


def test_a_long_delay_is_not_caught_up_and_said(caplog: pytest.LogCaptureFixture) -> None:
    pacer, clock, _ = pacer_with_clock()
    pacer.wait(0)
    start_ns = clock.now_ns
    clock.now_ns += 5 * NANOSECONDS
    with caplog.at_level(logging.WARNING):
        for number in range(1, 30):
            assert pacer.wait(number * 40 * MILLISECOND)
    assert clock.now_ns - start_ns == 5 * NANOSECONDS + 28 * 40 * MILLISECOND
    assert pacer.behind_ns == 5 * NANOSECONDS - 40 * MILLISECOND
    assert "too slow" in caplog.text
    assert "camera.width" in caplog.text


def test_a_machine_that_is_always_too_slow_says_so_once_a_minute(caplog: pytest.LogCaptureFixture) -> None:
    pacer, clock, _ = pacer_with_clock()
    with caplog.at_level(logging.WARNING):
        for second in range(100):
            assert pacer.wait(second * NANOSECONDS)
            clock.now_ns += 3 * NANOSECONDS
    assert len(caplog.records) == 5  # in 300 seconds
    assert pacer.behind_ns == pytest.approx(198 * NANOSECONDS, abs=2 * NANOSECONDS)


def test_the_moment_of_a_media_time_rises_with_it_also_across_a_delay() -> None:
    pacer, clock, _ = pacer_with_clock()
    moments = []
    for number in range(50):
        pacer.wait(number * 40 * MILLISECOND)
        moments.append(pacer.moment_ns(number * 40 * MILLISECOND))
        assert moments[-1] <= clock.now_ns
        clock.now_ns += 3 * NANOSECONDS if number % 20 == 7 else 0
    assert moments == sorted(moments)


def test_with_a_grain_frames_come_together_never_early_and_late_by_no_more_than_it() -> None:
    clock = TestClock()
    pacer = Pacer(1.0, Waiting(clock), clock.monotonic_ns, grain_ns=34 * MILLISECOND)
    moments = []
    for number in range(60):
        assert pacer.wait(number * 33 * MILLISECOND)
        moments.append(clock.now_ns)
        assert 0 <= clock.now_ns - pacer.moment_ns(number * 33 * MILLISECOND) <= 34 * MILLISECOND
    assert len(set(moments)) == 31  # the first by itself, then in twos


def test_closing_ends_the_wait() -> None:
    pacer, _, stopping = pacer_with_clock()
    assert pacer.wait(0)
    stopping.set()
    assert not pacer.wait(10**15)
    assert not pacer.wait(0)
