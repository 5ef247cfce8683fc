"""The clock is set by timedated, and what has to rest for that goes on, whatever happens. Real D-Bus, no real clock."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from dashcam.clock import Anchor
from dashcam.network import timedate
from dashcam.network.resting import Rest, RestNote
from dashcam.network.timedate import TIMESYNCD, Timedate, TimeRefused
from dashcam.system.runtime_folder import socket_folder
from tests.network.duties import STATE_NAME, timedate_of
from tests.network.stand_in_timed import SECOND, StandInTimed, VirtualMachine, not_the_systems
from tests.system.stand_in_logind import private_bus

START, STOP, SET = ("StartUnit", TIMESYNCD), ("StopUnit", TIMESYNCD), ("SetTime",)


def ahead(machine: VirtualMachine, seconds: float) -> Anchor:
    """A time so far ahead of the machine's clock, told a while ago."""
    return Anchor(machine.now_ns, machine.utc_ns() + round(seconds * SECOND), "gps").at(machine.now_ns - 77 * SECOND)


@pytest.mark.parametrize(
    "address", ["unix:path=/run/dbus/system_bus_socket", "unix:path=/var/run/dbus/system_bus_socket", ""]
)
def test_no_test_may_use_the_systems_bus(address: str) -> None:
    with pytest.raises(pytest.fail.Exception):
        not_the_systems(address)


