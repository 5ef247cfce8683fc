"""A program of the system's is asked for what it prints, and holds nobody up."""

from __future__ import annotations

import subprocess
import threading
from pathlib import Path

import pytest

from dashcam.system.command_output import CommandStopped, CommandTooSlow, command_output
from dashcam.system.run_command import CommandFailed

PATIENCE_SECONDS = 60.0


def shell(script: str) -> list[bytes]:
    return [b"sh", b"-c", script.encode()]


def gone_within_patience(pid: int) -> bool:
    """Whether a process that is nobody's child of ours has ended."""
    waiting = threading.Event()
    for _ in range(round(PATIENCE_SECONDS / 0.02)):
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except FileNotFoundError:
            return True
        if state == "Z":
            return True
        waiting.wait(0.02)
    return False


def test_both_outputs_and_the_exit_code_come_back() -> None:
    output = command_output(shell("printf out; printf err >&2; exit 7"), PATIENCE_SECONDS)
    assert (output.exit_code, output.stdout, output.stderr) == (7, b"out", b"err")


def test_more_than_a_pipe_holds_is_read() -> None:
    output = command_output(shell("head -c 300000 /dev/zero; head -c 200000 /dev/zero >&2"), PATIENCE_SECONDS)
    assert (output.exit_code, len(output.stdout), len(output.stderr)) == (0, 300_000, 200_000)


def test_what_it_prints_without_end_ends_it() -> None:
    with pytest.raises(CommandFailed, match="does not end"):
        command_output([b"yes"], PATIENCE_SECONDS)


def test_words_of_any_bytes_arrive_and_no_shell_reads_them() -> None:
    word = b"\xff $(echo x) ' \" \n"
    output = command_output([b"printf", b"%s", word], PATIENCE_SECONDS)
    assert output.stdout == word
    assert output.stdout.decode("ascii").encode("utf-8", "surrogateescape") == word


def test_it_speaks_english_and_utf_8_whatever_we_speak(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LC_ALL", "LANG", "LANGUAGE"):
        monkeypatch.setenv(name, "de_DE.ISO-8859-1")
    output = command_output(shell('printf "$LC_ALL|$LANG|$LANGUAGE"'), PATIENCE_SECONDS)
    assert output.stdout == b"C.UTF-8|C.UTF-8|"


def test_with_the_limit_it_is_ended() -> None:
    with pytest.raises(CommandTooSlow, match=r"longer than 0\.3 s"):
        command_output(shell("trap '' TERM; sleep 600"), 0.3)


class StopsWhenThere(threading.Event):
    """The dashcam ends as soon as there is this file."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.path = path

    def is_set(self) -> bool:
        return self.path.exists()


def test_what_is_ended_is_ended_with_all_that_it_started(tmp_path: Path) -> None:
    note = tmp_path / "pid"
    script = f"trap '' TERM; sleep 600 & echo $! > {note}.new; mv {note}.new {note}; wait"
    with pytest.raises(CommandStopped):
        command_output(shell(script), PATIENCE_SECONDS, StopsWhenThere(note))
    assert gone_within_patience(int(note.read_text()))


def test_what_it_left_behind_with_the_pipes_open_is_not_waited_for_and_ends(tmp_path: Path) -> None:
    note = tmp_path / "pid"
    output = command_output(shell(f"sleep 600 & echo $! > {note}; printf done"), PATIENCE_SECONDS)
    assert output.stdout == b"done"
    assert gone_within_patience(int(note.read_text()))


def test_closed_pipes_are_no_end() -> None:
    with pytest.raises(CommandTooSlow):
        command_output(shell("exec >&- 2>&-; exec sleep 600"), 0.3)


def test_nobody_waits_once_the_dashcam_ends() -> None:
    stop = threading.Event()
    stop.set()
    with pytest.raises(CommandStopped, match="ends"):
        command_output([b"sleep", b"600"], PATIENCE_SECONDS, stop)


def test_what_is_not_installed_is_an_error_with_its_name() -> None:
    with pytest.raises(CommandFailed, match="no-such-program"):
        command_output([b"no-such-program"], PATIENCE_SECONDS)


def test_libraries_get_the_error_that_they_expect() -> None:
    output = command_output(shell("printf '\\377' >&2; exit 3"), PATIENCE_SECONDS)
    with pytest.raises(subprocess.CalledProcessError) as caught:
        output.check(["x"])
    assert caught.value.returncode == 3
    assert caught.value.stderr.decode("ascii") == "\udcff"


def test_nothing_of_ours_stays_open() -> None:
    before = len(list(Path("/proc/self/fd").iterdir()))
    for _ in range(30):
        command_output([b"true"], PATIENCE_SECONDS)
    assert len(list(Path("/proc/self/fd").iterdir())) < before + 30
