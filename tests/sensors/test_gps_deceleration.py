"""Which drives have an impact in them: made crashes do, real drives do not."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator

import pytest

from dashcam.clock import NANOSECONDS
from dashcam.gps.recording import fixes_of
from dashcam.place import Place
from dashcam.sensors.base import Impact
from dashcam.sensors.gps_deceleration import GpsDeceleration
from tests.gps.logs import LOGS, REFERENCES, every_log

_G = 9.80665
_THRESHOLD_G = 0.9
Speeds = list[tuple[float, float | None]]
"""Seconds and metres a second; None is a fix that is not good."""


def place(mps: float | None, hdop: float = 1.0) -> Place:
    return Place(latitude=48.0, longitude=11.0, speed_mps=mps, hdop=hdop)


def impacts_in(
    speeds: Iterable[tuple[float, float | None]],
    *,
    threshold_g: float = _THRESHOLD_G,
    speed: float = 1.0,
    hdop: float = 1.0,
    ends_at: float = 10_000.0,
) -> list[Impact]:
    found: list[Impact] = []
    sensor = GpsDeceleration(found.append, threshold_g, speed)
    for seconds, mps in speeds:
        sensor.put(round(seconds * NANOSECONDS), None if mps is None else place(mps, hdop))
    sensor.turn(round(ends_at * NANOSECONDS))
    return found


def drive(
    rate: float, seconds: float, mps: float, begin: float = 0.0, noise: float = 0.15
) -> Iterator[tuple[float, float]]:
    made = random.Random(7)
    return ((begin + number / rate, mps + made.uniform(-noise, noise)) for number in range(round(seconds * rate)))


def slowing(
    rate: float, mps: float, mps2: float, *, begin: float = 0.0, before: float = 10.0, after: float = 5.0
) -> Speeds:
    """Drives for a while, slows down by `mps2` to a stop, stands."""
    end = before + mps / mps2 + after
    times = [number / rate for number in range(round(end * rate))]
    return [(begin + at, max(0.0, min(mps, mps - (at - before) * mps2))) for at in times]


@pytest.mark.parametrize("rate", [1.0, 2.0, 5.0, 10.0])
@pytest.mark.parametrize("phase", [0.0, 0.13, 0.5, 0.87])
def test_a_crash_is_found_once_whatever_the_receivers_rate(rate: float, phase: float) -> None:
    """From 60 km/h to nothing within a fifth of a second, at any moment between two fixes."""
    crash = slowing(rate, 60 / 3.6, 60 / 3.6 / 0.2, before=10 + phase)
    (impact,) = impacts_in(crash)
    assert impact.g > _THRESHOLD_G
    assert 10 + phase <= impact.at_monotonic_ns / NANOSECONDS <= 10 + phase + 1.2


@pytest.mark.parametrize("rate", [1.0, 5.0, 10.0])
@pytest.mark.parametrize("g", [0.3, 0.6, 0.8])
def test_the_hardest_braking_on_a_dry_road_is_none(rate: float, g: float) -> None:
    assert impacts_in(slowing(rate, 130 / 3.6, g * _G)) == []


def test_a_lower_threshold_finds_a_softer_one_and_0_finds_none() -> None:
    braking = slowing(5.0, 100 / 3.6, 0.7 * _G)
    (impact,) = impacts_in(braking, threshold_g=0.5)
    assert impact.g == pytest.approx(0.7, abs=0.05)
    assert impact.words == "0.7 g"
    assert impacts_in(slowing(5.0, 30.0, 100.0), threshold_g=0.0) == []


def test_a_bump_at_walking_pace_is_none() -> None:
    assert impacts_in(slowing(10.0, 14 / 3.6, 100.0)) == []


@pytest.mark.parametrize("rate", [1.0, 5.0, 10.0])
@pytest.mark.parametrize("wild", [0.0, 2.0, 45.0, 90.0])
def test_a_single_wild_figure_is_none(rate: float, wild: float) -> None:
    speeds: Speeds = list(drive(rate, 20, 20.0))
    speeds[round(10 * rate)] = (10.0, wild)
    assert impacts_in(speeds) == []


def test_what_happened_in_a_gap_nobody_knows() -> None:
    speeds = [*drive(1.0, 20, 25.0), *((at, None) for at in range(20, 40)), *drive(1.0, 20, 0.0, begin=40)]
    assert impacts_in(speeds) == []
    assert impacts_in([*drive(1.0, 20, 25.0), *drive(1.0, 20, 0.0, begin=30)]) == []


@pytest.mark.parametrize("misses", [True, False])
def test_a_fix_that_is_lost_in_the_crash_is_not_waited_for(misses: bool) -> None:
    """The antenna tears off after the first figure that shows it; the receiver says so, or says nothing any more."""
    speeds: Speeds = [*drive(1.0, 20, 20.0), (20.0, 3.0)]
    if misses:
        speeds += [(21.0 + number, None) for number in range(30)]
    (impact,) = impacts_in(speeds)
    assert impact.at_monotonic_ns == 20 * NANOSECONDS
    # A third of the speed may be a mistake that nobody could correct any more.
    assert impacts_in([*drive(1.0, 20, 30.0), (20.0, 20.0)]) == []


def test_a_burst_after_a_stall_is_no_impact() -> None:
    """Two seconds of braking arrive at once."""
    braking = slowing(1.0, 20.0, 0.5 * _G)
    late = [(max(at, 13.0) if 10 < at <= 13.0 else at, mps) for at, mps in braking]
    assert impacts_in(late) == []


def test_a_replay_that_is_played_faster_brakes_no_harder() -> None:
    braking = [(at / 4, mps) for at, mps in slowing(1.0, 30.0, 0.5 * _G)]
    assert impacts_in(braking, speed=4.0) == []
    crash = [(at / 4, mps) for at, mps in slowing(1.0, 30.0, 100.0)]
    assert len(impacts_in(crash, speed=4.0)) == 1


def test_what_a_receiver_says_that_sees_hardly_any_satellites_is_not_believed() -> None:
    assert impacts_in(slowing(1.0, 30.0, 100.0), hdop=8.0) == []


def test_a_crash_that_rolls_on_is_one() -> None:
    speeds = [*drive(5.0, 10, 30.0), *drive(5.0, 2, 15.0, begin=10), *drive(5.0, 5, 0.0, begin=12)]
    assert len(impacts_in(speeds)) == 1


@pytest.mark.parametrize("name", every_log())
def test_no_recorded_drive_has_one(name: str) -> None:
    path = LOGS / name
    found: list[Impact] = []
    sensor = GpsDeceleration(found.append, _THRESHOLD_G)
    for fix in fixes_of(path, REFERENCES.get(name)):
        sensor.put(fix.received_monotonic_ns, place(fix.speed_mps, fix.hdop or 1.0) if fix.is_good else None)
    assert found == []


TRACKS = ("around-visnjan-with-car.gpx", "cerknicko-jezero.gpx", "track_with_speed.gpx")


@pytest.mark.parametrize("name", TRACKS)
def test_no_recorded_track_has_one(name: str) -> None:
    """Their speeds are those of the way from point to point: where the receiver jumped they jump, too."""
    found: list[Impact] = []
    sensor = GpsDeceleration(found.append, _THRESHOLD_G)
    fixes = list(fixes_of(LOGS.parent / "gpx" / name))
    for fix in fixes:
        sensor.put(fix.received_monotonic_ns, place(fix.speed_mps) if fix.is_good else None)
    assert len(fixes) > 1
    assert found == []


@pytest.mark.parametrize("jump_mps", [30.0, 60.0, 79.0])
def test_a_receiver_that_jumps_away_and_stays_there_for_a_while_makes_none(jump_mps: float) -> None:
    speeds = [*drive(1.0, 20, 5.0), *drive(1.0, 20, jump_mps, begin=20), *drive(1.0, 20, 5.0, begin=40)]
    assert impacts_in(speeds) == []


def test_who_drives_off_quickly_and_crashes_is_found() -> None:
    """A sports car: 100 km/h after four seconds, and a wall after six."""
    off = [(10 + number / 5, min(number / 5 * 6.9, 30.0)) for number in range(30)]
    (impact,) = impacts_in([*drive(5.0, 10, 0.3), *off, *drive(5.0, 5, 0.3, begin=16)])
    assert impact.at_monotonic_ns / NANOSECONDS == pytest.approx(16, abs=0.6)
