"""The log file of a program: bounded, whole lines, read piece by piece, whatever happens to its writer."""

from __future__ import annotations

import contextlib
import logging
import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from dashcam.errors import BadRequest
from dashcam.system.log_file import MOST_LOG_BYTES, LogLine, LogPage, log_folder, read_log
from dashcam.system.log_writer import LogFile, LogFileHandler

LONG_SECONDS = 60.0
CHECKOUT = Path(__file__).resolve().parents[2]


class Program:
    """A recorder's log under test."""

    def __init__(self, state: Path, file: LogFile | None = None) -> None:
        self.state = state
        self.handler = LogFileHandler(file or LogFile(state, "recorder"))
        self.logger = logging.getLogger("dashcam.recorder.test")
        self.logger.setLevel(logging.DEBUG)
        self.logger.propagate = False
        self.logger.addHandler(self.handler)

    def close(self) -> None:
        self.logger.removeHandler(self.handler)
        self.handler.close()

    def says(self, *texts: str, level: int = logging.INFO) -> None:
        for text in texts:
            self.logger.log(level, "%s", text)
        self.flush()

    def flush(self) -> None:
        """Each time waits a second at most, and not at all when everything is written."""
        for _ in range(60):
            self.handler.flush()

    def page(self, **wishes: object) -> LogPage:
        return read_log(self.state, "recorder", **wishes)  # type: ignore[arg-type]


@pytest.fixture
def program(tmp_path: Path) -> Iterator[Program]:
    made = Program(tmp_path)
    yield made
    made.close()


def texts(page: LogPage) -> list[str]:
    return [line.text for line in page.lines]


def test_a_record_is_a_line_with_time_level_area_and_process(program: Program) -> None:
    try:
        raise ZeroDivisionError("of all things")
    except ZeroDivisionError:
        program.logger.exception("recorder: it\nfailed")
    program.flush()
    (line,) = program.page().lines
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", line.utc)
    assert (line.level, line.area, line.pid) == ("error", "recorder", os.getpid())
    assert line.text.startswith("it failed: ZeroDivisionError: of all things (in test_a_record")


def test_it_lies_where_nobody_else_can_read_it(program: Program) -> None:
    program.says("hello")
    folder = log_folder(program.state, "recorder")
    assert folder.parent.stat().st_mode & 0o777 == 0o700
    # On the appliance the folder above lets the group of the other programs in, and nobody writes there.
    assert (folder.stat().st_mode | (folder / "recorder.jsonl").stat().st_mode) & 0o022 == 0o000


def test_no_log_yet_is_an_empty_page(tmp_path: Path) -> None:
    assert read_log(tmp_path, "web") == LogPage((), "")


def test_the_newest_lines_come_first_and_then_what_is_new(program: Program) -> None:
    program.says(*"abcdef")
    page = program.page(limit=2)
    assert texts(page) == ["e", "f"]
    assert program.page(after=page.next) == LogPage((), page.next)
    program.says("g", "h", "i")
    page = program.page(after=page.next, limit=2)
    assert texts(page) == ["g", "h"]
    page = program.page(after=page.next, limit=2)
    assert texts(page) == ["i"]
    assert not page.has_gap


def test_lines_are_chosen_by_level_and_words_also_while_following(program: Program) -> None:
    program.says("Card slow", level=logging.WARNING)
    program.says("card fine", "camera fine")
    program.says("card gone", level=logging.CRITICAL)
    assert texts(program.page(least_level="warning")) == ["Card slow", "card gone"]
    assert texts(program.page(containing="CARD")) == ["Card slow", "card fine", "card gone"]
    assert texts(program.page(containing="recorder: cam")) == ["camera fine"]
    page = program.page(least_level="error")
    program.says("camera slow", "nothing")
    program.says("camera gone", level=logging.ERROR)
    assert texts(program.page(after=page.next, least_level="error", containing="camera")) == ["camera gone"]


def test_the_files_stay_small_and_following_loses_no_line(program: Program) -> None:
    written, read, cursor = [], [], program.page().next
    for number in range(60):
        burst = [f"{number} {part} {'x' * 1000}" for part in range(20)]
        program.says(*burst)
        written += burst
        page = program.page(after=cursor, limit=1000)
        assert not page.has_gap
        read += texts(page)
        cursor = page.next
    assert read == written
    sizes = {path.name: path.stat().st_size for path in log_folder(program.state, "recorder").iterdir()}
    assert set(sizes) == {"recorder.jsonl", "recorder.1.jsonl"}
    assert max(sizes.values()) <= MOST_LOG_BYTES


