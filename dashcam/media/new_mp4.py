"""A new ordinary MP4 that packets are copied into. Runs in the child process."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, cast

import av

from dashcam.errors import BadMedia
from dashcam.media.clip_index import MuxerFile
from dashcam.media.durable_file import DurableFile
from dashcam.media.inspect import SPARSE

if TYPE_CHECKING:
    from fractions import Fraction
    from typing import BinaryIO

    from av.packet import Packet
    from av.stream import Stream

# The index is written in one piece: this much, and so much for each picture.
_BUFFER_BYTES = 1024 * 1024
_INDEX_BYTES_PER_FRAME = 32


@dataclass(frozen=True, slots=True)
class Written:
    """What is in a new file: its pictures, how long they last, when the last one begins, and its size."""

    frames: int
    duration_seconds: float
    last_seconds: float
    bytes: int


class NewMp4:
    """The new file while it is written. What lies beside the video never costs a picture."""

    def __init__(self, file: DurableFile, metadata: Mapping[str, str], frames: int = 0) -> None:
        """`frames`: about how many there will be."""
        self._file = file
        self._output = av.open(
            cast("BinaryIO", MuxerFile(file)),
            "w",
            format="mp4",
            buffer_size=_BUFFER_BYTES + _INDEX_BYTES_PER_FRAME * frames,
        )
        self._output.metadata.update(metadata)
        self._tracks: list[Stream] = []
        self._video: Stream | None = None
        # Of the packets; the muxer chooses another one for the file.
        self._video_base: Fraction | None = None
        self._waiting: list[tuple[Packet[Stream], Stream]] = []
        self._frames = 0
        self._first: int | None = None
        self._last = self._end = 0

    def add_track(self, like: Stream) -> int | None:
        """The number of a new track for packets like those of a stream; None for what MP4 cannot hold."""
        if like.type == "data":
            track: Stream = self._output.add_data_stream("bin_data")
        elif like.type in ("video", "audio", "subtitle"):
            track = self._output.add_stream_from_template(like)
        else:
            return None
        track.time_base = like.time_base
        if like.type == "video" and self._video is None:
            self._video, self._video_base = track, like.time_base
        self._tracks.append(track)
        return len(self._tracks) - 1

    def add(self, number: int, packet: Packet[Stream]) -> None:
        """Adds a packet to the track of that number, in the order of time."""
        track = self._tracks[number]
        if track.type in SPARSE:
            # It has nothing to say of pictures that are lost.
            self._waiting.append((packet, track))
            return
        is_video, pts, duration = track is self._video, packet.pts, packet.duration or 0
        if is_video:
            self._add_waiting()
        packet.stream = track
        self._output.mux_one(packet)
        if is_video and pts is not None:
            self._frames += 1
            self._first = pts if self._first is None else min(self._first, pts)
            self._last, self._end = max(self._last, pts), max(self._end, pts + duration)

    def finish(self) -> Written:
        """Closes the file and makes it durable. Raises BadMedia when there is no picture in it."""
        base = self._video_base
        if not self._frames or self._first is None or base is None:
            raise BadMedia("not one picture in it can be read")
        self._output.close()
        self._file.sync()
        seconds, last_seconds = float((self._end - self._first) * base), float((self._last - self._first) * base)
        return Written(self._frames, round(seconds, 6), round(last_seconds, 6), self._file.end)

    def _add_waiting(self) -> None:
        for packet, track in self._waiting:
            packet.stream = track
            try:
                self._output.mux_one(packet)
            except av.FFmpegError:
                if self._file.failure is not None:
                    raise
        self._waiting.clear()


@contextmanager
def new_file(target: Path) -> Iterator[DurableFile]:
    """A file at `target`, in place of what may lie there, that is gone again when the work on it fails."""
    target.unlink(missing_ok=True)
    file = DurableFile(target)
    try:
        yield file
    except BaseException:
        target.unlink(missing_ok=True)
        raise
    finally:
        file.close()
