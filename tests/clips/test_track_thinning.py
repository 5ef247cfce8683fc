"""A receiver that tells more often than a track needs: fixes are left out, ends and gaps stay."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashcam.clips.track_line import Span, segments_of, summarise
from dashcam.clips.track_log import LogEntry, LoggedPlace, gap
from dashcam.clips.track_thinning import LEAST_STEP_MS, thinned
from tests.made_tracks import STARTED_MONOTONIC_NS, driven

SPAN = Span.of(STARTED_MONOTONIC_NS, 60.0)


def test_ten_fixes_a_second_become_two_and_say_the_same() -> None:
    entries = driven([number / 10 for number in range(-50, 650)])
    kept = list(thinned(entries))
    assert [entry.monotonic_ms % 500 for entry in kept[:-1]] == [0] * 140
    assert kept[-1] == entries[-1]
    every, some = summarise(entries, SPAN), summarise(kept, SPAN)
    assert some.points == 120
    assert (some.gap_seconds, some.moving_seconds, some.top_speed_mps) == (
        every.gap_seconds, every.moving_seconds, every.top_speed_mps,
    )  # fmt: skip
    assert some.distance_m == pytest.approx(every.distance_m, abs=0.2)


def test_a_receiver_that_sends_once_a_second_but_unevenly_loses_nothing() -> None:
    entries = driven([number + (0.0, 0.3, -0.15, 0.2)[number % 4] for number in range(60)])
    assert list(thinned(entries)) == entries


def test_a_longest_clip_at_any_rate_stays_within_what_the_keeper_holds() -> None:
    assert len(list(thinned(driven([number / 25 for number in range(25 * 120)])))) <= 2 * 120 + 1


steps = st.tuples(st.sampled_from([-100, 0, 40, 100, 200, 400, 499, 500, 700, 1000, 4900, 5100]), st.integers(0, 9))


@given(st.lists(steps, max_size=60))
def test_whatever_comes_segments_keep_their_ends_and_nothing_is_thinned_twice(drawn: list[tuple[int, int]]) -> None:
    at_ms, entries = 0, list[LogEntry]()
    for step_ms, kind in drawn:
        at_ms += step_ms
        entries += [gap("no_fix", at_ms * 1_000_000)] if kind == 0 else driven([at_ms / 1000])
    kept = list(thinned(entries))
    before, after = segments_of(entries), segments_of(kept)
    assert [(segment[0], segment[-1]) for segment in after] == [(segment[0], segment[-1]) for segment in before]
    assert list(thinned(kept)) == kept
    assert sum(map(len, after)) == sum(isinstance(entry, LoggedPlace) for entry in kept)
    for segment in after:
        for one, _, third in zip(segment, segment[1:], segment[2:], strict=False):
            assert third.monotonic_ms - one.monotonic_ms > LEAST_STEP_MS
        for one, other in pairwise(segment):
            assert other.monotonic_ms > one.monotonic_ms
