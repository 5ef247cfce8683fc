"""`dashcam network` as a process: told the time by a recorder, killed at the worst moment, ended by a signal."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from dashcam.link.client import ask
from dashcam.link.messages import SettingsChanged, SettingsTaken
from dashcam.link.status import ClockStatus
from dashcam.network.timedate import TIMESYNCD
from dashcam.system.log_file import read_log
from tests import golden_values as golden
from tests.network.processes import LIMIT_SECONDS, program, status_of, words_of
from tests.network.stand_in_timed import SECOND, StandInTimed
from tests.recorder.asked import wait_until
from tests.recorder.running import Systemd
from tests.web.stand_ins import StandInRecorder

START, STOP, SET = ("StartUnit", TIMESYNCD), ("StopUnit", TIMESYNCD), ("SetTime",)
REAL = ("dashcam", "network", "--data")
# In megabytes; it is one of four on a small board.
MOST_RESIDENT = 30
DAY_NS = 86_400 * SECOND
SAVED = msgspec.structs.replace(golden.STATUS.clock, source="saved", error_seconds=None)


def a_day_ahead() -> ClockStatus:
    return ClockStatus(
        utc="",
        source="gps",
        zone="",
        error_seconds=0.5,
        monotonic_ns=time.monotonic_ns(),
        utc_ns=time.time_ns() + DAY_NS,
    )


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "card"
    (folder / ".state").mkdir(parents=True)
    return folder


@pytest.fixture
def recorder(data: Path) -> Iterator[StandInRecorder]:
    made = StandInRecorder(data / ".state")
    made.say(clock=SAVED)
    made.start()
    yield made
    made.close()


def wait_for_words(data: Path, words: str) -> None:
    wait_until(lambda: words in words_of(data), words)


def test_it_answers_logs_and_ends_in_good_order(data: Path, timed: StandInTimed, tmp_path: Path) -> None:
    systemd = Systemd(tmp_path)
    with program(data, timed, REAL, **systemd.environment, WATCHDOG_USEC="1000000") as process:
        systemd.wait_for("READY=1")
        systemd.wait_for("WATCHDOG=1")
        wait_until(lambda: bool(words_of(data)), "an answer")
        status = status_of(data)
        assert (status.pid, status.clock.sets) == (process.pid, 0)
        assert ask(data / ".state", "network", SettingsChanged(), SettingsTaken).pending == ()
        process.send_signal(signal.SIGTERM)
        assert process.wait(LIMIT_SECONDS) == 0
    systemd.wait_for("STOPPING=1")
    systemd.close()
    assert timed.done == []


def test_without_a_bus_it_runs_says_so_in_its_log_and_disturbs_nothing(
    data: Path, timed: StandInTimed, recorder: StandInRecorder
) -> None:
    with program(data, timed, REAL, DBUS_SYSTEM_BUS_ADDRESS="unix:path=/nowhere/bus") as process:
        wait_until(
            lambda: any("no systemd-timedated" in line.text for line in read_log(data / ".state", "network").lines),
            "the words in the log",
        )
        assert process.poll() is None
        assert not status_of(data).clock.can_set
    assert recorder.asked == []


def test_there_is_one_for_a_state(data: Path, timed: StandInTimed) -> None:
    with program(data, timed, REAL):
        wait_until(lambda: bool(words_of(data)), "an answer")
        with program(data, timed, REAL) as second:
            assert second.wait(LIMIT_SECONDS) == 3


def test_it_is_light(data: Path, timed: StandInTimed, recorder: StandInRecorder) -> None:
    with program(data, timed, REAL) as process:
        wait_until(lambda: "recorder" not in words_of(data) and bool(words_of(data)), "the recorder's word")
        fields = dict(line.split(":", 1) for line in Path(f"/proc/{process.pid}/status").read_text().splitlines())
    assert recorder.status.clock == SAVED
    assert int(fields["VmRSS"].split()[0]) < MOST_RESIDENT * 1024


def test_a_recorders_word_sets_the_clock_once_by_the_monotonic_clock(
    data: Path, timed: StandInTimed, recorder: StandInRecorder
) -> None:
    timed.states[TIMESYNCD] = "active"
    with program(data, timed):
        wait_for_words(data, "Nobody has told a better time")
        assert timed.done == []
        clock = a_day_ahead()
        recorder.say(clock=clock)
        wait_until(lambda: START in timed.done, "the clock is set")
        wait_for_words(data, "Set from GPS; it was 24 h behind.")
        status = status_of(data).clock
    assert timed.done == [STOP, SET, START]
    [usec], [asked_at_ns] = timed.set_usec, timed.set_at_ns
    # Told when it was sent, which was after the recorder's word and before it came here.
    told_at_ns = clock.monotonic_ns + usec * 1000 - clock.utc_ns
    assert clock.monotonic_ns - 1000 <= told_at_ns <= asked_at_ns
    assert status.sets == 1
    # This machine's own clock stays as it is, and it is said.
    assert status.offset_seconds == pytest.approx(-86_400, abs=5)
    assert "WARNING" in (log := (data.parent / "network.log").read_text())
    assert "source: gps" in log


def test_killed_between_stop_and_start_the_next_one_starts_the_service(
    data: Path, timed: StandInTimed, recorder: StandInRecorder
) -> None:
    timed.states[TIMESYNCD] = "active"
    with program(data, timed) as process:

        def kill(method: str) -> None:
            if method == "SetTime":
                process.kill()
                process.wait()

        timed.asking = kill
        recorder.say(clock=a_day_ahead())
        assert process.wait(LIMIT_SECONDS) == -signal.SIGKILL
        wait_until(lambda: SET in timed.done, "the last that was asked for")
    assert timed.done == [STOP, SET]
    assert timed.states == {TIMESYNCD: "inactive"}
    recorder.say(clock=SAVED)
    with program(data, timed):
        wait_until(lambda: timed.states == {TIMESYNCD: "active"}, "the service")
        wait_for_words(data, "Nobody has told a better time")
    assert timed.done == [STOP, SET, START]


def test_asked_to_end_in_the_middle_of_a_rest_it_starts_the_service_first(
    data: Path, timed: StandInTimed, recorder: StandInRecorder
) -> None:
    timed.states[TIMESYNCD] = "active"
    timed.looks_until_stopped = 1_000_000
    with program(data, timed) as process:
        recorder.say(clock=a_day_ahead())
        wait_until(lambda: STOP in timed.done, "the stop")
        process.send_signal(signal.SIGTERM)
        assert process.wait(LIMIT_SECONDS) == 0
    assert timed.done == [STOP, START]


def test_a_recorder_may_come_and_go(data: Path, timed: StandInTimed, recorder: StandInRecorder) -> None:
    with program(data, timed) as process:
        wait_for_words(data, "Nobody has told a better time")
        recorder.close()
        wait_for_words(data, "Waits for the recorder")
        again = StandInRecorder(data / ".state")
        again.say(clock=a_day_ahead())
        again.start()
        try:
            wait_until(lambda: timed.done == [SET], "the clock is set by the next one")
        finally:
            again.close()
        wait_for_words(data, "Waits for the recorder")
        assert process.poll() is None
