"""Children: heard line by line, ended in good order, and never left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from dashcam.system.children import PARENT_VARIABLE, Child, die_with_parent

LONG_SECONDS = 60.0

# Tells through a named pipe that it runs and that it was asked to end.
CHILD = """
import os, sys
from dashcam.system.children import die_with_parent
from dashcam.system.signals import stop_event_on_signals
assert die_with_parent()
stop = stop_event_on_signals()
with open(sys.argv[1], "w", buffering=1) as tell:
    tell.write("running\\n")
    stop.wait()
    tell.write("ended properly\\n")
"""
PARENT = """
import sys, threading
from dashcam.system.children import Child
child = Child("child", [sys.executable, "-c", sys.argv[1], sys.argv[2]], print)
child.start()
threading.Event().wait()
"""


def new_child(script: str, *arguments: str) -> tuple[Child, list[str]]:
    lines: list[str] = []
    return Child("child", [sys.executable, "-c", script, *arguments], lines.append), lines


def wait_for_end(child: Child) -> int:
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    code = child.exit_code()
    assert code is not None
    return code


def test_lines_of_both_outputs_arrive_in_order_and_whole() -> None:
    child, lines = new_child("import sys; print('one', flush=True); print('zwö', file=sys.stderr); print('x' * 9000)")
    child.start()
    assert wait_for_end(child) == 0
    child.finish_reading()
    assert lines[:2] == ["one", "zwö"]
    assert "".join(lines[2:]) == "x" * 9000


def test_bytes_that_are_no_text_are_no_trouble() -> None:
    child, lines = new_child("import sys; sys.stdout.buffer.write(b'\\xff\\xfe caf\\xe9\\n')")
    child.start()
    wait_for_end(child)
    child.finish_reading()
    assert lines == ["\N{REPLACEMENT CHARACTER}" * 2 + " caf\N{REPLACEMENT CHARACTER}"]


def test_an_exit_code_and_a_signal_are_told_apart() -> None:
    failed, _ = new_child("raise SystemExit(7)")
    failed.start()
    assert wait_for_end(failed) == 7
    killed, _ = new_child("import os, signal; os.kill(os.getpid(), signal.SIGKILL)")
    killed.start()
    assert wait_for_end(killed) == -signal.SIGKILL
    failed.finish_reading()
    killed.finish_reading()


def test_an_absent_program_is_an_error_of_the_system(tmp_path: Path) -> None:
    child = Child("child", [str(tmp_path / "absent")], print)
    with pytest.raises(FileNotFoundError):
        child.start()
    assert child.stop(LONG_SECONDS)


def test_stop_lets_it_end_properly(tmp_path: Path) -> None:
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    child, _ = new_child(CHILD, str(fifo))
    child.start()
    with fifo.open() as told:
        assert told.readline() == "running\n"
        assert child.stop(LONG_SECONDS)
        assert told.read() == "ended properly\n"
    assert child.exit_code() == 0
    assert child.stop(LONG_SECONDS)


def test_what_does_not_end_is_killed() -> None:
    lines: list[str] = []
    is_running = threading.Event()

    def line(text: str) -> None:
        lines.append(text)
        is_running.set()

    script = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); signal.pause()"
    child = Child("child", [sys.executable, "-c", script], line)
    child.start()
    assert is_running.wait(LONG_SECONDS)
    assert not child.stop(0.05)
    assert child.exit_code() == -signal.SIGKILL


def test_ctrl_c_at_the_terminal_does_not_reach_it() -> None:
    child, lines = new_child("import os; print(os.getpgid(0) == os.getpid(), os.isatty(0))")
    child.start()
    wait_for_end(child)
    child.finish_reading()
    assert lines == ["True False"]


def test_what_systemd_told_the_parent_is_not_passed_on() -> None:
    lines: list[str] = []
    environment = {**os.environ, "NOTIFY_SOCKET": "@x", "WATCHDOG_USEC": "1", "KEPT": "yes"}
    child = Child(
        "child",
        [sys.executable, "-c", "import os; print([os.environ.get(k) for k in ('NOTIFY_SOCKET', 'KEPT')])"],
        lines.append,
        environment,
    )
    child.start()
    wait_for_end(child)
    child.finish_reading()
    assert lines == ["[None, 'yes']"]


def test_it_ends_properly_when_its_parent_is_killed(tmp_path: Path) -> None:
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    parent = subprocess.Popen([sys.executable, "-c", PARENT, CHILD, str(fifo)])
    with fifo.open() as told:
        assert told.readline() == "running\n"
        parent.kill()
        assert told.read() == "ended properly\n"
    parent.wait(LONG_SECONDS)


def test_a_child_whose_parent_is_gone_already_ends_at_once() -> None:
    script = "from dashcam.system.children import die_with_parent; die_with_parent(); print('lives on')"
    environment = {**os.environ, PARENT_VARIABLE: "1"}
    result = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, timeout=LONG_SECONDS, env=environment, check=False
    )
    assert (result.returncode, result.stdout, result.stderr) == (0, b"", b"")


def test_nobodys_child_goes_on() -> None:
    assert not die_with_parent({})
    assert not die_with_parent({PARENT_VARIABLE: "x"})
