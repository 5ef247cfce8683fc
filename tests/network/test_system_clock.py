"""The machine's clock is set when somebody knows better, and else it is left alone. Real D-Bus, no real clock."""

from __future__ import annotations

import logging
from itertools import pairwise
from pathlib import Path

import pytest

from dashcam.clock import TIME_HELP, ClockSource, utc_text
from dashcam.link.status import ClockStatus
from dashcam.network.system_clock import ClockDuty
from dashcam.network.timedate import TIMESYNCD
from tests.network.duties import duty_of, told
from tests.network.stand_in_timed import SECOND, StandInTimed

START, STOP, SET = ("StartUnit", TIMESYNCD), ("StopUnit", TIMESYNCD), ("SetTime",)
HOUR = 3600.0


@pytest.fixture
def duty(tmp_path: Path, timed: StandInTimed) -> ClockDuty:
    return duty_of(tmp_path, timed)


def turns(duty: ClockDuty, timed: StandInTimed, clock: ClockStatus, seconds: int) -> None:
    """As many turns, a second each, with what the recorder said at their start."""
    for _ in range(seconds):
        duty.turn(clock)
        timed.machine.pass_seconds(1)


@pytest.mark.parametrize("source", ["gps", "phone"])
@pytest.mark.parametrize("off_seconds", [HOUR, -HOUR, 5, -5])
def test_it_is_set_once_and_exactly(
    duty: ClockDuty, timed: StandInTimed, caplog: pytest.LogCaptureFixture, source: ClockSource, off_seconds: float
) -> None:
    caplog.set_level(logging.INFO)
    machine = timed.machine
    clock = told(machine, off_seconds, source)
    was = utc_text(machine.utc_ns())
    turns(duty, timed, clock, 200)
    assert timed.done == [SET]
    assert timed.set_usec == [clock.utc_ns // 1000]
    assert machine.utc_ns() - clock.utc_ns == machine.now_ns - clock.monotonic_ns
    status = duty.status
    assert (status.can_set, status.is_synchronized, status.sets, status.offset_seconds) == (True, False, 1, 0.0)
    assert f"set from {was} to {utc_text(clock.utc_ns)}, source: {source}" in caplog.text
    assert "Agrees with" in status.words
    assert ("behind" if off_seconds > 0 else "ahead") in status.words


@pytest.mark.parametrize(("source", "off_seconds"), [("gps", 2.4), ("gps", -2.4), ("phone", 3.9), ("phone", -3.9)])
def test_what_is_hardly_off_is_left_alone(
    duty: ClockDuty, timed: StandInTimed, source: ClockSource, off_seconds: float
) -> None:
    turns(duty, timed, told(timed.machine, off_seconds, source), 3)
    assert timed.done == []
    assert duty.status.offset_seconds == -off_seconds
    assert "Agrees with" in duty.status.words


def test_while_network_time_keeps_it_right_it_is_left_alone(duty: ClockDuty, timed: StandInTimed) -> None:
    timed.machine.is_synchronized = True
    clock = told(timed.machine, HOUR)
    turns(duty, timed, clock, 3)
    assert timed.done == []
    status = duty.status
    assert (status.is_synchronized, status.offset_seconds, status.sets) == (True, -HOUR, 0)
    assert "network time" in status.words
    timed.machine.is_synchronized = False
    duty.turn(clock)
    assert timed.done == [SET]


@pytest.mark.parametrize("source", ["none", "saved", "system", "ntp"])
def test_the_machines_own_clock_never_sets_itself(duty: ClockDuty, timed: StandInTimed, source: ClockSource) -> None:
    turns(duty, timed, told(timed.machine, HOUR, source), 100)
    assert timed.done == []
    assert duty.status.offset_seconds is None
    assert (TIME_HELP in duty.status.words) == (source in ("none", "saved"))


def test_with_network_time_on_but_without_the_time_it_rests_for_that_moment(
    duty: ClockDuty, timed: StandInTimed
) -> None:
    timed.states[TIMESYNCD] = "active"
    turns(duty, timed, told(timed.machine, HOUR), 10)
    assert timed.done == [STOP, SET, START]
    assert timed.states == {TIMESYNCD: "active"}


def test_a_step_back_is_not_undone_and_the_words_say_who_rests(duty: ClockDuty, timed: StandInTimed) -> None:
    timed.states[TIMESYNCD] = "active"
    clock = told(timed.machine, -600)
    turns(duty, timed, clock, 300)
    assert timed.done == [STOP, SET]
    assert "systemd-timesyncd rests for 5 min" in duty.status.words
    turns(duty, timed, clock, 400)
    assert timed.done == [STOP, SET, START]
    assert duty.status.offset_seconds == 0.0
    assert "rests" not in duty.status.words


def test_one_that_ends_leaves_nothing_at_rest(duty: ClockDuty, timed: StandInTimed) -> None:
    timed.states[TIMESYNCD] = "active"
    duty.turn(told(timed.machine, -600))
    duty.close()
    assert timed.done == [STOP, SET, START]
    duty.close()
    assert timed.done == [STOP, SET, START]


def test_refusals_are_tried_again_later_and_later(
    duty: ClockDuty, timed: StandInTimed, caplog: pytest.LogCaptureFixture
) -> None:
    timed.forbidden = {SET}
    tries: list[int] = []
    timed.asking = lambda method: tries.append(timed.machine.now_ns // SECOND) if method == "SetTime" else None
    clock = told(timed.machine, HOUR)
    turns(duty, timed, clock, 2000)
    assert [after - before for before, after in pairwise(tries)] == [120, 240, 480, 960]
    assert not duty.status.can_set
    assert "org.freedesktop.timedate1.set-time" in duty.status.words
    assert "60 min behind, compared with GPS; set in" in duty.status.words
    assert len([record for record in caplog.records if "polkit" in record.getMessage()]) == 1
    timed.forbidden = set()
    turns(duty, timed, clock, 2000)
    assert timed.done == [SET]
    assert (duty.status.can_set, duty.status.offset_seconds) == (True, 0.0)


def test_with_another_program_that_sets_the_clock_it_does_not_fight(duty: ClockDuty, timed: StandInTimed) -> None:
    clock = told(timed.machine, HOUR)
    for _ in range(3600):
        duty.turn(clock)
        timed.machine.set_utc_ns(clock.utc_ns - 10_000 * SECOND)
        timed.machine.pass_seconds(1)
    assert timed.done == [SET] * 6


def test_a_recorder_that_is_gone_sets_nothing_and_is_waited_for(duty: ClockDuty, timed: StandInTimed) -> None:
    duty.turn(None)
    assert "recorder" in duty.status.words
    assert (timed.done, duty.status.offset_seconds) == ([], None)
    duty.turn(told(timed.machine, HOUR))
    assert timed.done == [SET]


def test_what_was_told_before_the_machine_slept_is_void(duty: ClockDuty, timed: StandInTimed) -> None:
    machine = timed.machine
    clock = told(machine, 0)
    duty.turn(clock)
    # Eight hours in which the monotonic clock stood still; the clock chip has kept the time.
    machine.slept_ns = 8 * 3600 * SECOND
    machine.set_utc_ns(machine.utc_ns() + machine.slept_ns)
    turns(duty, timed, clock, 5)
    assert timed.done == []
    assert "suspended" in duty.status.words
    turns(duty, timed, told(machine, 10), 5)
    assert timed.done == [SET]


def test_a_reading_that_took_too_long_is_no_measurement(duty: ClockDuty, timed: StandInTimed) -> None:
    clock = told(timed.machine, HOUR)
    timed.machine.tick_ns = SECOND
    turns(duty, timed, clock, 5)
    assert timed.done == []
    timed.machine.tick_ns = 0
    turns(duty, timed, clock, 5)
    assert timed.done == [SET]


def test_without_a_bus_the_words_say_so_and_it_is_looked_for_again(tmp_path: Path, timed: StandInTimed) -> None:
    duty = duty_of(tmp_path, timed)
    address, duty._timedate._address = duty._timedate._address, "unix:path=/nowhere/bus"
    turns(duty, timed, told(timed.machine, 0), 3)
    assert not duty.status.can_set
    assert "no systemd-timedated" in duty.status.words
    duty._timedate._address = address
    turns(duty, timed, told(timed.machine, 0), 301)
    assert duty.status.can_set
    assert "Agrees with" in duty.status.words
