"""Turns a clip that was cut off into an ordinary MP4, by copying its packets. Runs in the child process."""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, cast

import av

from dashcam.errors import BadMedia
from dashcam.media.clip_index import MuxerFile
from dashcam.media.durable_file import DurableFile
from dashcam.media.inspect import SPARSE, open_video, readable_packets
from dashcam.media.jobs import Repaired

if TYPE_CHECKING:
    from typing import BinaryIO

    from av.container import InputContainer, OutputContainer
    from av.packet import Packet
    from av.stream import Stream
    from av.video.stream import VideoStream

    # When, by the decoder; to which track of the new file; what.
    _Timed = tuple[float, int, Packet[Stream]]

# The clip's tag stands in the comment.
_KEPT_METADATA = ("comment", "creation_time", "location")
# The index is written in one piece.
_BUFFER_BYTES = 1024 * 1024


def repair(source: Path, target: Path) -> Repaired:
    """Writes what can be read of `source` to `target`, replacing it; durable when it returns, its name is not yet.

    Raises BadMedia when there is nothing to keep, and the OSError of a card that cannot be written.
    """
    with ExitStack() as stack:
        container, video = stack.enter_context(open_video(source))
        file = stack.enter_context(_new_file(target))
        output = av.open(cast("BinaryIO", MuxerFile(file)), "w", format="mp4", buffer_size=_BUFFER_BYTES)
        for key in _KEPT_METADATA:
            if key in container.metadata:
                output.metadata[key] = container.metadata[key]
        copies = list(_matching_streams(container, output))
        tracks = [_timed(stack, source, number, stream.index) for number, (stream, _) in enumerate(copies)]
        copy = _Copy(file, output, video, [matching for _, matching in copies])
        for _, number, packet in heapq.merge(*tracks, key=lambda timed: timed[0]):
            copy.add(number, packet)
        return copy.finish()


def _timed(stack: ExitStack, source: Path, number: int, index: int) -> Iterator[_Timed]:
    """The packets of one track with their times, read by themselves: a cut takes more from one than from another."""
    container, _ = stack.enter_context(open_video(source))
    stream = container.streams[index]
    seconds = 0.0
    for packet in readable_packets(container, stream, source.stat().st_size):
        if packet.dts is not None and stream.time_base is not None:
            seconds = float(packet.dts * stream.time_base)
        yield seconds, number, packet


class _Copy:
    """The new file while it is written. What lies beside the video never costs a picture."""

    def __init__(self, file: DurableFile, output: OutputContainer, video: VideoStream, streams: list[Stream]) -> None:
        self._file = file
        self._output = output
        self._video = video
        self._streams = streams
        self._waiting: list[tuple[int, Packet[Stream]]] = []
        self._frames = 0
        self._first: int | None = None
        self._end = 0

    def add(self, number: int, packet: Packet[Stream]) -> None:
        """Adds a packet to the track of that number, in the order of time."""
        kind = packet.stream.type
        if kind in SPARSE:
            # It has nothing to say of pictures that are lost.
            self._waiting.append((number, packet))
            return
        is_video, pts, duration = packet.stream.index == self._video.index, packet.pts, packet.duration or 0
        if is_video:
            self._add_waiting()
        packet.stream = self._streams[number]
        self._output.mux_one(packet)
        if is_video and pts is not None:
            self._frames += 1
            self._first = pts if self._first is None else min(self._first, pts)
            self._end = max(self._end, pts + duration)

    def finish(self) -> Repaired:
        """Closes the file and makes it durable. Raises BadMedia when there is no picture in it."""
        if not self._frames or self._first is None or self._video.time_base is None:
            raise BadMedia("not one picture in it can be read")
        seconds = float((self._end - self._first) * self._video.time_base)
        self._output.close()
        self._file.sync()
        return Repaired(frames=self._frames, duration_seconds=round(seconds, 6), bytes=self._file.end)

    def _add_waiting(self) -> None:
        for number, packet in self._waiting:
            packet.stream = self._streams[number]
            try:
                self._output.mux_one(packet)
            except av.FFmpegError:
                if self._file.failure is not None:
                    raise
        self._waiting.clear()


@contextmanager
def _new_file(target: Path) -> Iterator[DurableFile]:
    """A file that is gone again when the work on it fails."""
    target.unlink(missing_ok=True)
    file = DurableFile(target)
    try:
        yield file
    except BaseException:
        target.unlink(missing_ok=True)
        raise
    finally:
        file.close()


def _matching_streams(container: InputContainer, output: OutputContainer) -> Iterator[tuple[Stream, Stream]]:
    """Each stream that MP4 can hold, and its place in the output."""
    for stream in container.streams:
        if stream.type == "data":
            matching: Stream = output.add_data_stream("bin_data")
        elif stream.type in ("video", "audio", "subtitle"):
            matching = output.add_stream_from_template(stream)
        else:
            continue
        matching.time_base = stream.time_base
        yield stream, matching
