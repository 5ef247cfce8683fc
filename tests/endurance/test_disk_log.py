"""A disk that loses power keeps what was flushed, and of the rest any part."""

from __future__ import annotations

import random
import struct
from pathlib import Path

import pytest

from tests.endurance.disk_log import BLOCK_BYTES, SURVIVALS, CrashedDisk, DiskLog, Kind, Record, Survival, read_log

EMPTY = bytes(4 * BLOCK_BYTES)


def record(kind: Kind, block: int = 0, content: bytes = b"") -> Record:
    return Record(kind, 0, block * BLOCK_BYTES, content)


def block(letter: str) -> bytes:
    return letter.encode() * BLOCK_BYTES


def letters(disk: bytes | bytearray) -> str:
    """The first letter of each block, a dot for an empty one."""
    return "".join(chr(disk[place] or ord(".")) for place in range(0, len(disk), BLOCK_BYTES))


LOG = DiskLog(
    [
        record("write", 0, block("a")),
        record("write", 1, block("b")),
        record("flush"),
        record("write", 0, block("c")),
        record("durable write", 2, block("d")),
        record("write", 3, block("e")),
    ]
)


@pytest.mark.parametrize(("survival", "expected"), [("all", "cbde"), ("none", "abd.")])
def test_what_was_flushed_or_written_durably_is_there(survival: Survival, expected: str) -> None:
    disk = CrashedDisk(EMPTY, LOG).state(6, survival, random.Random(1))
    assert letters(disk) == expected


def test_a_flush_that_had_not_come_back_promises_nothing() -> None:
    assert letters(CrashedDisk(EMPTY, LOG).state(2, "none", random.Random(1))) == "...."
    assert letters(CrashedDisk(EMPTY, LOG).state(3, "none", random.Random(1))) == "ab.."


def test_later_writes_may_survive_earlier_ones() -> None:
    chance = random.Random(1)
    found = {letters(CrashedDisk(EMPTY, LOG).state(6, "half", chance)) for _ in range(100)}
    assert found == {"abd.", "cbd.", "abde", "cbde"}


def test_a_write_may_be_torn_between_blocks_and_never_inside_one() -> None:
    long_write = Record("write", 0, BLOCK_BYTES // 2, b"x" * 2 * BLOCK_BYTES)
    disk, chance = CrashedDisk(EMPTY, DiskLog([long_write])), random.Random(1)
    found = set()
    for _ in range(100):
        state = disk.state(1, "half", chance)
        halves = [state[start : start + BLOCK_BYTES // 2] for start in range(0, len(state), BLOCK_BYTES // 2)]
        assert all(len(set(half)) == 1 for half in halves)
        found.add("".join("x" if half[0] else "." for half in halves))
    assert found == {f".{first}{middle}{middle}{last}..." for first in "x." for middle in "x." for last in "x."}


def test_states_in_the_order_of_the_log_are_as_if_made_alone() -> None:
    disk = CrashedDisk(EMPTY, LOG)
    for position in range(len(LOG.records) + 1):
        for survival in SURVIVALS:
            alone = CrashedDisk(EMPTY, LOG).state(position, survival, random.Random(position))
            assert disk.state(position, survival, random.Random(position)) == alone


def test_a_log_is_read_to_its_last_whole_record(tmp_path: Path) -> None:
    log = tmp_path / "log"
    layout = struct.Struct("<cQQQ")
    whole = layout.pack(b"W", 7, 4096, 3) + b"abc" + layout.pack(b"D", 8, 0, 1) + b"d" + layout.pack(b"F", 9, 0, 0)
    for rest in (b"", b"W", layout.pack(b"W", 10, 0, 5) + b"half"):
        log.write_bytes(whole + rest)
        found = read_log(log)
        assert list(found.records) == [
            Record("write", 7, 4096, b"abc"),
            Record("durable write", 8, 0, b"d"),
            Record("flush", 9, 0, b""),
        ]
        assert (found.flushes, found.position_at(6), found.position_at(8)) == (1, 0, 2)
