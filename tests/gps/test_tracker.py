"""What a receiver says of itself, to a person."""

from __future__ import annotations

import logging

import msgspec
import pytest

from dashcam.clock import NANOSECONDS
from dashcam.gps.base import Fix, GpsState, NoReceiver, Status
from dashcam.gps.tracker import STALE_SECONDS, Tracker, status_of
from tests.gps.made import fix


class Clock:
    """Stands still until it is told."""

    seconds = 0.0

    def monotonic_ns(self) -> int:
        return round(self.seconds * NANOSECONDS)


@pytest.mark.parametrize(
    ("is_connected", "age", "status"),
    [
        (False, None, "absent"),
        (True, None, "searching"),
        (True, 0.0, "fix"),
        (True, STALE_SECONDS, "fix"),
        (True, STALE_SECONDS + 0.1, "stale"),
        (False, 1.0, "stale"),
        (False, 1000.0, "stale"),
    ],
)
def test_the_state_in_a_word(is_connected: bool, age: float | None, status: Status) -> None:
    assert status_of(is_connected=is_connected, good_age_seconds=age) == status


def test_a_drive_into_a_tunnel_and_out_again() -> None:
    clock, taken = Clock(), list[Fix]()
    tracker = Tracker("serial", taken.append, is_real=True, monotonic_ns=clock.monotonic_ns)
    told = []

    def tell() -> None:
        state = tracker.state()
        told.append((state.status, state.age_seconds, state.words))

    tell()
    tracker.disconnected("no GPS receiver was found; plug one in")
    tell()
    tracker.connected("/dev/ttyACM0 at 9600 baud")
    tell()
    tracker.take(msgspec.structs.replace(fix(0, place=None, verdict="no_fix"), satellites_in_view=3))
    tell()
    tracker.take(msgspec.structs.replace(fix(0), satellites=8))
    tell()
    clock.seconds = 7.0
    tracker.take(fix(7, verdict="imprecise"))
    tell()
    tracker.take(fix(7, verdict="implausible"))
    tell()
    tracker.take(fix(7, verdict="stale"))
    tell()
    clock.seconds = 9.0
    tracker.disconnected("gone; plug it in again")
    tell()
    assert told == [
        ("absent", None, "not started"),
        ("absent", None, "no GPS receiver was found; plug one in"),
        ("searching", None, "searching: no sentence yet"),
        ("searching", None, "searching: 3 satellites in view"),
        ("fix", 0.0, "fix from 8 satellites"),
        ("stale", 7.0, "no fix for 7 s: the place is only guessed"),
        ("stale", 7.0, "no fix for 7 s: the receiver says what cannot be"),
        ("stale", 7.0, "no fix for 7 s: the receiver repeats itself, or what it says comes late"),
        ("stale", 9.0, "gone; plug it in again"),
    ]
    assert [each.verdict for each in taken] == ["no_fix", "good", "imprecise", "implausible", "stale"]
    assert tracker.state().fix == taken[1]


def test_a_failing_owner_does_not_stop_the_receiver(caplog: pytest.LogCaptureFixture) -> None:
    def fail(_fix: Fix) -> None:
        raise RuntimeError("the card is full")

    tracker = Tracker("serial", fail, is_real=True)
    with caplog.at_level(logging.ERROR):
        tracker.take(fix())
        tracker.take(fix())
    assert len(caplog.records) == 1
    assert tracker.state().fix == fix()


def test_a_receiver_that_died_says_so() -> None:
    tracker = Tracker("serial", lambda _fix: None, is_real=True)
    tracker.connected("/dev/ttyACM0")
    tracker.died(MemoryError("too much"))
    assert (tracker.state().status, "too much" in tracker.state().words) == ("absent", True)


def test_no_receiver_has_the_shape_of_one() -> None:
    receiver = NoReceiver()
    receiver.start()
    receiver.close()
    assert msgspec.structs.replace(receiver.state(), words=GpsState().words) == GpsState()
    assert "switched off in the settings" in receiver.state().words
