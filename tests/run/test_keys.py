"""S at the terminal saves without Enter, and the terminal is left as it was."""

from __future__ import annotations

import os
import signal
import termios
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from dashcam.link.messages import Saved
from dashcam.run.keys import Keys, save, saved_words
from tests.run.running import Running

Start = Callable[..., Running]


@pytest.fixture
def at_terminal(tmp_path: Path) -> Iterator[Running]:
    running = Running(tmp_path / "data", tmp_path / "events", at_terminal=True, is_read=True)
    yield running
    running.process.kill()
    running.process.wait()
    running.remove_sockets()


def modes_of(terminal: int) -> int:
    return int(termios.tcgetattr(terminal)[3]) & (termios.ICANON | termios.ECHO)


def test_one_key_saves_and_says_how_much(at_terminal: Running) -> None:
    before = modes_of(at_terminal.terminal)
    assert before
    at_terminal.wait_until_all_run()
    at_terminal.output.wait_for("Press S to save what has just happened")
    assert modes_of(at_terminal.terminal) == 0
    os.write(at_terminal.terminal, b"s")
    at_terminal.events.wait_for("recorder saves for button\n")
    first = at_terminal.output.wait_for(r"Saved: the last 60 s and the next 10 s")
    os.write(at_terminal.terminal, b"xS\n")
    at_terminal.output.wait_for(r"Saved: the last 60 s", after=first.end())
    # What was pressed is not shown.
    assert "xS" not in at_terminal.output.text
    os.write(at_terminal.terminal, b"\x03")
    assert at_terminal.wait() == 0
    assert modes_of(at_terminal.terminal) == before


def test_without_a_terminal_there_are_no_keys(tmp_path: Path) -> None:
    pressed: list[None] = []
    for stream in (None, (tmp_path / "file").open("w+")):
        keys = Keys(stream, lambda: pressed.append(None))
        assert not keys.start()
        keys.close()
        keys.close()
    assert pressed == []
    assert signal.getsignal(signal.SIGTTIN) == signal.SIG_DFL


def test_less_than_asked_for_is_said_and_so_is_that_nothing_is_recorded(tmp_path: Path) -> None:
    little = Saved(id="1-9", clip_ids=("1-1",), before_seconds=12.3, after_seconds=0.0, words="12 of 60 seconds")
    assert saved_words(little) == "Saved: the last 12 s (12 of 60 seconds)"
    assert save(tmp_path).startswith("NOT SAVED: ")
