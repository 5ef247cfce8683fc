"""The boxes of an MP4 (ISO/IEC 14496-12), as far as needed to tell a growing file from an ordinary one."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

# A clip of an hour has some 7,000 fragments of two boxes; a file with more boxes than this is a trap.
_MAX_BOXES = 100_000
_HEADER = struct.Struct(">I4s")
_LARGE_SIZE = struct.Struct(">Q")


@dataclass(frozen=True, slots=True)
class Box:
    """A box: its type, where its content begins, and where it says that it ends; that may be beyond the file."""

    type: bytes
    content_start: int
    end: int


@dataclass(frozen=True, slots=True)
class Structure:
    """Of an MP4: does it announce fragments (as a growing clip does), and does its last box end with the file?"""

    is_fragmented: bool
    ends_whole: bool


def boxes(file: BinaryIO, start: int, end: int) -> Iterator[Box]:
    """The boxes between two offsets, as far as their sizes make sense."""
    for _ in range(_MAX_BOXES):
        if start >= end:
            return
        file.seek(start)
        header = file.read(_HEADER.size + _LARGE_SIZE.size)
        if len(header) < _HEADER.size:
            return
        size, box_type = _HEADER.unpack_from(header)
        header_size = _HEADER.size
        if size == 1:
            if len(header) < _HEADER.size + _LARGE_SIZE.size:
                return
            (size,) = _LARGE_SIZE.unpack_from(header, _HEADER.size)
            header_size += _LARGE_SIZE.size
        elif size == 0:
            size = end - start
        if size < header_size:
            return
        yield Box(box_type, start + header_size, start + size)
        start += size


def structure_of(file: BinaryIO, size_bytes: int) -> Structure:
    """Reads only the heads of the boxes."""
    fragmented, last_end = False, 0
    for box in boxes(file, 0, size_bytes):
        last_end = box.end
        if box.type == b"moov" and not fragmented:
            inner = boxes(file, box.content_start, min(box.end, size_bytes))
            fragmented = any(found.type == b"mvex" for found in inner)
    return Structure(fragmented, last_end == size_bytes)
