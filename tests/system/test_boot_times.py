"""What the programs write of their starts is short, whole, and put together by the start of the machine."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from dashcam.system.boot_history import figures, joined, read_boots
from dashcam.system.boot_marks import BootMarks, process_start, since_kernel
from dashcam.system.boot_times import MOST_BOOTS, BootLine, boots_path, encode_boot_line, kept, read_boot_lines


class Clock:
    """CLOCK_BOOTTIME, by hand."""

    def __init__(self) -> None:
        self.now = 4.0

    def __call__(self) -> float:
        return self.now


def _line(kernel: str, program: str = "recorder", boot: int | None = None, **marks: float) -> BootLine:
    return BootLine(kernel=kernel, program=program, boot=boot, marks={"process": 4.0} | marks)


def _marks(state: Path, clock: Clock, kernel: str = "a") -> BootMarks:
    return BootMarks(state, "recorder", kernel=kernel, started=clock.now, now=clock)


def test_a_start_is_one_line_however_often_it_is_written(tmp_path: Path) -> None:
    clock = Clock()
    marks = _marks(tmp_path, clock)
    clock.now = 5.5
    marks.mark("imported")
    marks.write()
    clock.now = 8.0
    marks.mark("camera", seconds_ago=1.0)
    marks.mark("imported")
    marks.write(boot=42, utc=lambda: "2026-11-20T14:45:00.000Z")
    (line,) = read_boot_lines(boots_path(tmp_path, "recorder"))
    assert line.marks == {"process": 4.0, "imported": 5.5, "camera": 7.0}
    assert (line.kernel, line.boot, line.utc) == ("a", 42, "2026-11-20T14:45:00.000Z")


def test_only_news_is_written(tmp_path: Path) -> None:
    marks = _marks(tmp_path, Clock())
    marks.write()
    path = boots_path(tmp_path, "recorder")
    path.unlink()
    marks.write(utc=str)
    assert not path.exists()
    marks.write(boot=42)
    assert read_boot_lines(path)[0].boot == 42


def test_three_minutes_are_told_by_themselves(tmp_path: Path) -> None:
    clock = Clock()
    marks = _marks(tmp_path, clock)
    clock.now += 179
    marks.write()
    assert "lasted" not in marks.line.marks
    clock.now += 1
    marks.write()
    assert read_boot_lines(boots_path(tmp_path, "recorder"))[0].marks["lasted"] == 184.0


def test_another_start_of_the_program_and_of_the_machine_are_lines_of_their_own(tmp_path: Path) -> None:
    clock = Clock()
    _marks(tmp_path, clock).write()
    clock.now = 60.0
    _marks(tmp_path, clock).write()
    _marks(tmp_path, clock, kernel="b").write()
    lines = read_boot_lines(boots_path(tmp_path, "recorder"))
    assert [(line.kernel, line.marks["process"]) for line in lines] == [("a", 4.0), ("a", 60.0), ("b", 60.0)]


def test_a_state_that_cannot_be_written_is_tried_again(tmp_path: Path) -> None:
    (tmp_path / "boots").write_text("in the way")
    marks = _marks(tmp_path, Clock())
    marks.write()
    (tmp_path / "boots").unlink()
    marks.write()
    assert len(read_boot_lines(boots_path(tmp_path, "recorder"))) == 1


def test_what_cannot_be_read_is_left_out(tmp_path: Path) -> None:
    path = tmp_path / "recorder.jsonl"
    path.write_bytes(
        encode_boot_line(_line("a")) + b'{"kernel":"b","pro\n\xff\xfe\n[]\n' + encode_boot_line(_line("c"))
    )
    assert [line.kernel for line in read_boot_lines(path)] == ["a", "c"]
    assert read_boot_lines(tmp_path) == []


def test_the_last_starts_of_the_machine_are_kept_and_of_each_what_counts() -> None:
    restarts = [_line("last", process=float(at)) for at in range(100)]
    restarts[7] = _line("last", process=7.0, lasted=187.0)
    lines = [_line(str(number)) for number in range(MOST_BOOTS)] + restarts
    found = kept(lines)
    assert [line.kernel for line in found] == [str(number) for number in range(1, MOST_BOOTS)] + ["last"] * 3
    assert [line.marks["process"] for line in found[-3:]] == [0.0, 7.0, 99.0]
    assert kept(found) == found


def test_starts_of_all_programs_are_joined_newest_first() -> None:
    recorder = [_line("a", boot=1, durable=8.0), _line("c", boot=3, durable=9.0, ended=50.0), _line("c", boot=4)]
    network = [_line("a", "network", joined=20.0), _line("b", "network"), _line("c", "network")]
    web = [_line("b", "web", served=12.0), _line("d", "web")]
    boots = joined([recorder, network, web])
    assert [(boot.kernel, boot.boot) for boot in boots] == [("d", None), ("c", 3), ("b", None), ("a", 1)]
    assert [(mark.program, mark.mark, mark.seconds) for mark in boots[3].marks][-2:] == [
        ("recorder", "durable", 8.0),
        ("network", "joined", 20.0),
    ]
    assert [(boot.has_gone_well, boot.restarts) for boot in boots] == [(False, 0), (True, 1), (False, 0), (False, 0)]


def test_figures_are_of_the_starts_with_the_machine_alone() -> None:
    recorder = [
        _line("a", durable=8.0),
        _line("b", durable=30.0, process=4.5),
        _line("c", durable=9.0),
        _line("by hand", process=5000.0, durable=5004.0),
    ]
    found = {(figure.program, figure.mark): figure for figure in figures(joined([recorder]))}
    durable = found["recorder", "durable"]
    assert (durable.starts, durable.median_seconds, durable.worst_seconds) == (3, 9.0, 30.0)
    assert durable.words == "recorder: first video on the card"
    assert list(found) == [("recorder", "process"), ("recorder", "durable")]


def test_a_process_knows_when_it_began() -> None:
    assert 0 < process_start() <= since_kernel() + 0.02


def test_marks_of_many_threads_are_all_kept(tmp_path: Path) -> None:
    marks = _marks(tmp_path, Clock())
    names = ("imported", "camera", "durable", "joined", "access_point", "served", "ended")
    threads = [threading.Thread(target=marks.mark, args=(name,)) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(marks.line.marks) == {"process", *names}


@pytest.mark.parametrize("state", ["", "none"])
def test_without_a_history_there_is_none(tmp_path: Path, state: str) -> None:
    assert read_boots(tmp_path / state) == []
