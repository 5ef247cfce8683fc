"""A child answers a line with a line; one that dies, hangs or talks nonsense is replaced."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from dashcam.system.answering_child import AnsweringChild, ChildFailed

# Answers with its pid and the question; some questions are commands.
PROGRAM = """
import os, sys, time
for line in sys.stdin:
    word = line.strip()
    if word == "die":
        os._exit(3)
    if word == "crash":
        os.abort()
    if word == "hang":
        time.sleep(3600)
    if word == "babble":
        while True:
            sys.stdout.write("x" * 100000)
    print(os.getpid(), word, flush=True)
"""
LIMIT_SECONDS = 30.0


@pytest.fixture
def child() -> Iterator[AnsweringChild]:
    asked = AnsweringChild([sys.executable, "-c", PROGRAM])
    yield asked
    asked.kill()


def ask(child: AnsweringChild, word: bytes, limit_seconds: float = LIMIT_SECONDS) -> tuple[int, str]:
    pid, _, answer = child.ask(word, limit_seconds).decode().partition(" ")
    return int(pid), answer


def test_it_starts_with_the_first_question_and_stays(child: AnsweringChild) -> None:
    assert child.pid is None
    first = ask(child, b"one")
    assert first[1] == "one"
    assert ask(child, b"two") == (first[0], "two")
    assert child.pid == first[0]


@pytest.mark.parametrize(("word", "reason"), [(b"die", "code 3"), (b"crash", "signal 6"), (b"babble", "does not end")])
def test_what_kills_it_is_told_and_another_is_started(child: AnsweringChild, word: bytes, reason: str) -> None:
    before = ask(child, b"one")[0]
    with pytest.raises(ChildFailed, match=reason):
        ask(child, word)
    assert child.pid is None
    assert not Path(f"/proc/{before}").exists(), "it is left behind"
    assert ask(child, b"two")[0] != before


def test_one_that_hangs_is_ended(child: AnsweringChild) -> None:
    before = ask(child, b"one")[0]
    with pytest.raises(ChildFailed, match=r"no answer within 0.2 s"):
        ask(child, b"hang", 0.2)
    assert not Path(f"/proc/{before}").exists()


def test_it_can_be_killed_while_somebody_waits_for_its_answer(child: AnsweringChild) -> None:
    ask(child, b"one")
    failed = threading.Event()

    def wait() -> None:
        with pytest.raises(ChildFailed):
            ask(child, b"hang")
        failed.set()

    waiting = threading.Thread(target=wait)
    waiting.start()
    while not failed.is_set():
        child.kill()
        failed.wait(0.1)
    waiting.join(LIMIT_SECONDS)
    child.kill()


def test_a_command_that_does_not_exist_is_told(tmp_path: Path) -> None:
    with pytest.raises(ChildFailed, match="cannot be started"):
        AnsweringChild([str(tmp_path / "nothing")]).ask(b"one", LIMIT_SECONDS)


def test_it_finds_our_package_from_anywhere_and_not_what_lies_around(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "dashcam.py").write_text("raise SystemExit('the wrong one')")
    monkeypatch.chdir(tmp_path)
    code = "import sys, dashcam.errors\nfor line in sys.stdin: print(dashcam.errors.__file__, flush=True)"
    child = AnsweringChild([sys.executable, "-P", "-c", code])
    assert b"dashcam/errors.py" in child.ask(b"where", LIMIT_SECONDS)
    child.close()


def test_it_ends_when_its_pipe_is_closed(child: AnsweringChild) -> None:
    pid = ask(child, b"one")[0]
    child.close()
    assert not Path(f"/proc/{pid}").exists()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, signal.SIGTERM)
