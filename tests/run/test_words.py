"""What the person at the terminal reads."""

from __future__ import annotations

import io
from typing import Any

import msgspec
import pytest

from dashcam.link.messages import EventStatus, ModeStatus, RecorderStatus
from dashcam.run.console import Console, cut_to_width
from dashcam.run.teller import Teller
from dashcam.run.words import NO_RECORDER, is_calm, status_line
from tests.golden_values import STATUS


def status(**facts: Any) -> RecorderStatus:
    queue = msgspec.structs.replace(STATUS.queue, dropped_frames=0)
    recording = {"is_recording": True, "state": "recording", "reason": "", "warnings": (), "queue": queue}
    return msgspec.structs.replace(STATUS, **{**recording, **facts})


def with_losses(lost: int) -> RecorderStatus:
    return status(queue=msgspec.structs.replace(STATUS.queue, dropped_frames=lost))


NO_CARD = status(is_recording=False, state="no_card", reason="the card is gone; put it in")
STARTING = status(is_recording=False, state="starting", open_clip=None)


class Terminal(io.StringIO):
    """A terminal that remembers."""

    def isatty(self) -> bool:
        return True

    def lines(self) -> list[str]:
        """What stands on it: a carriage return begins the line anew."""
        return [line.split("\r\x1b[K")[-1] for line in self.getvalue().split("\n")]


class Told:
    def __init__(self, out: io.StringIO | None = None) -> None:
        self.out = out or io.StringIO()
        self.now = 0.0
        console = Console(self.out, {"TERM": "xterm", "NO_COLOR": "1"})
        self.teller = Teller(console, monotonic=lambda: self.now, clock=lambda: "14:45:00")

    def turn(self, *statuses: RecorderStatus | None, seconds: float = 0.25) -> None:
        for one in statuses:
            self.teller.turn(one)
            self.now += seconds

    def lines(self) -> list[str]:
        return [line.removeprefix("14:45:00 ") for line in self.out.getvalue().splitlines()]


def test_nothing_is_said_while_nothing_changes() -> None:
    told = Told()
    told.turn(*[status()] * 1000)
    assert len(told.lines()) == 1
    assert told.lines()[0].startswith("Recording: ")


def test_no_recording_is_said_at_once_and_again_ever_less_often() -> None:
    told = Told()
    told.turn(status(), *[NO_CARD] * 241)  # a minute
    assert told.lines()[1:] == ["NOT RECORDING: the card is gone; put it in"] * 2
    told.turn(*[NO_CARD] * (4 * 60 * 20), status(), NO_CARD)  # twenty more
    assert told.lines()[3:-2] == ["NOT RECORDING: the card is gone; put it in"] * 2
    assert told.lines()[-1] == "NOT RECORDING: the card is gone; put it in"


def test_a_recorder_that_was_started_anew_is_said_to_record_again() -> None:
    told = Told()
    told.turn(status(pid=17), status(pid=17), None, status(pid=18), status(pid=18))
    assert [line.partition(":")[0] for line in told.lines()] == ["Recording", "Recording again"]


def test_frames_that_found_no_card_are_not_blamed_on_a_slow_one() -> None:
    told = Told()
    unwritable = msgspec.structs.replace(with_losses(300), is_recording=False, state="card_read_only", reason="why")
    told.turn(with_losses(0), *[unwritable] * 80, with_losses(310), with_losses(312), seconds=10)
    assert [line.partition(" since")[0] for line in told.lines() if "lost" in line] == [
        "10 frames lost",
        "12 frames lost",
    ]
    assert "lost" not in status_line(unwritable)


def test_a_recording_that_comes_back_is_said() -> None:
    told = Told()
    told.turn(status(), NO_CARD, status(), status())
    assert [line.partition(":")[0] for line in told.lines()] == ["Recording", "NOT RECORDING", "Recording again"]


