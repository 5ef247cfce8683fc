"""What can go wrong on a drive, as recorded: when the first fix comes, where the gaps are, and when the time is known.

The receiver's side of it: names, sidecars and clocks build on this.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from dashcam.clock import NANOSECONDS
from dashcam.gps.base import Fix, Verdict
from dashcam.gps.recording import fixes_of
from dashcam.gps.time_trust import TimeTrust

BEGAN = datetime(2016, 4, 11, 14, 19, 17, tzinfo=UTC)
RELEASE_THEN, RELEASE_LONG_AFTER = date(2016, 4, 1), date(2026, 11, 20)


@dataclass(frozen=True)
class Drive:
    """What is expected of a log: seconds since its beginning."""

    log: str
    first_fix: int
    last_fix: int
    good: int
    gaps: tuple[tuple[int, int], ...]
    """Two good fixes after one another that are more than three seconds apart."""
    trusted: tuple[int, ...]
    """When the time became trusted, or trusted again."""
    reference: date | None = RELEASE_THEN


DRIVES = {
    "a good one": Drive("drive_city_360s.nmea", 0, 359, 360, (), (2,)),
    "cold start with dates of 1980": Drive("derived_cold_start_45s_date_060180.nmea", 45, 359, 315, (), (47,)),
    "a tunnel": Drive("derived_tunnel_void_120_165s.nmea", 0, 359, 315, ((119, 165),), (2, 167)),
    "unplugged for half a minute": Drive("derived_gap_silent_200_230s.nmea", 0, 359, 330, ((199, 230),), (2, 232)),
    "1024 weeks early": Drive("derived_week_rollover_minus_1024w.nmea", 0, 359, 360, (), (2,)),
    "a dirty line": Drive("derived_dirty_serial.bin", 0, 102, 102, (), (2,)),
}


def seconds_of(fix: Fix) -> int:
    """Since the drive began, by the satellites."""
    assert fix.utc_ns is not None
    return round(fix.utc_ns / NANOSECONDS - BEGAN.timestamp())


def trust_begins(fixes: list[Fix]) -> tuple[int, ...]:
    """When the time is trusted and was not one fix before."""
    trust = TimeTrust()
    trusted = [trust.take(fix) is not None for fix in fixes]
    return tuple(
        seconds_of(fix)
        for fix, before, now in zip(fixes, [False, *trusted], trusted, strict=False)
        if now and not before
    )


@pytest.mark.parametrize("name", DRIVES)
def test_first_fix_gaps_and_recovery(shared_data: Path, name: str) -> None:
    drive = DRIVES[name]
    fixes = list(fixes_of(shared_data / "nmea" / drive.log, drive.reference))
    good = [fix for fix in fixes if fix.is_good]
    moments = [seconds_of(fix) for fix in good]
    assert (moments[0], moments[-1], len(good)) == (drive.first_fix, drive.last_fix, drive.good)
    assert all(earlier < later for earlier, later in itertools.pairwise(moments))
    assert tuple(pair for pair in itertools.pairwise(moments) if pair[1] - pair[0] > 3) == drive.gaps
    assert trust_begins(fixes) == drive.trusted


@pytest.mark.parametrize(
    ("log", "voids"),
    [("derived_cold_start_45s_date_060180.nmea", 45), ("derived_tunnel_void_120_165s.nmea", 45)],
)
def test_no_moment_without_a_fix_has_a_place_or_a_time(shared_data: Path, log: str, voids: int) -> None:
    """Whatever date and place the receiver fills in."""
    bad: list[Verdict] = []
    for fix in fixes_of(shared_data / "nmea" / log):
        if not fix.is_good:
            assert fix.utc_ns is None
            bad.append(fix.verdict)
    assert bad == ["no_fix"] * voids


@pytest.mark.parametrize("log", ["drive_city_360s.nmea", "derived_tunnel_void_120_165s.nmea"])
def test_a_clock_is_never_set_to_before_the_release(shared_data: Path, log: str) -> None:
    """A receiver that says 2016 to a program of 2026 keeps its places; its time is not believed as it is."""
    fixes = [fix for fix in fixes_of(shared_data / "nmea" / log, RELEASE_LONG_AFTER) if fix.is_good]
    assert fixes
    earliest = datetime.combine(RELEASE_LONG_AFTER, datetime.min.time(), UTC).timestamp()
    assert all(fix.utc_ns is None or fix.utc_ns / NANOSECONDS >= earliest for fix in fixes)