def test_without_network_time_it_is_set_to_the_microsecond_by_the_anchor(tmp_path: Path, timed: StandInTimed) -> None:
    machine = timed.machine
    anchor = ahead(machine, 3600.25)
    machine.pass_seconds(12.000_001_5)
    timedate_of(tmp_path, timed).set(anchor, -3600 * SECOND)
    assert timed.done == [SET]
    assert timed.set_usec == [(anchor.utc_ns + 89_000_001_500) // 1000]
    assert machine.utc_ns() == anchor.utc_ns_at(machine.now_ns) // 1000 * 1000


@pytest.mark.parametrize("looks", [0, 3])
def test_with_network_time_on_it_is_stopped_set_and_started_in_this_order(
    tmp_path: Path, timed: StandInTimed, looks: int
) -> None:
    timed.states[TIMESYNCD] = "active"
    timed.looks_until_stopped = looks
    found = timedate_of(tmp_path, timed)
    found.set(ahead(timed.machine, 60), -60 * SECOND)
    assert timed.done == [STOP, SET, START]
    assert timed.states == {TIMESYNCD: "active"}
    assert found.resting() is None


def test_the_service_that_runs_is_the_one_that_rests(tmp_path: Path, timed: StandInTimed) -> None:
    timed.states |= {"chrony.service": "active", "ntpsec.service": "failed"}
    timed.listed |= {"chrony.service", "ntpsec.service"}
    timedate_of(tmp_path, timed).set(ahead(timed.machine, 60), -60 * SECOND)
    assert timed.done == [("StopUnit", "chrony.service"), SET, ("StartUnit", "chrony.service")]


def test_a_service_that_nobody_knows_is_left_alone_and_so_is_the_clock(tmp_path: Path, timed: StandInTimed) -> None:
    timed.states["my-clock.service"] = "active"
    timed.listed.add("my-clock.service")
    with pytest.raises(TimeRefused, match="does not know"):
        timedate_of(tmp_path, timed).set(ahead(timed.machine, 60), -60 * SECOND)
    assert timed.done == []


def test_a_set_that_fails_starts_the_service_again_all_the_same(tmp_path: Path, timed: StandInTimed) -> None:
    timed.states[TIMESYNCD] = "active"
    timed.failing["SetTime"] = ("System.Error.EPERM", "Failed to set local time: Operation not permitted")
    found = timedate_of(tmp_path, timed)
    with pytest.raises(TimeRefused, match="Operation not permitted"):
        found.set(ahead(timed.machine, -60), 60 * SECOND)
    assert timed.done == [STOP, START]
    assert found.resting() is None


def test_what_may_not_be_stopped_is_said_with_the_action_and_nothing_is_touched(
    tmp_path: Path, timed: StandInTimed
) -> None:
    timed.states[TIMESYNCD] = "active"
    timed.forbidden = {STOP, START}
    found = timedate_of(tmp_path, timed)
    with pytest.raises(TimeRefused, match=r"org\.freedesktop\.systemd1\.manage-units"):
        found.set(ahead(timed.machine, 60), -60 * SECOND)
    assert timed.done == []
    assert found.resting() is None


def test_of_two_services_the_first_goes_on_when_the_second_may_not_be_stopped(
    tmp_path: Path, timed: StandInTimed
) -> None:
    timed.states |= {TIMESYNCD: "active", "ntpsec.service": "active"}
    timed.forbidden = {("StopUnit", "ntpsec.service"), ("StartUnit", "ntpsec.service")}
    with pytest.raises(TimeRefused, match=r"ntpsec\.service"):
        timedate_of(tmp_path, timed).set(ahead(timed.machine, 60), -60 * SECOND)
    assert timed.done == [STOP, START]


def test_a_clock_that_may_not_be_set_is_said_with_the_action(tmp_path: Path, timed: StandInTimed) -> None:
    timed.forbidden = {SET}
    with pytest.raises(TimeRefused, match=r"org\.freedesktop\.timedate1\.set-time"):
        timedate_of(tmp_path, timed).set(ahead(timed.machine, 60), -60 * SECOND)


def test_a_service_that_does_not_stop_is_told_to_go_on(tmp_path: Path, timed: StandInTimed) -> None:
    timed.states[TIMESYNCD] = "active"
    timed.looks_until_stopped = 1_000_000
    timed.machine.tick_ns = SECOND
    with pytest.raises(TimeRefused, match="does not stop"):
        timedate_of(tmp_path, timed).set(ahead(timed.machine, 60), -60 * SECOND)
    assert timed.done == [STOP, START]


def test_being_asked_to_end_cuts_the_wait_short_and_starts_the_service(tmp_path: Path, timed: StandInTimed) -> None:
    timed.states[TIMESYNCD] = "active"
    timed.looks_until_stopped = 1_000_000
    stop = threading.Event()
    stop.set()
    found = Timedate(RestNote(tmp_path / STATE_NAME), stop, address=timed.address)
    with pytest.raises(TimeRefused, match="ends"):
        found.set(ahead(timed.machine, 60), -60 * SECOND)
    assert timed.done == [STOP, START]


def test_after_a_step_back_timesyncd_rests_until_the_clock_has_passed_what_it_remembers(
    tmp_path: Path, timed: StandInTimed
) -> None:
    machine = timed.machine
    timed.states[TIMESYNCD] = "active"
    found = timedate_of(tmp_path, timed)
    anchor = ahead(machine, -600)
    found.set(anchor, 600 * SECOND)
    machine.pass_seconds(599)
    found.wake()
    assert timed.done == [STOP, SET]
    machine.pass_seconds(3)
    found.wake()
    assert timed.done == [STOP, SET, START]
    assert abs(machine.utc_ns() - anchor.utc_ns_at(machine.now_ns)) < 1000
    assert found.resting() is None


def test_a_further_step_moves_the_end_of_the_rest(tmp_path: Path, timed: StandInTimed) -> None:
    machine = timed.machine
    timed.states[TIMESYNCD] = "active"
    found = timedate_of(tmp_path, timed)
    found.set(ahead(machine, -600), 600 * SECOND)
    found.set(ahead(machine, -1000), 1000 * SECOND)
    found.set(ahead(machine, 100), -100 * SECOND)
    machine.pass_seconds(1499)
    found.wake()
    assert timed.done == [STOP, SET, SET, SET]
    machine.pass_seconds(5)
    found.wake()
    assert timed.done[-1] == START
    assert machine.utc_ns() > timed.stamp_utc_ns


def test_a_step_forward_past_what_it_remembers_ends_the_rest(tmp_path: Path, timed: StandInTimed) -> None:
    timed.states[TIMESYNCD] = "active"
    found = timedate_of(tmp_path, timed)
    found.set(ahead(timed.machine, -600), 600 * SECOND)
    found.set(ahead(timed.machine, 700), -700 * SECOND)
    assert timed.done == [STOP, SET, SET, START]
    assert timed.machine.utc_ns() > timed.stamp_utc_ns


def test_a_further_step_that_fails_does_not_end_the_rest(tmp_path: Path, timed: StandInTimed) -> None:
    timed.states[TIMESYNCD] = "active"
    found = timedate_of(tmp_path, timed)
    found.set(ahead(timed.machine, -600), 600 * SECOND)
    timed.forbidden = {SET}
    with pytest.raises(TimeRefused):
        found.set(ahead(timed.machine, -60), 60 * SECOND)
    assert timed.done == [STOP, SET]
    timed.machine.pass_seconds(602)
    found.wake()
    assert timed.done == [STOP, SET, START]


def test_until_it_is_set_the_note_says_to_start_at_once(tmp_path: Path, timed: StandInTimed) -> None:
    """Whoever is killed before a step back has made none."""
    timed.states[TIMESYNCD] = "active"
    found = timedate_of(tmp_path, timed)
    noted: list[Rest | None] = []
    timed.asking = lambda method: noted.append(found.resting()) if method in ("StopUnit", "SetTime") else None
    found.set(ahead(timed.machine, -600), 600 * SECOND)
    assert noted == [Rest(kernel="this-start", units=(TIMESYNCD,))] * 2


def test_whoever_ends_starts_it_even_so(tmp_path: Path, timed: StandInTimed) -> None:
    timed.states[TIMESYNCD] = "active"
    found = timedate_of(tmp_path, timed)
    found.set(ahead(timed.machine, -600), 600 * SECOND)
    found.wake(is_forced=True)
    assert timed.done == [STOP, SET, START]


def test_a_start_that_fails_is_tried_again_and_never_forgotten(tmp_path: Path, timed: StandInTimed) -> None:
    timed.states[TIMESYNCD] = "active"
    timed.failing["StartUnit"] = ("org.freedesktop.systemd1.ShuttingDown", "not now")
    found = timedate_of(tmp_path, timed)
    found.set(ahead(timed.machine, 60), -60 * SECOND)
    assert timed.done == [STOP, SET]
    timed.failing.clear()
    found.wake()
    assert timed.done == [STOP, SET]  # not at every turn
    timed.machine.pass_seconds(31)
    timedate_of(tmp_path, timed).wake()
    assert timed.done == [STOP, SET, START]


def test_a_note_of_another_start_of_the_machine_means_nothing(tmp_path: Path, timed: StandInTimed) -> None:
    RestNote(tmp_path / STATE_NAME, "an-earlier-start").write((TIMESYNCD,))
    found = timedate_of(tmp_path, timed)
    found.wake(is_forced=True)
    assert timed.done == []
    assert found.resting() is None


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"kernel": "this-start", "units": 5}', b"\xff\xfe"])
def test_a_torn_note_is_no_trouble(tmp_path: Path, timed: StandInTimed, content: bytes) -> None:
    note = RestNote(tmp_path / STATE_NAME, "this-start")
    note.write((TIMESYNCD,))
    [path] = [path for path in note_files(tmp_path) if path.name.endswith(".json")]
    path.write_bytes(content)
    found = timedate_of(tmp_path, timed)
    found.wake(is_forced=True)
    assert (found.resting(), timed.done) == (None, [])


