"""The running trip: what counts as driving, when a new one begins, and a line that stays small."""

from __future__ import annotations

import random
from collections.abc import Callable
from itertools import pairwise

import pytest

from dashcam.clock import NANOSECONDS
from dashcam.gps.geometry import distance_m
from dashcam.gps.recording import fixes_of
from dashcam.link.status import TripStatus
from dashcam.place import Place
from dashcam.recorder.gps_duty import place_of
from dashcam.recorder.trip import MOST_LEAVING, MOST_POINTS, TripMeter
from tests.gps.logs import LOGS

_DEGREES_PER_M = 1 / 111_195.08  # northwards


class Car:
    """Drives north, a fix a second."""

    def __init__(self) -> None:
        self.clip = "1-1"
        self.meter = TripMeter(lambda: self.clip)
        self.seconds = 0
        self.metres = 0.0
        self._noise = random.Random(4)

    def drive(self, seconds: int, speed_mps: float = 10.0, *, hdop: float = 0.9, says_speed: bool = True) -> None:
        for _ in range(seconds):
            self.seconds += 1
            self.metres += speed_mps
            self._put(speed_mps if says_speed else None, self.metres, hdop)

    def stand(self, seconds: int, *, hdop: float = 0.9, noise_mps: float = 0.3) -> None:
        """The place wanders by some metres, and so does the speed."""
        for _ in range(seconds):
            self.seconds += 1
            wandering_m = self._noise.uniform(-4, 4) * hdop
            self._put(self._noise.uniform(0, noise_mps), self.metres + wandering_m, hdop)

    def jump(self, seconds: int, metres: float = 0.0) -> None:
        """Nothing is heard meanwhile."""
        self.seconds += seconds
        self.metres += metres

    def _put(self, speed_mps: float | None, metres: float, hdop: float) -> None:
        place = Place(
            latitude=metres * _DEGREES_PER_M, longitude=0.0, speed_mps=speed_mps, course_degrees=0.0, hdop=hdop
        )
        self.meter.put(self.seconds * NANOSECONDS, place)

    @property
    def trip(self) -> TripStatus:
        status = self.meter.status(self.seconds * NANOSECONDS)
        assert status is not None
        return status


def test_without_a_fix_there_is_no_trip() -> None:
    meter = TripMeter()
    assert meter.status(10**9) is None
    assert meter.line() == ()


@pytest.mark.parametrize("says_speed", [True, False])
def test_a_drive_has_its_time_its_way_and_its_top_speed(says_speed: bool) -> None:
    car = Car()
    car.drive(61, 10.0, says_speed=says_speed)
    car.drive(60, 30.0, says_speed=says_speed)
    trip = car.trip
    assert (trip.seconds, trip.clip_id) == (120, "1-1")
    assert trip.moving_seconds == pytest.approx(120, abs=2)
    assert trip.distance_m == pytest.approx(2400, rel=0.01)
    assert trip.top_speed_mps == pytest.approx(30, rel=0.01)


@pytest.mark.parametrize(("hdop", "noise_mps"), [(0.9, 0.9), (2.0, 0.9), (6.0, 2.5)])
def test_noise_while_standing_is_no_way(hdop: float, noise_mps: float) -> None:
    car = Car()
    car.drive(60)
    before = car.trip
    car.stand(240, hdop=hdop, noise_mps=noise_mps)
    assert car.trip.distance_m == before.distance_m
    assert car.trip.moving_seconds == before.moving_seconds
    assert car.trip.seconds == before.seconds + 240


def test_a_single_wild_speed_is_not_the_top_speed() -> None:
    car = Car()
    car.drive(30, 20.0)
    car.drive(1, 90.0)
    car.drive(30, 20.0)
    assert car.trip.top_speed_mps == 20


def test_a_short_stop_stays_in_the_trip() -> None:
    car = Car()
    car.drive(60)
    car.stand(280)
    car.drive(60)
    assert car.trip.seconds == pytest.approx(400, abs=1)
    assert car.trip.distance_m == pytest.approx(1190, rel=0.02)


def test_after_five_minutes_a_new_trip_begins_when_the_car_leaves() -> None:
    car = Car()
    car.drive(60)
    first = car.trip
    car.clip = "1-7"
    car.stand(900)
    # Parked: it is still the old one, and it does not get longer.
    assert car.trip.distance_m == first.distance_m
    assert car.trip.seconds == first.seconds
    assert car.trip.clip_id == "1-1"
    car.drive(60)
    assert car.trip.clip_id == "1-7"
    assert car.trip.seconds == pytest.approx(60, abs=2)
    assert car.trip.distance_m == pytest.approx(600, abs=20)
    assert car.meter.line()[0].seconds == 0


def test_two_wandering_fixes_of_a_parked_car_are_no_new_trip() -> None:
    car = Car()
    car.drive(60)
    before = car.trip
    car.stand(400)
    car.drive(3, 2.0)
    car.stand(400)
    assert car.trip.distance_m == before.distance_m


@pytest.mark.parametrize(("gap_seconds", "is_new"), [(590, False), (610, True)])
def test_a_long_gap_ends_the_trip_a_tunnel_does_not(gap_seconds: int, is_new: bool) -> None:
    car = Car()
    car.drive(60)
    car.jump(gap_seconds, 5000.0)
    car.drive(60)
    # The way in the gap is not known, so it does not count.
    assert car.trip.distance_m == pytest.approx(590 if is_new else 1180, abs=25)
    assert car.trip.seconds == pytest.approx(59 if is_new else 119 + gap_seconds, abs=2)
    assert sum(point.begins for point in car.meter.line()) == (1 if is_new else 2)


