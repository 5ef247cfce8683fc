"""A clip whose closing was cut short the wrong way round: it already points at its index, and the index is not there.

Closing writes the index behind the fragments and then, in the head, turns a `free` box into an `mdat` box around all of
them. We sync in between; a card that does not keep that order leaves a file that no player opens. Shown with the old
head it is again what it was: a growing clip with all its fragments.

Nor does one open that was cut inside the head of a fragment, before its pictures: it is shown without that fragment.
"""

from __future__ import annotations

import os
from typing import BinaryIO, cast

from dashcam.media.boxes import Box, boxes

# libavformat's hybrid MP4: `ftyp`, an empty `free` (room for a large size), then a `free` that holds a second `ftyp`,
# then `moov` and the fragments. Closing overwrites the heads of the two `free` boxes: these many bytes.
_EMPTY_FREE = b"\0\0\0\x08free"
_PATCHED_BYTES = 16
_HEAD_BYTES = 256
_BOX_HEAD_BYTES = 8


def as_it_grew(file: BinaryIO, size_bytes: int) -> BinaryIO:
    """The file itself, or a view of it as it was when it grew. Both stand at their beginning."""
    found = list(boxes(file, 0, size_bytes))
    end_bytes = _end_before_torn_head(found, size_bytes)
    old_head = _old_head(file, found, size_bytes)
    file.seek(0)
    if old_head is None and end_bytes == size_bytes:
        return file
    return cast("BinaryIO", _Reopened(file, end_bytes, *(old_head or (0, b""))))


def _end_before_torn_head(found: list[Box], size_bytes: int) -> int:
    """Where the last fragment begins, if the file ends inside its head, else the end of the file."""
    if found and found[-1].type == b"moof" and found[-1].end > size_bytes:
        return found[-1].content_start - _BOX_HEAD_BYTES
    return size_bytes


def _old_head(file: BinaryIO, found: list[Box], size_bytes: int) -> tuple[int, bytes] | None:
    """Where the patch begins and what stood there; None for a file that is not one of these."""
    data = next((box for box in found if box.type == b"mdat"), None)
    if data is None or data.content_start < _PATCHED_BYTES or any(_is_index(file, box, size_bytes) for box in found):
        return None
    file.seek(data.content_start)
    head = file.read(_HEAD_BYTES)
    inner_size = int.from_bytes(head[:4], "big")
    if head[4:8] != b"ftyp" or inner_size > len(head) or head[inner_size + 4 : inner_size + 8] != b"moov":
        return None
    free = (8 + inner_size).to_bytes(4, "big") + b"free"
    return data.content_start - _PATCHED_BYTES, _EMPTY_FREE + free


def _is_index(file: BinaryIO, box: Box, size_bytes: int) -> bool:
    """Whether this is an index that is there as a whole; a cut may leave a part of it, or zeros."""
    if box.type != b"moov" or box.end > size_bytes:
        return False
    parts = {part.type for part in boxes(file, box.content_start, box.end)}
    return {b"mvhd", b"trak"} <= parts


class _Reopened:
    """Reads like the file up to an end, but for a few bytes."""

    def __init__(self, file: BinaryIO, end_bytes: int, start: int, content: bytes) -> None:
        self._file = file
        self._end_bytes = end_bytes
        self._start = start
        self._content = content

    def read(self, size: int = -1) -> bytes:
        position = self._file.tell()
        rest = max(self._end_bytes - position, 0)
        data = bytearray(self._file.read(rest if size < 0 else min(size, rest)))
        first = max(self._start, position)
        last = min(self._start + len(self._content), position + len(data))
        if first < last:
            data[first - position : last - position] = self._content[first - self._start : last - self._start]
        return bytes(data)

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        if whence == os.SEEK_END:
            return self._file.seek(self._end_bytes + offset)
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def writable(self) -> bool:
        return False
