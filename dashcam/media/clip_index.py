"""A clip is as long as its video, whatever lies beside it: set right in the index, on its way into the file.

libavformat takes the longest track for the length of the whole. The last text of a clip stands for a second that had
only begun: players would wait behind the last picture, and clips strung together would have gaps.
"""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dashcam.media.boxes import Box, boxes

if TYPE_CHECKING:
    from dashcam.media.durable_file import DurableFile

# Where a number stands in the content of a box: begin and end, by the box's version (ISO/IEC 14496-12, 8.2.2 to 8.4.2).
_Field = dict[int, tuple[int, int]]
_DURATION: _Field = {0: (16, 20), 1: (24, 32)}  # of mvhd and mdhd
_HEAD_DURATION: _Field = {0: (20, 24), 1: (28, 36)}  # of tkhd, in the timescale of mvhd
_TIMESCALE: _Field = {0: (12, 16), 1: (20, 24)}  # of mdhd
_HANDLER: _Field = {0: (8, 12)}
# What people see and hear is not cut.
_WHOLE_TRACKS = (b"vide", b"soun")


class MuxerFile:
    """What the muxer sees of a DurableFile; an index that comes in one piece is set right."""

    def __init__(self, file: DurableFile) -> None:
        self._file = file

    @property
    def closed(self) -> bool:
        """True once the file was closed; PyAV asks before it writes a trailer."""
        return self._file.closed

    def write(self, data: bytes) -> int:
        """Writes all, or raises the OSError of the card."""
        return self._file.write(as_long_as_video(data) if bytes(data[4:8]) == b"moov" else data)

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Moves the position, as files do."""
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        """The position in bytes."""
        return self._file.tell()

    def readable(self) -> bool:
        """False: libavformat only writes."""
        return self._file.readable()

    def writable(self) -> bool:
        """True until closed."""
        return self._file.writable()

    def seekable(self) -> bool:
        """True."""
        return self._file.seekable()


@dataclass(frozen=True, slots=True)
class _Track:
    handler: bytes
    head: Box
    media: Box


def as_long_as_video(moov: bytes) -> bytes:
    """An index whose texts and data last no longer than its video; whatever else comes stays as it is."""
    index = bytearray(moov)
    whole = next(_boxes(index, 0, len(index)), None)
    if whole is None or whole.end != len(index):
        return moov
    parts = list(_boxes(index, whole.content_start, whole.end))
    movie = next((part for part in parts if part.type == b"mvhd"), None)
    tracks = [_track(index, part) for part in parts if part.type == b"trak"]
    video = next((track for track in tracks if track.handler == b"vide"), None)
    if movie is None or video is None:
        return moov
    for track in tracks:
        if track.handler not in _WHOLE_TRACKS:
            _limit(index, track, video)
    _set(index, movie, _DURATION, max(_get(index, track.head, _HEAD_DURATION) for track in tracks))
    return bytes(index)


def _track(index: bytearray, box: Box) -> _Track:
    parts = {part.type: part for part in _boxes(index, box.content_start, box.end)}
    media = {part.type: part for part in _boxes(index, parts[b"mdia"].content_start, parts[b"mdia"].end)}
    begin, end = _place(index, media[b"hdlr"], _HANDLER)
    return _Track(bytes(index[begin:end]), parts[b"tkhd"], media[b"mdhd"])


def _limit(index: bytearray, track: _Track, video: _Track) -> None:
    longest = _get(index, video.head, _HEAD_DURATION)
    _set(index, track.head, _HEAD_DURATION, min(_get(index, track.head, _HEAD_DURATION), longest))
    video_ticks, video_scale = _get(index, video.media, _DURATION), _get(index, video.media, _TIMESCALE)
    longest = video_ticks * _get(index, track.media, _TIMESCALE) // video_scale
    _set(index, track.media, _DURATION, min(_get(index, track.media, _DURATION), longest))


def _boxes(index: bytearray, start: int, end: int) -> Iterator[Box]:
    return boxes(io.BytesIO(index), start, end)


def _place(index: bytearray, box: Box, field: _Field) -> tuple[int, int]:
    begin, end = field[index[box.content_start]]
    return box.content_start + begin, box.content_start + end


def _get(index: bytearray, box: Box, field: _Field) -> int:
    begin, end = _place(index, box, field)
    return int.from_bytes(index[begin:end], "big")


def _set(index: bytearray, box: Box, field: _Field, number: int) -> None:
    begin, end = _place(index, box, field)
    index[begin:end] = number.to_bytes(end - begin, "big")
