"""Turns a clip that was cut off into an ordinary MP4, by copying its packets. Runs in the child process."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, cast

import av

from dashcam.errors import BadMedia
from dashcam.media.durable_file import DurableFile
from dashcam.media.inspect import open_video, readable_packets
from dashcam.media.jobs import Repaired

if TYPE_CHECKING:
    from typing import BinaryIO

    from av.container import InputContainer, OutputContainer
    from av.stream import Stream

# The clip's tag stands in the comment.
_KEPT_METADATA = ("comment", "creation_time")


def repair(source: Path, target: Path) -> Repaired:
    """Writes what can be read of `source` to `target`, replacing it; durable when it returns, its name is not yet.

    Raises BadMedia when there is nothing to keep, and the OSError of a card that cannot be written.
    """
    size_bytes = source.stat().st_size
    with open_video(source) as (container, video), _new_file(target) as file:
        output = av.open(cast("BinaryIO", file), "w", format="mp4")
        for key in _KEPT_METADATA:
            if key in container.metadata:
                output.metadata[key] = container.metadata[key]
        pairs = _matching_streams(container, output)
        frames, first, end = 0, None, 0
        for packet in readable_packets(container, [stream for stream, _ in pairs.values()], size_bytes):
            is_video = packet.stream.index == video.index
            pts, duration = packet.pts, packet.duration or 0
            packet.stream = pairs[packet.stream.index][1]
            output.mux_one(packet)
            if is_video and pts is not None:
                frames += 1
                first = pts if first is None else min(first, pts)
                end = max(end, pts + duration)
        if not frames or first is None or video.time_base is None:
            raise BadMedia("not one picture in it can be read")
        seconds = float((end - first) * video.time_base)
        output.close()
        file.sync()
        return Repaired(frames=frames, duration_seconds=round(seconds, 6), bytes=file.end)


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


def _matching_streams(container: InputContainer, output: OutputContainer) -> dict[int, tuple[Stream, Stream]]:
    """Each stream that MP4 can hold, and its place in the output, by its index."""
    pairs: dict[int, tuple[Stream, Stream]] = {}
    for stream in container.streams:
        if stream.type == "data":
            matching: Stream = output.add_data_stream("bin_data")
            matching.time_base = stream.time_base
        elif stream.type in ("video", "audio", "subtitle"):
            matching = output.add_stream_from_template(stream)
            matching.time_base = stream.time_base
        else:
            continue
        pairs[stream.index] = (stream, matching)
    return pairs
