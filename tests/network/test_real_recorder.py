"""A whole recorder, the network program as a process, and the same drive from a receiver, a file and a simulation."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from dashcam.clock import NANOSECONDS, RELEASE_UTC_NS, WallClock
from dashcam.link import messages as m
from tests.gps.pty_receiver import PtyReceiver
from tests.network.processes import program, words_of
from tests.network.stand_in_timed import StandInTimed
from tests.recorder.asked import wait_until
from tests.recorder.cameras import Cameras
from tests.recorder.running import RunningRecorder
from tests.recorder.test_gps_runs import tenths

SET = ("SetTime",)
DAY_NS = 86_400 * NANOSECONDS
# Far from this machine's own time, whenever the tests are run.
TRUTH = datetime.fromtimestamp((RELEASE_UTC_NS + 3000 * DAY_NS) // NANOSECONDS, UTC)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "card"
    (folder / ".state").mkdir(parents=True)
    return folder


def board() -> WallClock:
    """A clock without a chip; it goes on from when the machine was last on, long before this machine's own time."""
    started_ns = time.monotonic_ns()
    last_on_ns = RELEASE_UTC_NS + DAY_NS
    return WallClock(
        system_utc_ns=lambda: last_on_ns + time.monotonic_ns() - started_ns, evidence=lambda _utc_ns: "nothing"
    )


def utc_ns_of_set(usec: int, clock: m.ClockStatus, asked_at_ns: int) -> int:
    """How far the clock was set from what the recorder's time was when it was asked for."""
    return usec * 1000 - (clock.utc_ns + asked_at_ns - clock.monotonic_ns)


def test_a_real_receiver_sets_the_clock(data: Path, timed: StandInTimed, tmp_path: Path) -> None:
    port = tmp_path / "ttyUSB0"
    settings = ("gps.kind=serial", f"gps.device={port}")
    with (
        PtyReceiver(port, tenths(TRUTH, 6000)),
        RunningRecorder(data, Cameras(), *settings, clock=board()) as recorder,
        program(data, timed),
    ):
        recorder.wait_for(lambda status: status.clock.source == "gps", "time from GPS")
        wait_until(lambda: timed.done == [SET], "the clock is set")
        clock = recorder.status().clock
        wait_until(lambda: "Set from GPS" in words_of(data), "it is said")
    # Asked for a moment before it came; the receiver's own delay wanders by less than the second.
    assert -30 * NANOSECONDS < utc_ns_of_set(timed.set_usec[0], clock, timed.set_at_ns[0]) < NANOSECONDS


@pytest.mark.parametrize("kind", ["replay", "simulated"])
def test_a_replay_or_a_simulated_drive_never_does(data: Path, timed: StandInTimed, tmp_path: Path, kind: str) -> None:
    drive = tmp_path / "drive.nmea"
    drive.write_bytes(b"".join(tenths(TRUTH, 6000)))
    settings = (f"gps.kind={kind}", f"gps.source={drive}")
    with RunningRecorder(data, Cameras(), *settings, clock=board()) as recorder, program(data, timed):
        status = recorder.wait_for(lambda status: status.gps.status == "fix", "a fix")
        assert (status.gps.kind, status.gps.is_real) == (kind, False)
        wait_until(lambda: "Nobody has told a better time" in words_of(data), "the recorder's word")
        # By now a real receiver would long have been believed.
        recorder.wait_for(lambda later: later.uptime_seconds > status.uptime_seconds + 5, "more fixes")
        assert (recorder.status().clock.source, timed.done) == ("saved", [])
        # And all is in place to set it: a phone's word does.
        told_ns = time.monotonic_ns()
        truth_ns = RELEASE_UTC_NS + 2000 * DAY_NS
        offer = m.OfferTime(utc_ns=truth_ns, monotonic_ns=told_ns, error_seconds=0.1)
        assert recorder.ask(offer, m.TimeAnswer).is_taken
        wait_until(lambda: bool(timed.done), "the clock is set")
    assert timed.done == [SET]
    assert abs(timed.set_usec[0] * 1000 - truth_ns) < 60 * NANOSECONDS
