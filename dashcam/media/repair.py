"""Turns a clip that was cut off into an ordinary MP4, by copying its packets. Runs in the child process."""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from dashcam.media.inspect import open_video, readable_packets
from dashcam.media.jobs import Repaired
from dashcam.media.new_mp4 import NewMp4, new_file

if TYPE_CHECKING:
    from av.packet import Packet
    from av.stream import Stream

    # When, by the decoder; to which track of the new file; what.
    _Timed = tuple[float, int, Packet[Stream]]

# The clip's tag stands in the comment.
_KEPT_METADATA = ("comment", "creation_time", "location")


def repair(source: Path, target: Path) -> Repaired:
    """Writes what can be read of `source` to `target`, replacing it; durable when it returns, its name is not yet.

    Raises BadMedia when there is nothing to keep, and the OSError of a card that cannot be written.
    """
    with ExitStack() as stack:
        container, _ = stack.enter_context(open_video(source))
        file = stack.enter_context(new_file(target))
        kept = {key: container.metadata[key] for key in _KEPT_METADATA if key in container.metadata}
        output = NewMp4(file, kept)
        numbers = [(output.add_track(stream), stream.index) for stream in container.streams]
        tracks = [_timed(stack, source, number, index) for number, index in numbers if number is not None]
        for _, number, packet in heapq.merge(*tracks, key=lambda timed: timed[0]):
            output.add(number, packet)
        written = output.finish()
        return Repaired(frames=written.frames, duration_seconds=written.duration_seconds, bytes=written.bytes)


def _timed(stack: ExitStack, source: Path, number: int, index: int) -> Iterator[_Timed]:
    """The packets of one track with their times, read by themselves: a cut takes more from one than from another."""
    container, _ = stack.enter_context(open_video(source))
    stream = container.streams[index]
    seconds = 0.0
    for packet in readable_packets(container, stream, source.stat().st_size):
        if packet.dts is not None and stream.time_base is not None:
            seconds = float(packet.dts * stream.time_base)
        yield seconds, number, packet
