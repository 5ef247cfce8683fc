"""Writing to what may stand still: whole and in order while it is read, and never waiting while it is not."""

from __future__ import annotations

import fcntl
import os
import threading
from collections.abc import Iterator
from typing import TextIO

import pytest

from dashcam.system.side_writer import SideWriter

LONG_SECONDS = 60.0


class Pipe:
    """A small pipe and a writer into it."""

    def __init__(self) -> None:
        self.reading, writing = os.pipe()
        fcntl.fcntl(writing, fcntl.F_SETPIPE_SZ, 4096)
        self.out: TextIO = os.fdopen(writing, "w", encoding="utf-8")
        self.writer = SideWriter(self.out)
        self.writer.start()

    def close(self) -> None:
        self.writer.close()
        self.out.close()

    def read_all(self) -> str:
        with os.fdopen(self.reading, "rb") as file:
            return file.read().decode()


@pytest.fixture
def pipe() -> Iterator[Pipe]:
    made = Pipe()
    yield made
    made.close()


def test_all_that_is_read_arrives_whole_and_in_order(pipe: Pipe) -> None:
    lines = [f"line {number} ● {'x' * 100}\n" for number in range(1000)]

    def write() -> None:
        for line in lines:
            assert pipe.writer.write(line) == len(line)
        pipe.close()

    thread = threading.Thread(target=write)
    thread.start()
    assert pipe.read_all() == "".join(lines)
    thread.join(LONG_SECONDS)


def test_what_nobody_reads_is_left_out_and_nobody_waits(pipe: Pipe) -> None:
    for number in range(10_000):  # a megabyte into four kilobytes: a write that waited would wait for ever
        pipe.writer.write(f"{number:05d}{'x' * 100}\n")
    with os.fdopen(pipe.reading) as file:
        for number in range(1000):
            assert file.readline() == f"{number:05d}{'x' * 100}\n"
        pipe.writer.write("there is room again\n")
        left = list(iter(file.readline, "there is room again\n"))
    assert len(left) < 5000


def test_closing_waits_for_nobody_who_does_not_read(pipe: Pipe, caplog: pytest.LogCaptureFixture) -> None:
    for _ in range(1000):
        pipe.writer.write("x" * 100)
    pipe.writer.close()
    assert pipe.writer.write("too late") == 8
    os.close(pipe.reading)  # lets the thread go
    assert caplog.messages == []


def test_a_reader_that_has_gone_is_no_error(pipe: Pipe) -> None:
    os.close(pipe.reading)
    for _ in range(1000):
        pipe.writer.write("is anybody there?\n")
    pipe.writer.close()
    pipe.writer.close()


def test_a_pipe_is_no_terminal_and_keeps_its_encoding(pipe: Pipe) -> None:
    assert not pipe.writer.isatty()
    assert pipe.writer.encoding == "utf-8"
