"""The command that is told of events: without a shell, never for long, and tried again when it fails."""

from __future__ import annotations

import json
import shlex
import sys
import threading
from pathlib import Path

import pytest

from dashcam.keeper.notice_box import Notice, NoticeBox
from dashcam.keeper.notice_senders import COMMAND_TRIES, command_sender
from dashcam.system.run_command import CommandFailed, run_command
from tests.keeper.told import wait_until

WRITER = "import sys; open(sys.argv[1], 'a').write(sys.stdin.read())"


def test_a_command_gets_the_event_as_json_without_a_shell(tmp_path: Path) -> None:
    target = tmp_path / "it's $HOME; touch x"
    run_command([sys.executable, "-c", WRITER, str(target)], b'{"clip": 1}\n', 30.0, threading.Event())
    assert json.loads(target.read_text()) == {"clip": 1}
    assert not (tmp_path / "x").exists()


def test_a_command_that_hangs_or_fails_is_told_and_nothing_of_it_is_left(tmp_path: Path) -> None:
    pid_file = tmp_path / "pid"
    words = ["sh", "-c", f"sleep 1000 & echo $! > {pid_file}; wait"]
    stop = threading.Event()

    def stop_once_it_runs() -> None:
        wait_until(lambda: pid_file.exists() and bool(pid_file.read_text()))
        stop.set()

    threading.Thread(target=stop_once_it_runs).start()
    with pytest.raises(CommandFailed, match="ended"):
        run_command(words, b"", 1000.0, stop)
    gone = Path(f"/proc/{pid_file.read_text().strip()}")
    wait_until(lambda: not gone.exists() or "\nState:\tZ" in (gone / "status").read_text())
    with pytest.raises(CommandFailed, match="took longer"):
        run_command(["sleep", "1000"], b"x" * 1000, 0.05, threading.Event())
    with pytest.raises(CommandFailed, match="ended with 3"):
        run_command(["sh", "-c", "exit 3"], b"", 30.0, threading.Event())
    with pytest.raises(CommandFailed, match="cannot be started"):
        run_command(["/nonexistent/command"], b"", 30.0, threading.Event())


FAILS_OF_FIRST = "import sys; told = sys.stdin.read(); open(sys.argv[1], 'a').write(told); sys.exit('1' in told)"


def test_a_command_that_fails_is_tried_some_times_and_then_holds_nothing_up(tmp_path: Path) -> None:
    box = NoticeBox(tmp_path)
    told = tmp_path / "told"
    notices = [Notice(clip_id=f"1-{number}", content=json.dumps({"clip": number})) for number in (1, 2)]
    box.add(notices, ["command"])
    sender = command_sender(box, shlex.join([sys.executable, "-c", FAILS_OF_FIRST, str(told)]), first_rest_seconds=0.02)
    sender.start()
    try:
        wait_until(lambda: box.first("command") is None)
        assert [json.loads(line)["clip"] for line in told.read_text().split("\n") if line] == [1] * COMMAND_TRIES + [2]
        sender.take("/nonexistent/command")
        box.add(notices[:1], ["command"])
        sender.wake()
        wait_until(lambda: box.first("command") is None)
    finally:
        sender.close()
