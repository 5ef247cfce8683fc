"""What GPS has to see before a car counts as parked."""

from __future__ import annotations

import random

import pytest

from dashcam.clock import NANOSECONDS
from dashcam.place import Place
from dashcam.recorder.standing import Standing

_DEGREES_PER_M = 1 / 111_195.08  # northwards


class Car:
    """A fix a second, northwards."""

    def __init__(self) -> None:
        self.standing = Standing()
        self._seconds = 1000.0
        self._metres = 0.0
        self._noise = random.Random(4)

    def drive(self, seconds: int, speed_mps: float = 14.0) -> None:
        for _ in range(seconds):
            self._metres += speed_mps
            self._put(self._metres, speed_mps)

    def stand(self, seconds: int, hdop: float = 1.0) -> None:
        for _ in range(seconds):
            self._put(self._metres + self._noise.uniform(-3, 3) * hdop, self._noise.uniform(0, 0.4) * hdop, hdop)

    def lose_fix(self, seconds: float, metres: float = 0.0, *, is_told: bool = False) -> None:
        if is_told:
            for step in range(int(seconds)):
                self.standing.put(round((self._seconds + step) * NANOSECONDS), None)
        self._seconds += seconds
        self._metres += metres

    @property
    def stood(self) -> float:
        seconds = self.standing.seconds
        assert seconds is not None
        return seconds

    def _put(self, metres: float, speed_mps: float, hdop: float = 1.0) -> None:
        self._seconds += 1
        place = Place(latitude=metres * _DEGREES_PER_M, longitude=0.0, speed_mps=speed_mps, hdop=hdop)
        self.standing.put(round(self._seconds * NANOSECONDS), place)


def test_before_the_first_fix_nobody_knows() -> None:
    standing = Standing()
    assert standing.seconds is None
    standing.put(NANOSECONDS, None)
    assert standing.seconds is None


def test_a_car_that_stands_is_seen_to_stand_and_one_that_drives_is_not() -> None:
    car = Car()
    car.drive(60)
    assert car.stood == 0
    car.stand(600)
    assert car.stood == pytest.approx(600, abs=2)
    car.drive(2)
    assert car.stood == 0


def test_a_receiver_that_wanders_below_a_roof_does_not_drive_away() -> None:
    car = Car()
    car.stand(900, hdop=4.0)
    assert car.stood > 800


def test_who_creeps_away_drives_after_some_metres() -> None:
    car = Car()
    car.stand(900)
    car.drive(8, speed_mps=1.5)
    assert car.stood > 800
    car.drive(8, speed_mps=1.5)
    assert car.stood == 0


@pytest.mark.parametrize("is_told", [False, True])
def test_a_fix_lost_in_a_garage_leaves_the_car_parked_until_it_is_seen_to_drive(is_told: bool) -> None:
    car = Car()
    car.drive(60)
    car.stand(700)
    stood = car.stood
    car.lose_fix(8 * 3600, metres=30, is_told=is_told)
    car.stand(1)
    assert car.stood == stood
    car.drive(2)
    assert car.stood == 0


def test_hours_without_a_fix_are_no_hours_of_standing() -> None:
    """It drove into the garage and comes out of the same door: nobody has seen it stand."""
    car = Car()
    car.drive(60)
    car.lose_fix(8 * 3600, metres=20)
    car.stand(5)
    assert car.stood < 10


def test_a_car_that_comes_out_of_the_tunnel_elsewhere_did_not_stand() -> None:
    car = Car()
    car.stand(700)
    car.lose_fix(300, metres=3000)
    car.stand(1)
    assert car.stood == 0
