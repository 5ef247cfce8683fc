"""The track log on the card: whole lines, bounded parts; a card in trouble costs only what memory lacks."""

from __future__ import annotations

import errno
import logging
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from dashcam.clips.track_log import LoggedGap, boot_and_part
from dashcam.clock import NANOSECONDS
from dashcam.recorder import track_log, track_parts
from dashcam.recorder.card import Card
from dashcam.recorder.track_log import GapWatch
from tests.recorder.track_bench import DRAWN, USB, Bench


def test_fixes_are_on_the_card_after_a_turn_behind_a_header(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.drive(3)
    bench.turn()
    assert bench.names == ["boot0001_001.jsonl"]
    assert (bench.header("boot0001_001.jsonl").boot, bench.header("boot0001_001.jsonl").receiver) == (1, USB.receiver)
    assert bench.moments == [101, 102, 103]
    assert bench.log.waiting_lines == 0
    bench.drive(1)
    bench.turn()
    assert bench.moments == [101, 102, 103, 104]
    assert bench.names == ["boot0001_001.jsonl"]


def test_nothing_is_written_before_the_boot_number_is_sure(tmp_path: Path) -> None:
    bench = Bench(tmp_path, has_met_card=False)
    bench.drive(2)
    bench.turn()
    assert not bench.folder.exists()
    bench.card.open()
    bench.turn()
    assert bench.moments == [101, 102]


def test_another_receiver_begins_another_part(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.drive(2, DRAWN)
    bench.drive(2, USB)
    bench.turn()
    assert [bench.header(name).is_real for name in bench.names] == [False, True]
    assert [len(bench.entries(name)) for name in bench.names] == [2, 2]


def test_another_boot_never_continues_a_part(tmp_path: Path) -> None:
    for boot in (1, 2):
        bench = Bench(tmp_path)
        bench.drive(1)
        bench.turn()
        bench.card.close()
        assert bench.names[-1] == f"boot{boot:04d}_001.jsonl"
    assert [len(bench.entries(name)) for name in bench.names] == [1, 1]


def test_a_part_of_another_card_with_the_same_name_is_never_continued(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.folder.mkdir(parents=True)
    (bench.folder / "boot0001_001.jsonl").write_bytes(b"another's\n")
    bench.drive(1)
    bench.turn()
    assert (bench.folder / "boot0001_001.jsonl").read_bytes() == b"another's\n"
    assert bench.names == ["boot0001_001.jsonl", "boot0001_002.jsonl"]


def test_parts_have_a_bounded_size_and_the_oldest_go_beyond_the_quota(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.quota = "300 kB"
    for _ in range(12):
        bench.drive(600)
        bench.turn()
    sizes = [(bench.folder / name).stat().st_size for name in bench.names]
    assert max(sizes) < 80_000
    assert sum(sizes) <= 300_000
    assert boot_and_part(bench.names[0]) != (1, 1)
    # What is left is the newest, without a hole.
    assert bench.moments == [float(second) for second in range(int(bench.moments[0]), 7301)]


def test_many_short_boots_leave_a_bounded_number_of_parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(track_parts, "MOST_PARTS", 5)
    bench = Bench(tmp_path)
    bench.folder.mkdir(parents=True)
    for boot in range(101, 109):
        (bench.folder / f"boot{boot:04d}_001.jsonl").write_bytes(b"short\n")
    (bench.folder / "notes.txt").touch()
    bench.numbering.boot = 201
    bench.drive(1, DRAWN)
    bench.drive(1, USB)
    bench.turn()
    parts = [f"boot{boot:04d}_001.jsonl" for boot in (106, 107, 108)]
    assert sorted(bench.names) == [*parts, "boot0201_001.jsonl", "boot0201_002.jsonl", "notes.txt"]


def test_a_quota_made_smaller_is_kept_at_once_but_never_costs_the_part_that_grows(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.quota = "300 kB"
    bench.drive(4000)
    bench.turn()
    assert len(bench.names) > 2
    growing = bench.names[-1]
    bench.quota = "1 kB"
    bench.turn()
    assert bench.names == [growing]


def test_a_share_of_the_card_is_a_quota_too(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.quota = "50 %"
    bench.drive(3000)
    bench.turn()
    assert len(bench.moments) == 3000


def test_files_of_other_names_are_not_deleted(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.folder.mkdir(parents=True)
    (bench.folder / "notes.txt").write_bytes(bytes(500_000))
    bench.quota = "100 kB"
    bench.drive(3000)
    bench.turn()
    assert "notes.txt" in bench.names


@pytest.mark.parametrize("made", ["log", "part"])
def test_a_link_in_place_of_the_folder_or_the_part_is_not_followed(tmp_path: Path, made: str) -> None:
    data, elsewhere = tmp_path / "card", tmp_path / "elsewhere"
    data.mkdir()
    elsewhere.mkdir()
    (elsewhere / "file").write_bytes(b"precious\n")
    bench = Bench(data)
    if made == "log":
        bench.folder.parent.mkdir()
        bench.folder.symlink_to(elsewhere)
    else:
        bench.drive(1)
        bench.turn()
        (bench.folder / bench.names[0]).unlink()
        (bench.folder / "boot0001_001.jsonl").symlink_to(elsewhere / "file")
    bench.drive(2)
    bench.turn()
    assert [path.name for path in elsewhere.iterdir()] == ["file"]
    assert (elsewhere / "file").read_bytes() == b"precious\n"


def test_gaps_are_written_down_once(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.drive(2)
    bench.miss(20)
    bench.turn()
    bench.miss(20, "imprecise")
    bench.drive(1)
    bench.seconds += 30  # unplugged
    bench.turn()
    bench.turn()
    bench.drive(1)
    bench.turn()
    kinds = [(type(entry).__name__, entry.monotonic_ms // 1000) for entry in bench.entries()]
    assert kinds == [
        ("LoggedPlace", 101),
        ("LoggedPlace", 102),
        ("LoggedGap", 103),
        ("LoggedPlace", 143),
        ("LoggedGap", 143),
        ("LoggedPlace", 174),
    ]
    assert [entry.why for entry in bench.entries() if isinstance(entry, LoggedGap)] == ["no_fix", "silent"]


def test_where_a_replay_begins_anew_the_track_does(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.drive(2)
    bench.drive(2, degrees_north=10.0)
    bench.turn()
    assert [type(entry).__name__ for entry in bench.entries()] == [
        "LoggedPlace",
        "LoggedPlace",
        "LoggedGap",
        "LoggedPlace",
        "LoggedPlace",
    ]


@pytest.mark.parametrize(
    ("fixes", "found"),
    [
        ("ggggg", []),
        ("bbbbb", []),
        ("ggbgg", []),
        ("ggbbgg", [3]),
        ("ggb", []),
        ("gggbbbbbbbbbggbbbb", [4, 15]),
        ("g----g", []),
        ("g-----g", [1]),
        ("g--------", []),
        ("g------b", [1]),
        ("gb----g", [2]),
    ],
)
def test_where_good_fixes_end(fixes: str, found: list[int]) -> None:
    watch = GapWatch()
    entries = []
    for second, kind in enumerate(fixes, 1):
        match kind:
            case "g":
                entries.append(watch.take_good(second * NANOSECONDS))
            case "b":
                entries.append(watch.take_bad(second * NANOSECONDS, "no_fix"))
    assert [entry.monotonic_ms // 1000 for entry in entries if entry is not None] == found


def fill(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """The card takes half of the next write, and nothing from then on."""
    real_write, room = os.write, [50]

    def write(descriptor: int, content: bytes) -> int:
        if not room[0]:
            raise OSError(errno.ENOSPC, "No space left on device")
        written = real_write(descriptor, bytes(content)[: room[0]])
        room[0] -= written
        return written

    monkeypatch.setattr(os, "write", write)


def make_read_only(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_arguments: object, **_named: object) -> int:
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr(os, "open", refuse)


def pull(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Card, "is_present", property(lambda _self: False))


@pytest.mark.parametrize("harm", [fill, make_read_only, pull])
@pytest.mark.parametrize("has_begun", [True, False])
def test_a_card_in_trouble_costs_nothing_that_fits_into_memory(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    harm: Callable[[Bench, pytest.MonkeyPatch], None],
    has_begun: bool,
) -> None:
    caplog.set_level(logging.INFO)
    bench = Bench(tmp_path)
    if has_begun:
        bench.drive(5)
        bench.turn()
    with monkeypatch.context() as trouble:
        harm(bench, trouble)
        for _ in range(10):
            bench.drive(5)
            bench.turn()
    assert sum("cannot be written" in message for message in caplog.messages) == 1
    bench.turn()
    assert sum("goes on" in message for message in caplog.messages) == 1
    assert len(bench.names) == 1
    assert bench.moments == [float(second) for second in range(101, 101 + (55 if has_begun else 50))]
    lines = (bench.folder / bench.names[0]).read_bytes().splitlines()
    assert len(lines) == 1 + len(bench.moments)  # none is torn
    assert bench.log.lost_lines == 0


def test_memory_is_bounded_and_keeps_the_newest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(track_log, "MOST_WAITING", 100)
    bench = Bench(tmp_path)
    with monkeypatch.context() as trouble:
        pull(bench, trouble)
        for _ in range(20):
            bench.drive(10)
            bench.turn()
            assert bench.log.waiting_lines <= 100
    bench.turn()
    assert bench.moments == [float(second) for second in range(201, 301)]
    assert bench.log.lost_lines == 100


def test_a_folder_that_somebody_deletes_is_made_again(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.drive(3)
    bench.turn()
    shutil.rmtree(bench.folder.parent)
    bench.drive(2)
    bench.turn()
    assert bench.moments == [104, 105]


def test_what_is_written_is_synced_every_few_seconds_and_at_last(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[float] = []
    bench = Bench(tmp_path)
    monkeypatch.setattr(os, "fdatasync", lambda _descriptor: synced.append(round(bench.seconds)))
    for _ in range(6):
        bench.drive(2)
        bench.turn()
    for _ in range(6):
        bench.seconds += 2
        bench.turn()
    # The last of it is the gap.
    assert synced == [102, 106, 110, 114, 118]


def test_a_mistake_of_ours_leaves_the_bookkeeper_alive(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    bench = Bench(tmp_path)
    bench.drive(2)
    with monkeypatch.context() as trouble:
        trouble.setattr(track_parts, "log_folder", lambda _card: 1 / 0)
        bench.turn()
    assert "the recording goes on" in caplog.text
    bench.turn()
    assert bench.moments == [101, 102]