@pytest.mark.parametrize("cursor", ["", "nonsense", "-", "0123456789abcdef-17", "x-99999999999999999999", "a-²"])
def test_a_cursor_that_fits_nothing_gives_the_newest_lines(program: Program, cursor: str) -> None:
    program.says(*"abc")
    page = program.page(after=cursor, limit=2)
    assert texts(page) == ["b", "c"]
    assert page.has_gap == bool(cursor)


def test_a_follower_who_slept_too_long_is_told_of_the_gap(program: Program) -> None:
    program.says("first")
    cursor = program.page().next
    for _ in range(6):
        program.says(*["x" * 1000] * 100)
    page = program.page(after=cursor, limit=3)
    assert page.has_gap
    assert len(page.lines) == 3
    program.says("news")
    assert texts(program.page(after=page.next)) == ["news"]


def test_torn_lines_and_garbage_are_left_out(program: Program) -> None:
    program.says("good")
    path = log_folder(program.state, "recorder") / "recorder.jsonl"
    with path.open("ab") as file:
        file.write(b'\xff\xfe\n\n[]\n{"utc": 1}\n"words"\n{"utc":"2026","level":"inf')
    program.close()
    again = Program(program.state)
    again.says("better")
    assert texts(again.page()) == ["good", "better"]
    with path.open("ab") as file:
        file.write(b'{"utc":"2026-01-01T00:00:00.000Z","level":"info","area":"a",')
    cursor = again.page().next
    with path.open("ab") as file:
        file.write(b'"text":"whole now","pid":1}\n')
    assert texts(again.page(after=cursor)) == ["whole now"]
    again.close()


def test_bytes_that_are_no_text_and_endless_lines_do_no_harm(program: Program) -> None:
    program.says(f"file {os.fsdecode(bytes([0xFF]))}", "x" * 100_000)
    first, second = program.page().lines
    assert first.text == r"file \udcff"
    assert len(second.text) == 4000


def test_links_and_pipes_in_the_place_of_the_file_are_not_followed(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_bytes(msgspec.json.encode(LogLine("2026", "info", "a", "secret", 1)) + b"\n")
    folder = log_folder(tmp_path, "recorder")
    folder.mkdir(parents=True)
    (folder / "web.jsonl").symlink_to(secret)
    (folder / "web.1.jsonl").symlink_to(secret)
    os.mkfifo(folder / "keeper.jsonl")
    assert read_log(tmp_path, "web") == LogPage((), "")
    assert read_log(tmp_path, "keeper") == LogPage((), "")


@pytest.mark.parametrize("wish", [{"program": "../recorder"}, {"least_level": "loud"}])
def test_what_does_not_exist_is_refused_with_what_does(tmp_path: Path, wish: dict[str, str]) -> None:
    with pytest.raises(BadRequest, match="possible: "):
        read_log(tmp_path, **{"program": "web", **wish})  # type: ignore[arg-type]


def test_two_processes_with_one_log_lose_no_line_to_each_other(tmp_path: Path) -> None:
    one, other = LogFile(tmp_path, "run"), LogFile(tmp_path, "run")
    line = msgspec.json.encode(LogLine("2026", "info", "a", "x" * 1000, 1)) + b"\n"
    most = MOST_LOG_BYTES // (len(line) + 2)
    for number in range(most):
        (one if number % 2 else other).write(line)
    for number in range(most // 2):  # the first finds it full, the second finds another file
        (one if number % 2 else other).write(line)
    assert len(read_log(tmp_path, "run", limit=10_000).lines) == most + most // 2
    one.close()
    other.close()


def test_a_folder_that_was_swept_away_is_made_anew(program: Program) -> None:
    program.says("before")
    folder = log_folder(program.state, "recorder")
    for path in folder.iterdir():
        path.unlink()
    folder.rmdir()
    program.says("after")
    assert texts(program.page()) == ["after"]


def test_trouble_is_told_once_and_the_log_goes_on_afterwards(
    program: Program, caplog: pytest.LogCaptureFixture
) -> None:
    folder = log_folder(program.state, "recorder")
    folder.parent.mkdir(parents=True, exist_ok=True)
    folder.write_text("in the way")
    for _ in range(5):
        program.says("lost")
    assert len([text for text in caplog.messages if text.startswith("the log is not kept for the page, ")]) == 1
    folder.unlink()
    program.says("kept")
    assert texts(program.page()) == ["kept"]


PROGRAM = """
import logging, os, sys
from pathlib import Path
from dashcam.system.log_lines import set_up_logging
from dashcam.system.log_writer import keep_log
set_up_logging(is_verbose=False, has_parent=False)
keep_log(Path(sys.argv[1]), "recorder")
log = logging.getLogger("dashcam.recorder")
for number in range(int(sys.argv[2])):
    log.info("%d %s", number, "x" * 100)
{end}
"""


def started(state: Path, lines: int, end: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", PROGRAM.format(end=end), str(state), str(lines)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def numbers(state: Path) -> list[int]:
    return [int(line.text.partition(" ")[0]) for line in read_log(state, "recorder", limit=10_000).lines]


@pytest.mark.parametrize("end", ["", "raise SystemExit(3)", "logging.shutdown(); os._exit(70)", "raise KeyError"])
def test_the_last_words_come_out_however_a_program_ends(tmp_path: Path, end: str) -> None:
    process = started(tmp_path, 500, end)
    _, told = process.communicate(timeout=LONG_SECONDS)
    assert numbers(tmp_path) == list(range(500))
    assert len(re.findall(r"recorder: \d+ x+\n", told)) == 500


def test_what_a_killed_program_said_can_be_read(tmp_path: Path) -> None:
    end = "[handler.flush() for handler in logging.getLogger().handlers]; print('said', flush=True); sys.stdin.read()"
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM.format(end=end), str(tmp_path), "100"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "said\n"
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=LONG_SECONDS)
    assert numbers(tmp_path) == list(range(100))


def test_a_full_disk_costs_the_log_and_nothing_else(tmp_path: Path) -> None:
    limit = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, 50_000))"
    code = PROGRAM.format(end="print('went on')")
    command = [sys.executable, "-c", f"{limit}\n{code}", str(tmp_path), "500"]
    result = subprocess.run(command, capture_output=True, text=True, timeout=LONG_SECONDS, check=True)
    assert result.stdout == "went on\n"
    assert len(re.findall(r"WARNING \w+: the log is not kept for the page", result.stderr)) == 1
    kept = numbers(tmp_path)
    assert kept == list(range(len(kept)))
    assert len(kept) > 100


