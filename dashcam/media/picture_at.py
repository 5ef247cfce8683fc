"""One picture out of the middle of a video. Runs in the child process."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import av

from dashcam.errors import BadMedia
from dashcam.media.inspect import decode_first_picture, open_video, readable_packets

if TYPE_CHECKING:
    from av.packet import Packet
    from av.stream import Stream
    from av.video.frame import VideoFrame
    from av.video.stream import VideoStream


def picture_at(path: Path, seconds: float) -> VideoFrame:
    """What is shown at this moment of the video, after its end the last picture.

    Where nothing around it decodes, the first picture that does. Raises BadMedia.
    """
    shown: VideoFrame | None = None
    with open_video(path) as (container, stream):
        # One thread: each one more holds pictures of its own.
        stream.thread_count = 1
        tick = float(stream.time_base or 0)
        if tick:
            # Times are rounded to ticks, in the file and by whoever has asked.
            wanted = round(seconds / tick) + (stream.start_time or 0)
            with suppress(av.FFmpegError):
                container.seek(wanted, stream=stream)
            for packet in readable_packets(container, stream, path.stat().st_size):
                for frame in _decoded(stream, packet):
                    if frame.pts is not None and frame.pts > wanted and shown is not None:
                        return shown
                    shown = frame
            for frame in _decoded(stream, None):
                shown = frame if (frame.pts is not None and frame.pts <= wanted) or shown is None else shown
    return decode_first_picture(path) if shown is None else shown


def _decoded(stream: VideoStream, packet: Packet[Stream] | None) -> list[VideoFrame]:
    try:
        return [frame for frame in stream.codec_context.decode(packet) if not frame.is_corrupt]
    except (av.FFmpegError, BadMedia):
        return []
