"""GPS time is believed after three fixes that agree with the monotonic clock, as a table."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashcam.clock import NANOSECONDS, Anchor
from dashcam.gps.base import Fix
from dashcam.gps.time_trust import TimeTrust
from tests.gps.made import fix

# Each fix: seconds on the monotonic clock, UTC. The words: after which of them it is believed (-: not yet).
CASES: dict[str, tuple[list[Fix], str]] = {
    "three that agree": ([fix(n, utc_seconds=100 + n) for n in range(5)], "--+++"),
    "ten a second": ([fix(n / 10, utc_seconds=100 + n / 10) for n in range(4)], "--++"),
    "a serial line that is late by different times": (
        [fix(0, utc_seconds=100), fix(1.4, utc_seconds=101), fix(2.0, utc_seconds=102)],
        "--+",
    ),
    "no fix": ([fix(n, utc_seconds=100 + n, place=None, verdict="no_fix") for n in range(5)], "-----"),
    "no date": ([fix(n) for n in range(5)], "-----"),
    "the place is only guessed, the time is right": (
        [fix(n, utc_seconds=100 + n, verdict="imprecise") for n in range(3)],
        "--+",
    ),
    "implausible places vouch for nothing": (
        [fix(n, utc_seconds=100 + n, verdict="implausible") for n in range(4)],
        "----",
    ),
    "one without a fix begins anew": (
        [
            *(fix(n, utc_seconds=100 + n) for n in range(2)),
            fix(2, place=None, verdict="no_fix"),
            *(fix(n, utc_seconds=100 + n) for n in range(3, 6)),
        ],
        "-----+",
    ),
    "the leap seconds are learnt: the time jumps, and is believed again after three": (
        [*(fix(n, utc_seconds=118 + n) for n in range(3)), *(fix(n, utc_seconds=100 + n) for n in range(3, 6))],
        "--+--+",
    ),
    "a burst after a stall": ([fix(7, utc_seconds=100 + n) for n in range(4)], "----"),
    "after a tunnel": (
        [*(fix(n, utc_seconds=100 + n) for n in range(3)), *(fix(n, utc_seconds=100 + n) for n in range(60, 63))],
        "--+--+",
    ),
    "the same moment again and again": ([fix(n, utc_seconds=100) for n in range(4)], "----"),
}


@pytest.mark.parametrize("case", CASES)
def test_when_the_time_is_believed(case: str) -> None:
    trust = TimeTrust()
    fixes, expected = CASES[case]
    assert "".join("-" if trust.take(each) is None else "+" for each in fixes) == expected


def test_the_anchor_is_that_of_the_least_delay() -> None:
    trust = TimeTrust()
    anchors = [trust.take(fix(n + late, utc_seconds=100 + n)) for n, late in enumerate((0.4, 0.1, 0.3, 0.5, 0.2))]
    assert anchors[2] == Anchor(round(1.1 * NANOSECONDS), 101 * NANOSECONDS, "gps")
    assert anchors[4] == Anchor(round(4.2 * NANOSECONDS), 104 * NANOSECONDS, "gps")


@given(st.lists(st.tuples(st.floats(0, 1e6), st.floats(0, 1e6))))
def test_what_is_believed_agreed_three_times(times: list[tuple[float, float]]) -> None:
    trust = TimeTrust()
    for number, (received, utc) in enumerate(times):
        anchor = trust.take(fix(received, utc_seconds=utc))
        if anchor is not None:
            (a, b), (c, d), (e, f) = times[number - 2 : number + 1]
            assert max(abs((d - b) - (c - a)), abs((f - d) - (e - c))) <= 0.51