def note_files(folder: Path) -> list[Path]:
    return sorted(socket_folder(folder / STATE_NAME).glob("network.resting*"))


def test_no_other_unit_is_ever_started_whatever_a_note_says(tmp_path: Path, timed: StandInTimed) -> None:
    timed.states["backdoor.service"] = "inactive"
    RestNote(tmp_path / STATE_NAME, "this-start").write(("backdoor.service", TIMESYNCD))
    timedate_of(tmp_path, timed).wake()
    assert timed.done == [START]


def test_what_cannot_be_noted_is_not_stopped(
    tmp_path: Path, timed: StandInTimed, monkeypatch: pytest.MonkeyPatch
) -> None:
    timed.states[TIMESYNCD] = "active"
    found = timedate_of(tmp_path, timed)
    monkeypatch.setattr(RestNote, "write", no_space)
    with pytest.raises(TimeRefused, match="No space left"):
        found.set(ahead(timed.machine, 60), -60 * SECOND)
    assert timed.done == []


def no_space(*_anything: object) -> None:
    raise OSError(28, "No space left on device")


def test_a_bus_without_timedated_is_said_in_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with private_bus(tmp_path, monkeypatch) as address:
        found = Timedate(RestNote(tmp_path), threading.Event(), address=not_the_systems(address))
        with pytest.raises(TimeRefused, match="no systemd-timedated"):
            found.look()


@pytest.mark.parametrize("address", ["unix:path=/nowhere/bus", "tcp:host=localhost,port=1", "nonsense"])
def test_a_machine_without_a_bus_is_said_in_words(tmp_path: Path, address: str) -> None:
    found = Timedate(RestNote(tmp_path), threading.Event(), address=address)
    with pytest.raises(TimeRefused, match="no systemd-timedated"):
        found.look()
    with pytest.raises(TimeRefused):
        found.set(Anchor(0, 1, "gps"), 0)


def test_a_bus_that_says_nothing_does_not_hold_it_up(
    tmp_path: Path, timed: StandInTimed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(timedate, "_ASK_SECONDS", 0.3)
    timed.is_mute = True
    with pytest.raises(TimeRefused):
        timedate_of(tmp_path, timed).look()
