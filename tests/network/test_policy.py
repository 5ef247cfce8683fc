"""When a clock is worth a step, by whom, and how often that may be tried."""

from __future__ import annotations

import msgspec
import pytest

from dashcam.clock import CLOCK_SOURCES, RELEASE_UTC_NS, ClockSource
from dashcam.link.status import ClockStatus
from dashcam.network.policy import MOST_TRIES_AN_HOUR, Pace, is_off, vouched

SECOND = 1_000_000_000
CLOCK = ClockStatus(
    utc="", source="gps", zone="", error_seconds=0.5, monotonic_ns=5 * SECOND, utc_ns=RELEASE_UTC_NS + 86_400 * SECOND
)


@pytest.mark.parametrize("source", CLOCK_SOURCES)
def test_only_a_phone_and_gps_may_set_a_clock(source: ClockSource) -> None:
    found = vouched(msgspec.structs.replace(CLOCK, source=source))
    assert (found is not None) == (source in ("phone", "gps"))


def test_what_nobody_knows_or_cannot_be_sets_nothing() -> None:
    assert vouched(None) is None
    assert vouched(CLOCK) is not None
    assert vouched(msgspec.structs.replace(CLOCK, error_seconds=None)) is None
    for utc_ns in (0, 315_964_800 * SECOND, 3_471_292_800 * SECOND):
        assert vouched(msgspec.structs.replace(CLOCK, utc_ns=utc_ns)) is None


@pytest.mark.parametrize(
    ("offset_seconds", "error_seconds", "expected"),
    [(2.4, 0.5, False), (2.6, 0.5, True), (-2.6, 0.5, True), (-2.4, 0.5, False), (3.9, 2.0, False), (4.1, 2.0, True)],
)
def test_a_step_is_worth_it_beyond_two_seconds_and_what_the_source_may_be_off(
    offset_seconds: float, error_seconds: float, expected: bool
) -> None:
    assert is_off(round(offset_seconds * SECOND), error_seconds) is expected


def waits(results: str) -> list[int]:
    """The seconds between tries, each made as soon as it may be; `+` is done, `-` failed."""
    pace, now_ns, found = Pace(), 0, []
    for result in results:
        wait_ns = pace.wait_ns(now_ns)
        now_ns += wait_ns
        assert pace.wait_ns(now_ns) == 0
        found.append(wait_ns // SECOND)
        pace.tried(now_ns, is_done=result == "+")
    return found


def test_the_first_try_is_at_once_and_each_failure_doubles_the_wait_up_to_an_hour() -> None:
    assert waits("----------") == [0, 120, 240, 480, 960, 1920, 3600, 3600, 3600, 3600]


def test_a_success_makes_it_a_minute_again_but_never_more_than_so_many_an_hour() -> None:
    assert MOST_TRIES_AN_HOUR == 6
    assert waits("--+++++") == [0, 120, 240, 60, 60, 60, 3060]
