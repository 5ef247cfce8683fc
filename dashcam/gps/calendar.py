"""Which of a receiver's dates can be believed, and what its week counter made of the others.

GPS counts weeks from 6 January 1980 in ten bits: after 1024 weeks (19.6 years) an old receiver is back at its beginning
and reports dates that are whole multiples of 1024 weeks too early. Against a date that is surely past (this program's
release; in a replay the recording's own) the right multiple can be told, as long as it is less than 1024 weeks ago.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from dashcam.clock import NANOSECONDS

# Receivers that know nothing count from here, and two-digit years make 2080 of it.
_NEVER_YEARS = (1980, 2080)
_ROLLOVERS_WEEKS = (0, 1024, 2048)
# The clocks of the release and of the receiver may lie on two sides of midnight.
_EARLIER = timedelta(days=1)
# Less than 1024 weeks, so that one multiple at most fits; a unit in use for longer gets a newer release.
_LATER = timedelta(days=15 * 365)
_DAY_NS = 24 * 3600 * NANOSECONDS


def believable_date(told: date, reference: date | None) -> date | None:
    """The date that a receiver means, or None when it cannot be believed. `reference` is a date surely past.

    Without a reference nothing is put right, and only what no receiver can mean is refused.
    """
    if told.year in _NEVER_YEARS:
        return None
    if reference is None:
        return told
    for weeks in _ROLLOVERS_WEEKS:
        try:
            meant = told + timedelta(weeks=weeks)
        except OverflowError:
            return None
        if reference - _EARLIER <= meant <= reference + _LATER:
            return meant
    return None


def believable_utc_ns(told_ns: int, reference: date | None) -> int | None:
    """The same for a moment, UTC in nanoseconds since 1970."""
    try:
        told = datetime.fromtimestamp(told_ns // NANOSECONDS, UTC).date()
    except (ValueError, OverflowError, OSError):
        return None
    meant = believable_date(told, reference)
    return None if meant is None else told_ns + (meant - told).days * _DAY_NS


class Calendar:
    """Puts dates to times of day: not every sentence of a receiver carries the date."""

    def __init__(self, reference: date | None) -> None:
        self._reference = reference
        self._date: date | None = None
        self._time_ns = 0

    def utc_ns(self, told: date | None, time_ns: int) -> int | None:
        """UTC of a time of day (nanoseconds) on the date that was told with it, else on the last one believed.

        Midnight counts the date on. None without a date that can be believed.
        """
        if told is not None:
            self._date = believable_date(told, self._reference)
            if self._reference is None:
                # A recording: its first date is its reference.
                self._reference = self._date
        elif self._date is not None and time_ns < self._time_ns - _DAY_NS // 2:
            self._date += timedelta(days=1)
        self._time_ns = time_ns
        if self._date is None:
            return None
        return round(datetime.combine(self._date, datetime.min.time(), UTC).timestamp()) * NANOSECONDS + time_ns
