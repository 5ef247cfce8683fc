"""The log of a disk, and the states that a power cut may leave it in.

A disk with a cache promises only this: what was written before a flush that came back is there. Of the rest any part
may be there, in any order. What no state models: a card whose controller damages blocks that nobody wrote, or that lies
about flushes.
"""

from __future__ import annotations

import random
import struct
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

# As logging_disk.py packs it; that file can only be imported by nbdkit.
_RECORD = struct.Struct("<cQQQ")
# A write may be torn between blocks, not inside one: what file systems of this block size build on.
BLOCK_BYTES = 4096

Kind = Literal["write", "durable write", "flush"]
_KINDS: dict[bytes, Kind] = {b"W": "write", b"D": "durable write", b"F": "flush"}

# What becomes of blocks that were written and not flushed.
Survival = Literal["all", "most", "half", "few", "none"]
_SHARE: dict[Survival, float] = {"all": 1.0, "most": 0.9, "half": 0.5, "few": 0.1, "none": 0.0}
SURVIVALS: tuple[Survival, ...] = get_args(Survival)


@dataclass(frozen=True, slots=True)
class Record:
    """One thing the disk did, at a moment of CLOCK_MONOTONIC."""

    kind: Kind
    at_ns: int
    offset: int
    data: bytes


class DiskLog:
    """Everything that was done to a disk, in order."""

    def __init__(self, records: Sequence[Record]) -> None:
        self.records = records
        self._moments = [record.at_ns for record in records]

    def position_at(self, moment_ns: int) -> int:
        """How many records had been done at a moment."""
        return bisect_right(self._moments, moment_ns)

    @property
    def flushes(self) -> int:
        """How often the cache was emptied."""
        return sum(record.kind == "flush" for record in self.records)


def read_log(path: Path) -> DiskLog:
    """Reads a log; a last record that is not whole is left out."""
    content, position = path.read_bytes(), 0
    records: list[Record] = []
    while position + _RECORD.size <= len(content):
        kind, at_ns, offset, length = _RECORD.unpack_from(content, position)
        position += _RECORD.size
        if position + length > len(content):
            break
        records.append(Record(_KINDS[kind], at_ns, offset, content[position : position + length]))
        position += length
    return DiskLog(records)


class CrashedDisk:
    """Makes disk contents out of an image and a log, cut after cut, with positions that only grow."""

    def __init__(self, image: bytes, log: DiskLog) -> None:
        self._log = log
        self._flushed = bytearray(image)
        self._flushed_to = 0

    def state(self, position: int, survival: Survival, chance: random.Random) -> bytearray:
        """The disk after a cut behind the first `position` records; of what was not flushed a part survives."""
        self._flush_before(position)
        disk = bytearray(self._flushed)
        share = _SHARE[survival]
        for record in self._log.records[self._flushed_to : position]:
            certain = share == 1.0 or record.kind == "durable write"
            for offset, block in _blocks(record):
                if certain or chance.random() < share:
                    disk[offset : offset + len(block)] = block
        return disk

    def _flush_before(self, position: int) -> None:
        assert position >= self._flushed_to, "cuts come in the order of the log"
        records = self._log.records
        flushes = (place for place in range(position, self._flushed_to, -1) if records[place - 1].kind == "flush")
        for record in records[self._flushed_to : (end := next(flushes, self._flushed_to))]:
            self._flushed[record.offset : record.offset + len(record.data)] = record.data
        self._flushed_to = end


def _blocks(record: Record) -> list[tuple[int, bytes]]:
    """The parts of a write that lie in different blocks."""
    parts = []
    offset, end = record.offset, record.offset + len(record.data)
    while offset < end:
        border = min(end, offset // BLOCK_BYTES * BLOCK_BYTES + BLOCK_BYTES)
        parts.append((offset, record.data[offset - record.offset : border - record.offset]))
        offset = border
    return parts
