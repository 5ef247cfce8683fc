"""The drive that nobody drove: a plausible one, now, and known to be none."""

from __future__ import annotations

import itertools

import pytest

from dashcam.clock import NANOSECONDS
from dashcam.gps.geometry import bearing_degrees, distance_m
from dashcam.gps.plausible import Judge
from dashcam.gps.route import Place, Route
from dashcam.gps.simulated import SimulatedReceiver
from tests.gps.made import Watcher


def metres(earlier: Place, later: Place) -> float:
    return distance_m(earlier.latitude, earlier.longitude, later.latitude, later.longitude)


@pytest.fixture(scope="module")
def places() -> list[Place]:
    """One a second, once around and a bit."""
    route = Route()
    return [route.at(second) for second in range(round(route.seconds) + 60)]


def test_speed_and_course_are_those_of_the_way(places: list[Place]) -> None:
    for earlier, later in itertools.pairwise(places):
        mean = (earlier.speed_mps + later.speed_mps) / 2
        assert metres(earlier, later) == pytest.approx(mean, abs=2.5)
        if metres(earlier, later) > 3:
            course = bearing_degrees(earlier.latitude, earlier.longitude, later.latitude, later.longitude)
            assert abs((course - earlier.course_degrees + 180) % 360 - 180) < 40


def test_it_has_bends_stops_and_no_racing(places: list[Place]) -> None:
    speeds = [place.speed_mps for place in places]
    assert max(speeds) < 80.1 / 3.6
    assert speeds.count(0.0) > 15
    assert sum(speed > 10 for speed in speeds) > len(speeds) / 2
    turns = [abs((b.course_degrees - a.course_degrees + 180) % 360 - 180) for a, b in itertools.pairwise(places)]
    assert sum(turn > 3 for turn in turns) > 60
    assert all(abs(b - a) < 4.5 for a, b in itertools.pairwise(speeds)), "nobody brakes like that"


def test_it_comes_home_and_goes_round_again() -> None:
    route = Route()
    assert 3000 < route.metres < 20_000
    for second in (0, 17, 200.5):
        assert metres(route.at(second), route.at(second + 3 * route.seconds)) < 0.1


def test_it_drives_at_the_machines_date() -> None:
    watcher = Watcher()
    utc_ns = 1_795_000_000 * NANOSECONDS
    receiver = SimulatedReceiver(watcher.take, utc_ns=lambda: utc_ns, interval_seconds=0.01)
    assert not receiver.state().is_connected
    receiver.start()
    try:
        fixes = watcher.wait_for_good(20)
        state = receiver.state()
    finally:
        receiver.close()
        receiver.close()
    assert {fix.utc_ns for fix in fixes} == {utc_ns}
    assert {fix.quality for fix in fixes} == {"simulated"}
    assert (state.kind, state.status, state.is_real, state.is_fallback) == ("simulated", "fix", False, False)
    # What it says is what a receiver might say.
    judge = Judge()
    assert judge.verdict(fixes[0]) == "good"
    assert receiver.state().words == "stopped"
