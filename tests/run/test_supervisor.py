"""Parts are kept running and stopped in good order, shown on real processes and an injected clock."""

from __future__ import annotations

import logging
import os
import sys
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from dashcam.run.parts import Part, PartName
from dashcam.run.supervisor import (
    BACK_OFF_SECONDS,
    HEALTHY_SECONDS,
    Finished,
    GiveUp,
    Restart,
    Supervisor,
    judge_end,
    words_of_end,
)

LONG_SECONDS = 60.0

# Writes its name to a file when it is asked to end.
OBEDIENT = """
import signal, sys
def end(_number, _frame):
    with open(sys.argv[2], "a") as file:
        file.write(sys.argv[1] + " ")
    raise SystemExit(0)
signal.signal(signal.SIGTERM, end)
print("<6>ready", flush=True)
while True:
    signal.pause()
"""
DEAF = """
import signal
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("<6>ready", flush=True)
while True:
    signal.pause()
"""


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class Kept:
    """A supervisor with its clock and what it was told."""

    def __init__(self, parts: Sequence[Part]) -> None:
        self.clock = Clock()
        self.lines: list[tuple[PartName, int | None, str]] = []
        self.has_line = threading.Semaphore(0)
        self.last_words: list[str] = []
        self.supervisor = Supervisor(
            parts,
            line=self.take_line,
            last_words=lambda _part, texts: self.last_words.extend(texts),
            environment=os.environ,
            monotonic=self.clock,
        )

    def take_line(self, part: PartName, level: int | None, text: str) -> None:
        self.lines.append((part, level, text))
        self.has_line.release()

    def wait_for_lines(self, count: int) -> None:
        for _ in range(count):
            assert self.has_line.acquire(timeout=LONG_SECONDS)

    def wait_for_death(self, part: PartName) -> None:
        os.waitid(os.P_PID, self.supervisor.process_ids()[part], os.WEXITED | os.WNOWAIT)
        self.supervisor.turn()

    def pass_back_off(self, part: PartName, seconds: float) -> None:
        """Not for a part that was started again at once: another turn may find it dead once more."""
        if not self.is_running(part):
            self.clock.now += seconds
            self.supervisor.turn()

    def is_running(self, part: PartName) -> bool:
        return part in self.supervisor.process_ids()


@pytest.fixture
def keep() -> Iterator[type[Kept]]:
    made: list[Kept] = []

    class Remembered(Kept):
        def __init__(self, parts: Sequence[Part]) -> None:
            super().__init__(parts)
            made.append(self)

    yield Remembered
    for kept in made:
        kept.supervisor.stop()


def shell(name: PartName, script: str, **facts: bool) -> Part:
    return Part(name, ("sh", "-c", script), stop_rank=1, end_seconds=LONG_SECONDS, **facts)  # type: ignore[arg-type]


def python(name: PartName, script: str, *arguments: str, stop_rank: int = 1, end_seconds: float = LONG_SECONDS) -> Part:
    return Part(name, (sys.executable, "-c", script, *arguments), stop_rank=stop_rank, end_seconds=end_seconds)


def test_a_dead_part_is_started_again_at_once_and_then_ever_later(keep: type[Kept]) -> None:
    kept = keep([shell("recorder", "exit 70")])
    kept.supervisor.start()
    kept.wait_for_death("recorder")
    assert kept.is_running("recorder")
    for delay in (*BACK_OFF_SECONDS[1:], BACK_OFF_SECONDS[-1]):
        kept.wait_for_death("recorder")
        kept.clock.now += delay - 0.01
        kept.supervisor.turn()
        assert not kept.is_running("recorder")
        kept.clock.now += 0.02
        kept.supervisor.turn()
        assert kept.is_running("recorder")


def test_the_back_off_begins_anew_after_a_healthy_run(keep: type[Kept], caplog: pytest.LogCaptureFixture) -> None:
    kept = keep([shell("recorder", "exit 70")])
    kept.supervisor.start()
    for delay in BACK_OFF_SECONDS[:3]:
        kept.wait_for_death("recorder")
        kept.pass_back_off("recorder", delay)
    kept.clock.now += HEALTHY_SECONDS
    kept.wait_for_death("recorder")
    starts_again = [message.rpartition(" again ")[2] for message in caplog.messages]
    assert starts_again == ["at once", "in 1 s", "in 2 s", "at once"]
    assert caplog.messages[0] == "the recorder ended with code 70; it is started again at once"


