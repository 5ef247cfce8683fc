"""A clip whose closing was cut short the wrong way round: it already points at its index, and the index is not there.

Closing writes the index behind the fragments and then, in the head, turns a `free` box into an `mdat` box around all of
them. We sync in between; a card that does not keep that order leaves a file that no player opens. Shown with the old
head it is again what it was: a growing clip with all its fragments.
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


def as_it_grew(file: BinaryIO, size_bytes: int) -> BinaryIO:
    """The file itself, or a view of it with the head that it had while it grew. Both stand at their beginning."""
    old_head = _old_head(file, size_bytes)
    file.seek(0)
    return file if old_head is None else cast("BinaryIO", _Reopened(file, *old_head))


def _old_head(file: BinaryIO, size_bytes: int) -> tuple[int, bytes] | None:
    """Where the patch begins and what stood there; None for a file that is not one of these."""
    found = list(boxes(file, 0, size_bytes))
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
    """Reads like the file, but for a few bytes."""

    def __init__(self, file: BinaryIO, start: int, content: bytes) -> None:
        self._file = file
        self._start = start
        self._content = content

    def read(self, size: int = -1) -> bytes:
        position = self._file.tell()
        data = bytearray(self._file.read(size))
        first = max(self._start, position)
        last = min(self._start + len(self._content), position + len(data))
        if first < last:
            data[first - position : last - position] = self._content[first - self._start : last - self._start]
        return bytes(data)

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def writable(self) -> bool:
        return False