def test_a_program_whose_stderr_nobody_reads_goes_on_and_ends(tmp_path: Path) -> None:
    process = started(tmp_path, 1000, "log.info('went on'); print('went on', flush=True)")  # 125 kB into a pipe of 64
    assert process.stdout is not None
    assert process.stdout.readline() == "went on\n"
    assert process.wait(LONG_SECONDS) == 0
    process.communicate()
    lines = read_log(tmp_path, "recorder", limit=10_000).lines
    assert lines[-1].text == "went on" or "left out" in lines[-1].text
    assert len(lines) > 500  # far more than the pipe holds


def test_a_recording_goes_on_although_stderr_is_stuck_from_the_start(tmp_path: Path) -> None:
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    with contextlib.suppress(BlockingIOError):
        while True:
            os.write(writing, b"x" * 4096)
    os.set_blocking(writing, True)
    small = ("camera.kind=pattern", "camera.width=320", "camera.height=240", "recording.segment_seconds=1")
    command = [sys.executable, "-m", "dashcam", "record", "--data", str(tmp_path / "card"), "--for", "2", "--verbose"]
    command += [f"--set={assignment}" for assignment in small]
    result = subprocess.run(command, stderr=writing, timeout=LONG_SECONDS, check=False, cwd=CHECKOUT)
    os.close(writing)
    os.close(reading)
    assert result.returncode == 0
    assert len(list((tmp_path / "card").glob("DCIM/VIDEO/*/*.json"))) >= 2
    assert read_log(tmp_path / "card" / ".state", "recorder", containing="stopping after 2 s as asked").lines != ()


class StuckFile(LogFile):
    """Writes when it is let go."""

    def __init__(self, state: Path) -> None:
        super().__init__(state, "recorder")
        self.go_on = threading.Event()

    def write(self, content: bytes) -> None:
        assert self.go_on.wait(LONG_SECONDS)
        super().write(content)


def test_what_was_too_much_is_counted_in_its_place(tmp_path: Path) -> None:
    file = StuckFile(tmp_path)
    program = Program(tmp_path, file)
    for number in range(5000):  # far more than is remembered
        program.logger.info("%d", number)
    file.go_on.set()
    program.flush()
    program.says("calm again")
    program.close()
    lines = [line.text for line in read_log(tmp_path, "recorder", limit=10_000).lines]
    kept = lines[:-2]
    assert kept == [str(number) for number in range(len(kept))]
    assert lines[-2:] == [f"{5000 - len(kept)} lines were left out here: too much was said at once", "calm again"]
