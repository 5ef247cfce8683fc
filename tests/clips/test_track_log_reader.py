"""A clip's entries are found in the log of its boot, whatever happened to the log."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashcam.clips import track_log_reader
from dashcam.clips.names import CardFolders
from dashcam.clips.track_log import LogEntry, encode_line, log_folder, read_entries
from dashcam.clips.track_log_reader import TrackLogReader
from dashcam.clock import NANOSECONDS
from tests.made_tracks import driven, put_log

S = NANOSECONDS


@pytest.fixture
def reader(tmp_path: Path) -> TrackLogReader:
    return TrackLogReader(CardFolders(tmp_path))


def seconds(entries: Iterable[LogEntry]) -> list[int]:
    return [entry.monotonic_ns // S for entry in entries]


def test_the_entries_of_a_span_are_found_both_ends_included(tmp_path: Path, reader: TrackLogReader) -> None:
    put_log(tmp_path, driven(range(10_000), start_ns=0))
    assert seconds(reader.entries(42, 5_000 * S, 5_060 * S)) == list(range(5_000, 5_061))
    assert seconds(reader.entries(42, 0, 2 * S)) == [0, 1, 2]
    assert seconds(reader.entries(42, 9_998 * S, 99_999 * S)) == [9_998, 9_999]
    assert list(reader.entries(42, 10_000 * S, 99_999 * S)) == []
    assert list(reader.entries(41, 0, 99_999 * S)) == []


def test_a_span_over_several_parts_is_read_in_order(tmp_path: Path, reader: TrackLogReader) -> None:
    for part in range(12):
        put_log(tmp_path, driven(range(part * 100, part * 100 + 100), start_ns=0), part=part + 1)
    put_log(tmp_path, driven(range(500, 600), start_ns=0), boot=43)
    assert seconds(reader.entries(42, 850 * S, 1_050 * S)) == list(range(850, 1_051))
    assert seconds(reader.entries(42, 899 * S, 900 * S)) == [899, 900]
    assert reader.boots() == {42, 43}


@given(
    moments=st.lists(st.integers(0, 500), max_size=400, unique=True).map(sorted),
    cuts=st.lists(st.integers(0, 500), max_size=4).map(sorted),
    span=st.tuples(st.integers(-5, 505), st.integers(-5, 505)),
)
def test_whatever_the_log_holds_it_is_what_reading_all_of_it_gives(
    tmp_path_factory: pytest.TempPathFactory, moments: list[int], cuts: list[int], span: tuple[int, int]
) -> None:
    data = tmp_path_factory.mktemp("card")
    borders = [0, *cuts, 501]
    for part, (begin, end) in enumerate(pairwise(borders)):
        put_log(data, driven([at for at in moments if begin <= at < end], start_ns=0), part=part + 1)
    found = TrackLogReader(CardFolders(data)).entries(42, span[0] * S, span[1] * S)
    assert seconds(found) == [at for at in moments if span[0] <= at <= span[1]]


def test_only_a_little_is_read_of_a_large_log(
    tmp_path: Path, reader: TrackLogReader, monkeypatch: pytest.MonkeyPatch
) -> None:
    for part in range(4):
        put_log(tmp_path, driven(range(part * 10_000, part * 10_000 + 10_000), start_ns=0), part=part + 1)
    list(reader.entries(42, 0, 0))
    fed: list[int] = []

    def counted(lines: bytes) -> Iterator[LogEntry]:
        fed.append(len(lines))
        return read_entries(lines)

    monkeypatch.setattr(track_log_reader, "read_entries", counted)
    for at in (0, 5_000, 19_990, 25_000, 39_990):
        fed.clear()
        assert len(list(reader.entries(42, at * S, at * S + 60 * S))) >= 10
        assert sum(fed) < 300_000, "of more than three million bytes"


def test_a_line_that_was_cut_off_and_what_a_power_cut_left_behind_it_are_passed_over(
    tmp_path: Path, reader: TrackLogReader
) -> None:
    path = put_log(tmp_path, driven(range(2_000), start_ns=0))
    content = path.read_bytes()
    path.write_bytes(content[:-20])
    assert seconds(reader.entries(42, 1_990 * S, 3_000 * S)) == list(range(1_990, 1_999))
    path.write_bytes(content[:-20] + bytes(300_000))
    assert seconds(reader.entries(42, 1_990 * S, 3_000 * S)) == list(range(1_990, 1_999))
    assert seconds(reader.entries(42, 10 * S, 12 * S)) == [10, 11, 12]
    middle = content.index(b"\n", 60_000) + 1
    path.write_bytes(content[:middle] + os.urandom(50_000).replace(b"[", b"") + b"\n" + content[middle:])
    assert seconds(reader.entries(42, 0, 3_000 * S)) == list(range(2_000))


def test_a_log_that_grows_while_it_is_read_gives_what_is_there(tmp_path: Path, reader: TrackLogReader) -> None:
    path = put_log(tmp_path, driven(range(10), start_ns=0))
    lines = [encode_line(entry) for entry in driven(range(10, 20), start_ns=0)]
    assert not reader.reaches(42, 10 * S)
    with open(path, "ab") as file:
        for number, line in enumerate(lines):
            file.write(line[:17])
            file.flush()
            assert seconds(reader.entries(42, 0, 99 * S)) == list(range(10 + number))
            file.write(line[17:])
            file.flush()
            assert seconds(reader.entries(42, 0, 99 * S)) == list(range(11 + number))
            assert reader.reaches(42, (10 + number) * S)
            assert not reader.reaches(42, (11 + number) * S)


def test_a_new_part_that_is_empty_yet_hides_nothing(tmp_path: Path, reader: TrackLogReader) -> None:
    put_log(tmp_path, driven(range(10), start_ns=0))
    put_log(tmp_path, [], part=2)
    assert reader.reaches(42, 9 * S)
    assert seconds(reader.entries(42, 0, 99 * S)) == list(range(10))
    put_log(tmp_path, driven(range(10, 12), start_ns=0), part=2)
    assert seconds(reader.entries(42, 0, 99 * S)) == list(range(12))


def test_parts_that_were_deleted_and_written_anew_are_noticed(tmp_path: Path, reader: TrackLogReader) -> None:
    first = put_log(tmp_path, driven(range(10), start_ns=0))
    put_log(tmp_path, driven(range(10, 20), start_ns=0), part=2)
    assert len(list(reader.entries(42, 0, 99 * S))) == 20
    first.unlink()
    assert seconds(reader.entries(42, 0, 99 * S)) == list(range(10, 20))


def test_nothing_but_parts_in_an_ordinary_folder_is_read(tmp_path: Path, reader: TrackLogReader) -> None:
    assert reader.boots() == set()
    assert list(reader.entries(42, 0, S)) == []
    part = put_log(tmp_path, driven(range(5), start_ns=0))
    folder = log_folder(CardFolders(tmp_path))
    os.mkfifo(folder / "boot0042_002.jsonl")
    (folder / "boot0042_003.jsonl").mkdir()
    (folder / "boot0042_004.jsonl").symlink_to(part)
    (folder / "notes.txt").write_text("mine")
    assert seconds(reader.entries(42, 0, 99 * S)) == list(range(5))
    assert reader.reaches(42, 4 * S)
    folder.rename(tmp_path / "elsewhere")
    folder.symlink_to(tmp_path / "elsewhere")
    assert reader.boots() == set()
    assert list(reader.entries(42, 0, 99 * S)) == []