def test_who_has_done_some_work_is_started_again_at_once(keep: type[Kept], caplog: pytest.LogCaptureFixture) -> None:
    kept = keep([shell("recorder", "exit 70"), shell("page", "exit 1")])
    kept.supervisor.start()
    for _ in range(3):
        kept.supervisor.note_work(kept.supervisor.process_ids()["recorder"])
        kept.wait_for_death("recorder")
    assert [message for message in caplog.messages if "recorder" in message] == [
        "the recorder ended with code 70; it is started again at once"
    ] * 3
    kept.supervisor.note_work(1)  # somebody else's
    kept.wait_for_death("recorder")
    assert "the recorder ended with code 70; it is started again in 1 s" in caplog.messages


def test_the_death_of_one_part_touches_no_other(keep: type[Kept], tmp_path: Path) -> None:
    kept = keep([python("recorder", OBEDIENT, "recorder", str(tmp_path / "end")), shell("page", "exit 1")])
    kept.supervisor.start()
    recorder = kept.supervisor.process_ids()["recorder"]
    kept.wait_for_lines(1)
    for _ in range(3):
        kept.wait_for_death("page")
        kept.pass_back_off("page", BACK_OFF_SECONDS[-1])
    assert kept.supervisor.process_ids()["recorder"] == recorder
    assert not kept.supervisor.is_over


PARTS = {
    "recorder for a while": shell("recorder", "", ends_when_done=True),
    "recorder": shell("recorder", ""),
    "page": shell("page", "", ends_all=False),
}


@pytest.mark.parametrize(
    ("part", "exit_code", "deaths", "judgement"),
    [
        ("recorder for a while", 0, 1, Finished()),
        ("recorder for a while", 70, 1, Restart(0.0)),
        ("recorder for a while", 3, 1, GiveUp()),
        ("recorder", 0, 1, Restart(0.0)),
        ("recorder", 1, 2, Restart(1.0)),
        ("recorder", -9, 3, Restart(2.0)),
        ("recorder", 2, 1, GiveUp()),
        ("recorder", 3, 1, GiveUp()),
        ("page", 1, 100, Restart(30.0)),
        ("page", 3, 1, GiveUp()),
    ],
)
def test_what_an_end_means(part: str, exit_code: int, deaths: int, judgement: Restart | GiveUp | Finished) -> None:
    assert judge_end(PARTS[part], exit_code, deaths) == judgement


def test_a_recorder_that_has_done_its_time_ends_all_with_success(keep: type[Kept]) -> None:
    kept = keep([shell("recorder", "exit 0", ends_when_done=True)])
    kept.supervisor.start()
    kept.wait_for_death("recorder")
    assert kept.supervisor.is_over
    assert kept.supervisor.exit_code == 0


def test_a_second_dashcam_on_the_same_card_ends_all_with_its_code(keep: type[Kept]) -> None:
    kept = keep([shell("keeper", "exit 3")])
    kept.supervisor.start()
    kept.wait_for_death("keeper")
    assert kept.supervisor.is_over
    assert kept.supervisor.exit_code == 3


def test_without_a_page_the_recording_goes_on(keep: type[Kept], caplog: pytest.LogCaptureFixture) -> None:
    kept = keep([shell("page", "exit 3", ends_all=False)])
    kept.supervisor.start()
    kept.wait_for_death("page")
    kept.clock.now += 10 * BACK_OFF_SECONDS[-1]
    kept.supervisor.turn()
    assert not kept.supervisor.is_over
    assert kept.supervisor.given_up() == ["page"]
    assert "the recording goes on without it" in caplog.text


def test_a_program_that_is_not_there_is_tried_again(keep: type[Kept], caplog: pytest.LogCaptureFixture) -> None:
    kept = keep([Part("keeper", ("/absent/program",), stop_rank=1, end_seconds=1.0)])
    kept.supervisor.start()
    assert "the keeper cannot be started" in caplog.text
    assert kept.supervisor.given_up() == []
    assert not kept.is_running("keeper")