@pytest.mark.parametrize("silent", [None, STARTING])
def test_a_start_has_a_little_patience_and_no_more(silent: RecorderStatus | None) -> None:
    told = Told()
    told.turn(*[silent] * 39)
    assert told.lines() == []
    told.turn(*[silent] * 3)
    assert len(told.lines()) == 1
    assert told.lines()[0].startswith("NOT RECORDING: ")


def test_a_restart_has_the_same_patience() -> None:
    told = Told()
    told.turn(status(), *[None] * 39, status())
    assert len(told.lines()) == 1
    told.turn(*[None] * 42)
    assert told.lines()[1] == f"NOT RECORDING: {NO_RECORDER}"


def test_each_warning_is_said_when_it_comes() -> None:
    told = Told()
    told.turn(status(), status(warnings=("a",)), status(warnings=("a", "b")), status(), status(warnings=("a",)))
    assert told.lines()[1:] == ["Warning: a", "Warning: b", "Warning: a"]


def test_lost_frames_are_said_but_not_four_times_a_second() -> None:
    told = Told()
    told.turn(with_losses(0), *[with_losses(lost) for lost in range(1, 81)])  # twenty seconds of losses
    assert [line.split()[0] for line in told.lines()[1:]] == ["1", "41"]
    told.turn(*[with_losses(80)] * 80)
    assert told.lines()[-1].startswith("80 frames lost")
    told.turn(with_losses(0), with_losses(3), seconds=60.0)
    assert told.lines()[-1].startswith("3 frames lost")


def test_a_stand_in_for_the_camera_is_never_silent() -> None:
    told = Told()
    assert STATUS.camera is not None
    told.turn(status(camera=msgspec.structs.replace(STATUS.camera, is_fallback=True)))
    assert "no camera was found" in told.lines()[0]


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({}, " · GPS · "),
        ({"status": "searching"}, " · no GPS fix · "),
        ({"status": "stale"}, " · no GPS fix · "),
        ({"is_connected": False}, ""),
        ({"is_real": False}, ""),
    ],
)
def test_the_status_line_has_gps_where_there_is_a_receiver(facts: dict[str, Any], words: str) -> None:
    line = status_line(status(gps=msgspec.structs.replace(STATUS.gps, **facts)))
    assert words in line
    assert ("GPS" in line) == bool(words)


@pytest.mark.parametrize(
    ("shown", "words"),
    [
        (status(), ["● Recording", " free", "no frame lost"]),
        (with_losses(1), ["● Recording", "1 frame lost"]),
        (with_losses(12), ["12 frames lost"]),
        (NO_CARD, ["NOT RECORDING: the card is gone"]),
        (STARTING, ["The camera is being started"]),
        (None, [f"NOT RECORDING: {NO_RECORDER}"]),
        (status(is_recording=False, state="stopped"), ["NOT RECORDING: stopped by hand"]),
        (status(warnings=("little space is left",)), ["● Recording", "little space is left"]),
    ],
)
def test_the_status_line_says_all_at_a_glance(shown: RecorderStatus | None, words: list[str]) -> None:
    line = status_line(shown)
    assert all(word in line for word in words), line
    assert "\n" not in line


def test_a_start_that_has_only_begun_is_no_alarm() -> None:
    assert status_line(None, is_patient=True) == "Starting"
    terminal = Terminal()
    told = Told(terminal)
    told.turn(None, None)
    assert terminal.lines() == ["Starting"]
    told.turn(None, seconds=60.0)
    told.turn(None)
    assert terminal.lines()[-1].startswith("NOT RECORDING")


def test_clip_time_reads_as_minutes_and_seconds() -> None:
    assert STATUS.open_clip is not None
    line = status_line(status(open_clip=msgspec.structs.replace(STATUS.open_clip, seconds=75.9)))
    assert "1:15" in line


def test_the_status_line_keeps_itself_up_to_date_below_the_others() -> None:
    terminal = Terminal()
    told = Told(terminal)
    told.turn(status(), NO_CARD, None)
    told.teller.say("a line")
    lines = terminal.lines()
    assert [line.partition(":")[0] for line in lines[:-1]] == ["14", "14", "14"]
    assert lines[-1] == "Starting"
    assert terminal.getvalue().count("● Recording") == 2  # once as the line, once below the line that came next


