"""After a stall the places of the stall are not taken for the place of now, by their delay alone."""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest

from dashcam.clips.track_line import Span, segments_of, summarise
from dashcam.clips.track_log import LogEntry, LoggedPlace, logged
from dashcam.clock import NANOSECONDS
from dashcam.gps.base import Fix
from dashcam.gps.delay import DelayWatch
from dashcam.gps.geometry import distance_m
from dashcam.gps.gpsd_messages import GpsdParser
from dashcam.gps.tracker import Tracker
from dashcam.recorder.gps_duty import place_of
from dashcam.recorder.track_log import GapWatch
from tests.gps.made import fix, second
from tests.gps.scripted_port import Arrivals, heard

REFERENCE = date(2026, 11, 1)
BEGAN = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
BOOTED_SECONDS = 100.0
SPEED_MPS = 50 / 3.6
NORTH = 52.5
_PER_DEGREE_M = 111_194.93 * math.cos(math.radians(NORTH))

STALL, END = (20.0, 35.4), 60
NOTHING = (0.0, 0.0)


def east_at(seconds: float) -> float:
    return 13.4 + seconds * SPEED_MPS / _PER_DEGREE_M


def said(seconds: float) -> bytes:
    return second(BEGAN + timedelta(seconds=seconds), north=NORTH, east=east_at(seconds))


def reported(seconds: float) -> bytes:
    time = f"{BEGAN + timedelta(seconds=seconds):%Y-%m-%dT%H:%M:%S}.000Z"
    place = f'"lat":{NORTH},"lon":{east_at(seconds)},"speed":{SPEED_MPS}'
    return f'{{"class":"TPV","mode":3,"time":"{time}",{place}}}\n'.encode()


def stalled(blocks: list[bytes], delay: float, lost: tuple[float, float] = NOTHING) -> Arrivals:
    """A second after one another, but nothing during the stall: then all at once, without what was due while `lost`."""
    arrivals: dict[float, bytes] = {}
    for number, block in enumerate(blocks):
        due = number + delay
        at = STALL[1] if STALL[0] < due < STALL[1] else due
        arrivals[at] = arrivals.get(at, b"") + (b"" if lost[0] < due < lost[1] else block)
    return [(BOOTED_SECONDS + at, data) for at, data in arrivals.items()]


def entries_of(fixes: list[Fix]) -> Iterator[LogEntry]:
    """As the track log writes them."""
    watch = GapWatch()
    for each in fixes:
        moment_ns = each.received_monotonic_ns
        found = watch.take_good(moment_ns) if each.is_good else watch.take_bad(moment_ns, each.verdict)
        if found is not None:
            yield found
        if each.is_good:
            yield logged(place_of(each), moment_ns)


def second_of(point: LoggedPlace) -> float:
    return point.monotonic_ns / NANOSECONDS - BOOTED_SECONDS


def off_m(point: LoggedPlace, delay: float) -> float:
    """How far it is from where the car was when this was received, less what is usual."""
    return distance_m(point.latitude, point.longitude, NORTH, east_at(second_of(point) - delay))


def check_drive(fixes: list[Fix], delay: float) -> None:
    good = [logged(place_of(each), each.received_monotonic_ns) for each in fixes if each.is_good]
    assert max(off_m(point, delay) for point in good) < SPEED_MPS
    before, after = segments_of(entries_of(fixes))
    assert 19 <= second_of(before[-1]) <= STALL[0]
    assert STALL[1] <= second_of(after[0]) <= STALL[1] + 1.1
    assert second_of(after[-1]) >= END - 1
    began = BOOTED_SECONDS + delay
    span = Span(round(began * NANOSECONDS), round((began + END) * NANOSECONDS))
    summary = summarise(entries_of(fixes), span)
    assert summary.gap_seconds > STALL[1] - STALL[0] - 1.5
    # Nobody saw it drive there, so nobody counts it.
    assert summary.distance_m < (END - (STALL[1] - STALL[0]) + 1) * SPEED_MPS


# The line kept all that was sent, only its newest, or only its oldest.
LOSSES = {"none": NOTHING, "oldest": (STALL[0], 28.0), "newest": (28.0, STALL[1])}


@pytest.mark.parametrize("lost", LOSSES)
@pytest.mark.parametrize("delay", [0.1, 0.45, 0.9, 7.2])
def test_a_stall_of_a_line_is_a_gap(lost: str, delay: float) -> None:
    taken: list[Fix] = []
    blocks = [said(number) for number in range(END)]
    with heard(stalled(blocks, delay, LOSSES[lost]), taken.append, REFERENCE, silent_seconds=60.0) as receiver:
        state = receiver.state()
    check_drive(taken, delay)
    assert state.status == "fix"
    assert {each.verdict for each in taken} == {"good", "stale"}