def test_a_stop_before_a_tunnel_and_the_tunnel_are_not_standing() -> None:
    car = Car()
    car.drive(60)
    car.stand(100)
    car.jump(250, 3000.0)
    car.drive(60)
    assert car.trip.distance_m == pytest.approx(1180, rel=0.02)


def test_a_replay_that_begins_anew_has_driven_no_way_back() -> None:
    car = Car()
    car.drive(60)
    car.metres += 5000
    car.drive(60)
    assert car.trip.distance_m == pytest.approx(1180, abs=15)
    assert [point.begins for point in car.meter.line()].count(True) == 2


def test_the_line_reaches_the_car_and_keeps_its_bends() -> None:
    meter = TripMeter()
    for second in range(100):
        north, east = min(second, 50) * 10, max(0, second - 50) * 10
        course = 0.0 if second <= 50 else 90.0
        place = Place(
            latitude=north * _DEGREES_PER_M, longitude=east * _DEGREES_PER_M, speed_mps=10.0, course_degrees=course
        )
        meter.put(second * NANOSECONDS, place)
    line = meter.line()
    assert (line[0].seconds, line[0].begins) == (0, True)
    assert line[-1].seconds == 99
    assert len(line) < 15
    corner = min(line, key=lambda point: abs(point.seconds - 50))
    assert abs(corner.seconds - 50) <= 1


def test_a_line_of_a_day_stays_small_and_in_order() -> None:
    meter = TripMeter()
    noise = random.Random(1)
    for second in range(20_000):
        place = Place(
            latitude=second * 15 * _DEGREES_PER_M,
            longitude=noise.random() * 1e-4,
            speed_mps=15.0,
            course_degrees=noise.random() * 360,
        )
        # Every now and then a gap.
        meter.put((second + second // 100 * 10) * NANOSECONDS, place)
    line = meter.line()
    assert len(line) <= MOST_POINTS + 1
    assert all(before.seconds < after.seconds for before, after in pairwise(line))
    assert line[0].seconds == 0
    assert line[-1].seconds == 19_999 + 1990


def test_nothing_grows_with_the_fixes_however_they_come() -> None:
    """A receiver that hangs repeats its place with the speed that it had; others jump, creep, stand or say nothing."""
    shapes: tuple[Callable[[int], tuple[float, float, float | None]], ...] = (
        lambda number: (number, 0.0, 10.0),
        lambda number: (number, (number % 2) * 1e-4, 5.0),
        lambda number: (number, (number % 2) * 9000.0, 10.0),
        lambda number: (number * 0.04, number * 0.04, 1.0),
        lambda number: (number, number * 15.0, 15.0),
        lambda number: (number, number * 15.0, None),
        lambda number: (number, 0.0, 0.0),
        lambda number: (number * 700.0, number * 700.0, 10.0),
    )
    meter, began_s, most_leaving = TripMeter(), 0.0, 0
    # Once more, as what is held back belongs to a trip that is over or to one that runs.
    for shape in (*shapes, shapes[0]):
        seconds = 0.0
        for number in range(12_000):
            seconds, metres, speed_mps = shape(number)
            place = Place(latitude=metres * _DEGREES_PER_M % 80, longitude=0.0, speed_mps=speed_mps)
            meter.put(round((began_s + seconds) * NANOSECONDS), place)
            most_leaving = max(most_leaving, len(meter._leaving))
        began_s += seconds + 1
        assert len(meter.line()) <= MOST_POINTS + 1
    assert most_leaving == MOST_LEAVING


@pytest.mark.parametrize("frozen_seconds", [5, 2 * MOST_LEAVING])
def test_a_car_whose_place_was_frozen_leaves_all_the_same(frozen_seconds: int) -> None:
    car = Car()
    car.drive(60)
    car.stand(400)
    car.clip = "1-2"
    for _ in range(frozen_seconds):
        car.seconds += 1
        car._put(5.0, car.metres, 0.9)
    assert car.trip.clip_id == "1-1"
    car.drive(60)
    assert car.trip.clip_id == "1-2"
    assert car.trip.distance_m == pytest.approx(600, abs=15)


@pytest.mark.skipif(not LOGS.is_dir(), reason="the recorded drives are not there")
def test_a_real_drive_is_as_long_as_its_log_says() -> None:
    meter = TripMeter()
    fixes = [fix for fix in fixes_of(LOGS / "drive_city_360s.nmea") if fix.is_good]
    for fix in fixes:
        meter.put(fix.received_monotonic_ns, place_of(fix))
    trip = meter.status(fixes[-1].received_monotonic_ns)
    assert trip is not None
    by_speed = sum(fix.speed_mps or 0.0 for fix in fixes)
    by_place = sum(
        distance_m(before.latitude or 0, before.longitude or 0, after.latitude or 0, after.longitude or 0)
        for before, after in pairwise(fixes)
    )
    assert trip.distance_m == pytest.approx(by_speed, rel=0.02)
    assert trip.distance_m == pytest.approx(by_place, rel=0.02)
    assert trip.top_speed_mps == pytest.approx(max(fix.speed_mps or 0.0 for fix in fixes), rel=0.03)
    assert trip.seconds == pytest.approx(360, abs=2)
