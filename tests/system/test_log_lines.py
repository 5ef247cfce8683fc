"""Log lines: one each, short for people, tagged for the journal and for a parent."""

from __future__ import annotations

import io
import logging
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from dashcam.system.log_lines import LineFormatter, level_and_text

TIME = re.compile(r"\d\d:\d\d:\d\d ")


def written(level: int, *, is_tagged: bool, is_verbose: bool = False, text: str = "%s words", name: str = "") -> str:
    out = io.StringIO()
    handler = logging.StreamHandler(out)
    handler.setFormatter(LineFormatter(is_tagged=is_tagged, is_verbose=is_verbose))
    record = logging.LogRecord(name or "dashcam.recorder.writer", level, __file__, 1, text, ("some",), None)
    if level == logging.CRITICAL:
        try:
            raise ZeroDivisionError("of\nall things")
        except ZeroDivisionError:
            record.exc_info = sys.exc_info()
    handler.handle(record)
    return out.getvalue()


@pytest.mark.parametrize(
    ("level", "line"),
    [
        (logging.INFO, "recorder: some words\n"),
        (logging.WARNING, "WARNING recorder: some words\n"),
        (logging.ERROR, "ERROR recorder: some words\n"),
    ],
)
def test_people_get_time_and_area_and_a_mark_for_what_is_wrong(level: int, line: str) -> None:
    text = written(level, is_tagged=False)
    assert TIME.match(text)
    assert TIME.sub("", text) == line


@pytest.mark.parametrize(
    ("level", "tag"),
    [(logging.DEBUG, 7), (logging.INFO, 6), (25, 6), (logging.WARNING, 4), (logging.ERROR, 3), (logging.CRITICAL, 2)],
)
def test_the_journal_gets_its_levels_and_a_parent_reads_them_back(level: int, tag: int) -> None:
    line = written(level, is_tagged=True).rstrip("\n")
    assert line.startswith(f"<{tag}>recorder: some words")
    read_level, text = level_and_text(line)
    assert text.startswith("recorder: some words")
    assert read_level == (logging.INFO if level == 25 else level)


@pytest.mark.parametrize("line", ["[0:12:33] INFO Camera camera.cpp", "<html>", "", "<9>what", "<"])
def test_a_line_of_no_logger_has_no_level_and_stays_whole(line: str) -> None:
    assert level_and_text(line) == (None, line)


def test_what_the_command_line_says_is_about_all_of_it() -> None:
    assert "dashcam: some words" in written(logging.INFO, is_tagged=False, name="dashcam.cli")
    assert "libcamera: some words" in written(logging.INFO, is_tagged=False, name="libcamera.proxy")


def test_an_area_is_not_said_twice() -> None:
    assert TIME.sub("", written(logging.INFO, is_tagged=False, text="recorder: %s words")) == "recorder: some words\n"


def test_an_error_is_one_line_that_names_type_text_and_place() -> None:
    text = written(logging.CRITICAL, is_tagged=False, text="%s\nlines")
    assert text.count("\n") == 1
    assert "some lines: ZeroDivisionError: of all things (in written, " in text


def test_verbose_shows_the_traceback_each_line_tagged() -> None:
    lines = written(logging.CRITICAL, is_tagged=True, is_verbose=True).splitlines()
    assert len(lines) > 3
    assert all(line.startswith("<2>") for line in lines)


LOG = """
import logging, sys
from dashcam.system.log_lines import set_up_logging
set_up_logging(is_verbose={verbose}, has_parent=False)
for name in ("dashcam.recorder", "watchdog.observers"):
    for level in (logging.DEBUG, logging.INFO, logging.WARNING):
        logging.getLogger(name).log(level, "%s %d", name, level)
"""


def logged(verbose: bool) -> str:
    command = [sys.executable, "-c", LOG.format(verbose=verbose)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stderr


def test_the_owner_hears_of_us_from_info_and_of_libraries_from_warning() -> None:
    assert re.findall(r"\S+ \d+$", logged(verbose=False), re.M) == [
        "dashcam.recorder 20",
        "dashcam.recorder 30",
        "watchdog.observers 30",
    ]


def test_verbose_lets_everything_through() -> None:
    assert len(logged(verbose=True).splitlines()) == 6


def test_the_journal_is_known_by_its_own_sign(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    with path.open("w") as stream:
        facts = os.fstat(stream.fileno())
        environment = {**os.environ, "JOURNAL_STREAM": f"{facts.st_dev}:{facts.st_ino}"}
        command = [sys.executable, "-c", LOG.format(verbose=False)]
        subprocess.run(command, stderr=stream, timeout=60, check=True, env=environment)
    assert path.read_text().startswith("<6>recorder: dashcam.recorder 20\n")
