"""Dates of receivers: believed, put right by 1024 weeks, or refused."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashcam.clock import NANOSECONDS
from dashcam.gps.calendar import Calendar, believable_date, believable_utc_ns

RELEASE = date(2026, 11, 20)
HOUR_NS = 3600 * NANOSECONDS


@pytest.mark.parametrize(
    ("told", "meant"),
    [
        (date(2026, 11, 21), date(2026, 11, 21)),
        # Evening in one place, morning in the other.
        (date(2026, 11, 19), date(2026, 11, 19)),
        (date(2026, 11, 18), None),
        (date(2041, 11, 1), date(2041, 11, 1)),
        (date(2042, 6, 1), None),
        # One and two rollovers before today.
        (date(2007, 4, 7), date(2026, 11, 21)),
        (date(1987, 8, 22), date(2026, 11, 21)),
        # What a cold receiver says: the beginning of GPS time, in two digits too.
        (date(1980, 1, 6), None),
        (date(2080, 1, 6), None),
        (date(1980, 12, 31), None),
        # Rightly reported by an old recording, long before the release.
        (date(2025, 6, 1), None),
        (date(1, 1, 1), None),
        (date(9999, 12, 31), None),
    ],
)
def test_a_date_on_a_unit(told: date, meant: date | None) -> None:
    assert believable_date(told, RELEASE) == meant


@pytest.mark.parametrize(
    ("told", "reference", "meant"),
    [
        (date(1996, 8, 26), date(2016, 4, 1), date(2016, 4, 11)),
        (date(1999, 8, 22), date(2019, 3, 14), date(2019, 4, 7)),
        (date(1996, 8, 26), None, date(1996, 8, 26)),
        (date(1980, 1, 6), None, None),
        (date(2080, 1, 6), None, None),
    ],
)
def test_a_date_in_a_recording(told: date, reference: date | None, meant: date | None) -> None:
    assert believable_date(told, reference) == meant


@given(st.dates(RELEASE, RELEASE + timedelta(days=14 * 365)), st.sampled_from([0, 1024, 2048]))
def test_every_rollover_of_every_day_is_told(meant: date, weeks: int) -> None:
    told = meant - timedelta(weeks=weeks)
    if told.year != 1980:
        assert believable_date(told, RELEASE) == meant


@pytest.mark.parametrize("utc_ns", [0, -(10**30), 10**30, 315_964_800 * NANOSECONDS])
def test_moments_that_cannot_be_are_refused(utc_ns: int) -> None:
    assert believable_utc_ns(utc_ns, RELEASE) is None


def test_a_moment_is_moved_by_whole_weeks() -> None:
    told = datetime(2007, 4, 7, 12, 30, 15, 250_000, tzinfo=UTC)
    meant = datetime(2026, 11, 21, 12, 30, 15, 250_000, tzinfo=UTC)
    told_ns = round(told.timestamp() * 1000) * 10**6
    assert believable_utc_ns(told_ns, RELEASE) == round(meant.timestamp() * 1000) * 10**6


def test_the_last_date_holds_until_midnight_and_then_the_next() -> None:
    calendar = Calendar(RELEASE)
    assert calendar.utc_ns(None, HOUR_NS) is None
    first = calendar.utc_ns(date(2026, 12, 31), 23 * HOUR_NS)
    assert first is not None
    assert calendar.utc_ns(None, 23 * HOUR_NS + 1) == first + 1
    assert calendar.utc_ns(None, HOUR_NS) == first + 2 * HOUR_NS
    assert calendar.utc_ns(date(2027, 1, 1), HOUR_NS + 5) == first + 2 * HOUR_NS + 5


def test_a_date_that_is_not_believed_replaces_the_one_before() -> None:
    """A receiver that was reset knows nothing any more."""
    calendar = Calendar(RELEASE)
    assert calendar.utc_ns(date(2026, 12, 31), HOUR_NS) is not None
    assert calendar.utc_ns(date(1980, 1, 6), HOUR_NS) is None
    assert calendar.utc_ns(None, HOUR_NS) is None


def test_a_recordings_first_date_is_its_reference() -> None:
    calendar = Calendar(None)
    assert calendar.utc_ns(date(2016, 4, 11), HOUR_NS) is not None
    rolled = calendar.utc_ns(date(1996, 8, 26), HOUR_NS)
    assert rolled == calendar.utc_ns(date(2016, 4, 11), HOUR_NS)