def test_a_stall_so_long_that_the_receiver_is_looked_for_anew_is_a_gap() -> None:
    taken: list[Fix] = []
    with heard(stalled([said(number) for number in range(END)], 0.2), taken.append, REFERENCE) as receiver:
        assert receiver.state().status == "fix"
    check_drive(taken, 0.2)


@pytest.mark.parametrize("delay", [0.1, 0.9, 7.2])
def test_a_stall_of_gpsd_is_a_gap(delay: float) -> None:
    taken: list[Fix] = []
    tracker = Tracker("gpsd", taken.append, is_real=True)
    parser = GpsdParser(REFERENCE)
    for seconds, data in stalled([reported(number) for number in range(END)], delay):
        for each in parser.feed(data, round(seconds * NANOSECONDS)):
            tracker.take(each)
    check_drive(taken, delay)


def test_a_recording_is_not_late_whatever_its_pace() -> None:
    taken: list[Fix] = []
    tracker = Tracker("replay", taken.append, is_real=False)
    for number in range(20):
        tracker.take(fix(number * 3.0, utc_seconds=number))
    assert all(each.is_good for each in taken)


def late(*fixes: tuple[float, float]) -> str:
    """Of fixes received at the first and made at the second: + in time, - late."""
    watch = DelayWatch()
    return "".join("-" if watch.is_late(fix(at, utc_seconds=utc)) else "+" for at, utc in fixes)


def steady(begin: int, end: int, delay: float, step: float = 1.0) -> list[tuple[float, float]]:
    return [(1000 + n * step + delay, 1000 + n * step) for n in range(begin, end)]


CASES: dict[str, tuple[list[tuple[float, float]], str]] = {
    "always late by the same": (steady(0, 8, 9.0), "++++++++"),
    "late by different tenths": (steady(0, 4, 0.1) + steady(4, 8, 1.2), "++++++++"),
    "one that was held up": ([*steady(0, 3, 0.1), (1005.3, 1003), *steady(5, 7, 0.1)], "+++-++"),
    "a burst": ([*steady(0, 3, 0.1), *((1008.3, 1000 + n) for n in range(3, 9)), *steady(9, 11, 0.1)], "+++-----+++"),
    "ten a second, in a burst": (
        [*steady(0, 9, 0.0, 0.1), *((1004.0, 1000 + n / 10) for n in range(9, 41))],
        "+" * 9 + "-" * 26 + "+" * 6,
    ),
    "leap seconds are learnt: 18 s back, believed again after three": (
        steady(0, 3, -18.0) + steady(3, 9, 0.0),
        "+++---+++",
    ),
    "18 s ahead: nothing is late": (steady(0, 3, 18.0) + steady(3, 9, 0.0), "+++++++++"),
    "and then a stall": (
        [*steady(0, 3, 18.0), *steady(3, 9, 0.0), *((1014.2, 1000 + n) for n in range(9, 15))],
        "+++++++++-----+",
    ),
    "its weeks are put right, ahead": (steady(0, 3, 1024 * 604_800.0) + steady(3, 8, 0.0), "++++++++"),
    "its weeks are put right, back": (steady(0, 3, -1024 * 604_800.0) + steady(3, 8, 0.0), "+++---++"),
    "two sentences with yesterday's date after midnight": (
        [*steady(0, 3, 0.1), *steady(3, 5, 86_400.1), *steady(5, 7, 0.1)],
        "+++--++",
    ),
    "it began with a burst": ([*((1009.1, 1000 + n) for n in range(10)), *steady(10, 15, 0.1)], "+" * 15),
    "every five seconds": ([*steady(0, 3, 0.1, 5.0), (1029.0, 1015), (1029.0, 1020), (1029.0, 1025)], "+++---"),
}


@pytest.mark.parametrize("case", CASES)
def test_what_is_late(case: str) -> None:
    fixes, expected = CASES[case]
    assert late(*fixes) == expected


def test_clocks_may_drift_for_a_day() -> None:
    """By 100 millionths, which is 8.6 s."""
    assert "-" not in late(*((1000 + number * 1.0001, 1000 + number) for number in range(86_400)))


def test_a_time_that_goes_at_another_pace_is_no_stall_for_long() -> None:
    """A receiver on a test bench whose time is slow: in a minute half of its fixes count at least."""
    verdicts = late(*((1000 + number, 1000 + number / 3) for number in range(600)))
    assert "-" * 32 not in verdicts


def test_without_a_time_nothing_is_known() -> None:
    watch = DelayWatch()
    assert not any(watch.is_late(fix(at)) for at in (0, 1, 20, 20, 20))