def test_parts_stop_in_the_order_of_their_rank(keep: type[Kept], tmp_path: Path) -> None:
    end = tmp_path / "end"
    kept = keep(
        [
            python("recorder", OBEDIENT, "recorder", str(end), stop_rank=2),
            python("keeper", OBEDIENT, "keeper", str(end), stop_rank=3),
            python("page", OBEDIENT, "page", str(end), stop_rank=1),
        ]
    )
    kept.supervisor.start()
    kept.wait_for_lines(3)
    assert kept.supervisor.stop()
    assert end.read_text() == "page recorder keeper "
    assert kept.supervisor.process_ids() == {}
    assert kept.supervisor.stop()


def test_what_does_not_end_is_killed_with_a_complaint_and_the_others_end_properly(
    keep: type[Kept], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    end = tmp_path / "end"
    kept = keep(
        [
            python("page", DEAF, stop_rank=1, end_seconds=0.05),
            python("recorder", OBEDIENT, "recorder", str(end), stop_rank=2),
        ]
    )
    kept.supervisor.start()
    kept.wait_for_lines(2)
    pids = kept.supervisor.process_ids().values()
    assert not kept.supervisor.stop()
    assert end.read_text() == "recorder "
    assert "the page did not end within 0.05 s and was killed" in caplog.text
    for pid in pids:
        with pytest.raises(ChildProcessError):
            os.waitpid(pid, os.WNOHANG)


def test_a_failing_preparation_does_not_keep_a_part_from_being_stopped(keep: type[Kept], tmp_path: Path) -> None:
    def fail() -> None:
        raise ZeroDivisionError

    end = tmp_path / "end"
    command = (sys.executable, "-c", OBEDIENT, "keeper", str(end))
    kept = keep([Part("keeper", command, stop_rank=1, end_seconds=LONG_SECONDS, before_stop=fail)])
    kept.supervisor.start()
    kept.wait_for_lines(1)
    assert kept.supervisor.stop()
    assert end.read_text() == "keeper "


def test_a_part_that_waits_for_its_restart_is_not_started_after_stop(keep: type[Kept]) -> None:
    kept = keep([shell("page", "exit 1")])
    kept.supervisor.start()
    kept.wait_for_death("page")
    kept.wait_for_death("page")  # after the first it was started again at once
    assert not kept.is_running("page")
    kept.supervisor.stop()
    kept.clock.now += 1000
    kept.supervisor.turn()
    assert not kept.is_running("page")


def test_lines_come_with_their_level(keep: type[Kept]) -> None:
    kept = keep([shell("page", "echo '<4>web: slow'; echo '<6>web: ready'; echo 'a library speaks'")])
    kept.supervisor.start()
    kept.wait_for_death("page")
    assert kept.lines[:3] == [  # it has been started again and may have said more
        ("page", logging.WARNING, "web: slow"),
        ("page", logging.INFO, "web: ready"),
        ("page", None, "a library speaks"),
    ]


def test_the_last_words_of_a_failed_part_are_told_once_more(keep: type[Kept]) -> None:
    kept = keep([python("page", "print('<6>fine', flush=True)\nraise ZeroDivisionError('of all things')")])
    kept.supervisor.start()
    kept.wait_for_death("page")
    assert kept.last_words[0] == "Traceback (most recent call last):"
    assert kept.last_words[-1] == "ZeroDivisionError: of all things"


def test_who_ends_well_has_no_last_words(keep: type[Kept]) -> None:
    kept = keep([shell("recorder", "echo a library speaks")])
    kept.supervisor.start()
    kept.wait_for_death("recorder")
    assert kept.last_words == []


@pytest.mark.parametrize(
    ("exit_code", "words"),
    [
        (0, "ended with code 0"),
        (70, "ended with code 70"),
        (-9, "was ended by SIGKILL"),
        (-99, "was ended by signal 99"),
    ],
)
def test_an_end_in_words(exit_code: int, words: str) -> None:
    assert words_of_end(exit_code) == words