def console_of(out: io.StringIO, **environment: str) -> Console:
    return Console(out, {"TERM": "xterm", **environment})


def test_colours_are_for_terminals_that_want_them() -> None:
    plain, coloured, unwanted = io.StringIO(), Terminal(), Terminal()
    for out, environment in ((plain, {}), (coloured, {}), (unwanted, {"NO_COLOR": "1"})):
        console = console_of(out, **environment)
        console.show("NOT RECORDING", "bad")
        console.say("line")
    assert plain.getvalue() == "line\n"
    assert "\x1b[1;31m" in coloured.getvalue()
    assert "\x1b[1;31m" not in unwanted.getvalue()


def test_a_dumb_terminal_has_no_status_line() -> None:
    terminal = Terminal()
    console_of(terminal, TERM="dumb").show("status")
    assert terminal.getvalue() == ""


def test_a_clear_console_has_no_status_line_left() -> None:
    terminal = Terminal()
    console = console_of(terminal)
    console.show("status")
    console.clear()
    console.clear()
    console.say("last words")
    assert terminal.lines() == ["last words", ""]


@pytest.mark.parametrize("trouble", [OSError(5, "the terminal has hung up"), ValueError("closed file")])
def test_a_terminal_that_goes_away_is_no_error(trouble: Exception) -> None:
    class Gone(Terminal):
        def write(self, _text: str) -> int:
            raise trouble

    console = console_of(Gone())
    console.say("is anybody there?")
    console.show("no")
    console.clear()


def test_what_the_terminal_cannot_write_is_replaced() -> None:
    written = io.BytesIO()
    out = io.TextIOWrapper(written, encoding="ascii")
    Console(out, {}).say("● recording · fine")
    assert written.getvalue() == b"? recording ? fine\n"


@pytest.mark.parametrize(("columns", "cut"), [(5, "abcde"), (4, "abc…"), (1, "…"), (0, "…")])
def test_a_line_is_cut_to_the_terminal(columns: int, cut: str) -> None:
    assert cut_to_width("abcde", columns) == cut


PARKED = ModeStatus(wanted="auto", mode="park", words="the car has stood for 10 minutes")
GUARDING = status(
    is_recording=False,
    state="guarding",
    reason=f"only events are recorded: {PARKED.words}",
    mode=PARKED,
    open_clip=None,
    event=None,
)


def test_a_guard_is_calm_and_says_why_it_guards() -> None:
    assert is_calm(GUARDING)
    assert status_line(GUARDING).startswith("Guarding: only events are recorded: the car has stood for 10 minutes · ")
    told = Told()
    told.turn(*[GUARDING] * 1000)
    assert len(told.lines()) == 1
    assert told.lines()[0].startswith("Guarding: ")
    assert told.lines()[0].endswith("; only events are recorded: the car has stood for 10 minutes")


def test_an_event_while_guarding_is_shown_and_is_no_new_story() -> None:
    event = EventStatus(id="1-7", cause="motion", seconds=12.4, is_durable=True)
    during = status(mode=PARKED, open_clip=None, event=event)
    assert status_line(during).startswith("● Recording an event (motion)  0:12 · ")
    told = Told()
    told.turn(GUARDING, during, GUARDING, during)
    assert len(told.lines()) == 1


def test_from_guarding_to_driving_it_is_told_that_it_records() -> None:
    told = Told()
    told.turn(GUARDING, status())
    assert [line.partition(":")[0] for line in told.lines()] == ["Guarding", "Recording"]


def test_off_is_said_plainly_and_not_loudly() -> None:
    off = status(
        is_recording=False, state="off", reason="the mode is off; choose another one to record", open_clip=None
    )
    assert is_calm(off)
    assert status_line(off).startswith("Not recording: the mode is off; choose another one to record · ")
    told = Told()
    told.turn(off)
    assert told.lines() == ["Not recording: the mode is off; choose another one to record"]
