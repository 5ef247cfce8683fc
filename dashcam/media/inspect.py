"""What lies in a media file of unknown origin. Only the child process looks into such files (`dashcam.media.child`)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import av
from av.stream import Discard

from dashcam.errors import BadMedia
from dashcam.media.boxes import structure_of
from dashcam.media.h264 import is_avcc
from dashcam.media.jobs import Inspected
from dashcam.media.unclosed import as_it_grew

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.packet import Packet
    from av.stream import Stream
    from av.video.frame import VideoFrame
    from av.video.stream import VideoStream

# 8K and a little more; a header that promises larger pictures wants our memory.
MAX_PIXELS = 8192 * 4608
# What videos are kept in, by the names of libavformat's demuxers: none of them opens other files or addresses.
_KINDS_OF_VIDEOS = "mov,matroska,avi,mpegts,mpeg,flv,asf,ogg,mxf,h264,hevc,mpegvideo,m4v,mjpeg"
# Tracks beside the video that have something to say once in a while.
SPARSE = ("subtitle", "data")
_EMPTY_TEXT_BYTES = 2
# 1970 is what a camera without a clock writes.
_EARLIEST_YEAR = 1990


@contextmanager
def open_video(path: Path, *, is_any_kind: bool = False) -> Iterator[tuple[InputContainer, VideoStream]]:
    """An MP4 (or a video of any kind) and its video stream. Raises BadMedia for everything that is not.

    The demuxers are named, so that no content makes libavformat take the file for a playlist and open what it points
    at.
    """
    kind = "video" if is_any_kind else "MP4"
    limits = {"max_pixels": str(MAX_PIXELS)} | ({"format_whitelist": _KINDS_OF_VIDEOS} if is_any_kind else {})
    size_bytes = path.stat().st_size
    if not size_bytes:
        raise BadMedia("the file is empty")
    with open(path, "rb") as file:
        try:
            container = av.open(
                as_it_grew(file, size_bytes), "r", format=None if is_any_kind else "mp4", options=limits
            )
        except av.FFmpegError as error:
            raise BadMedia(f"it does not open as {kind}: {error.strerror}") from error
        with container:
            if not container.streams.video:
                raise BadMedia("there is no video in it")
            stream = container.streams.video[0]
            if stream.width * stream.height > MAX_PIXELS:
                raise BadMedia(f"its pictures are too large: {stream.width} x {stream.height}")
            yield container, stream


def readable_packets(container: InputContainer, stream: Stream, size_bytes: int) -> Iterator[Packet[Stream]]:
    """The packets of one track that lie in the file whole; a container is good for one track.

    Ends where the file ends or its structure breaks: for the other tracks that may be elsewhere, because a fragment
    holds one after the other. A power cut may also leave blocks in the middle that were never written; packets in there
    are passed over.
    """
    for other in container.streams:
        if other.index != stream.index:
            other.discard = Discard.all
    prefix_bytes = _length_prefix(stream)
    try:
        for packet in container.demux(stream):
            if not packet.size:
                continue  # the end of a stream
            if packet.is_corrupt or (packet.pos or 0) + packet.size > size_bytes:
                return
            if _adds_up(packet, prefix_bytes):
                yield packet
    except av.FFmpegError:
        return


def _length_prefix(stream: Stream) -> int:
    """How many bytes hold the length of each part of a packet; 0 where parts have none."""
    extradata = stream.codec_context.extradata if stream.type == "video" else None
    is_h264 = stream.type == "video" and stream.codec_context.name == "h264"
    return (extradata[4] & 3) + 1 if is_h264 and extradata and is_avcc(extradata) else 0


def _adds_up(packet: Packet[Stream], prefix_bytes: int) -> bool:
    data = memoryview(packet)
    if packet.stream.type in SPARSE and len(data) > _EMPTY_TEXT_BYTES:
        return any(data)
    position = 0
    while prefix_bytes and position < len(data):
        length = int.from_bytes(data[position : position + prefix_bytes], "big")
        if not length:
            return False
        position += prefix_bytes + length
    return not prefix_bytes or position == len(data)


def inspect_video(path: Path) -> Inspected:
    """Reads the whole file once, decodes nothing. Raises BadMedia."""
    size_bytes = path.stat().st_size
    with open(path, "rb") as file:
        structure = structure_of(as_it_grew(file, size_bytes), size_bytes)
    with open_video(path) as (container, stream):
        promised = stream.frames
        frames, first, end = 0, None, 0
        for packet in readable_packets(container, stream, size_bytes):
            if packet.pts is None:
                continue
            frames += 1
            first = packet.pts if first is None else min(first, packet.pts)
            end = max(end, packet.pts + (packet.duration or 0))
        time_base = stream.time_base
        seconds = float((end - first) * time_base) if first is not None and time_base is not None else 0.0
        return Inspected(
            frames=frames,
            duration_seconds=round(seconds, 6),
            width=stream.width,
            height=stream.height,
            codec=stream.codec_context.name,
            comment=container.metadata.get("comment", ""),
            is_fragmented=structure.is_fragmented,
            is_damaged=frames < promised or not structure.ends_whole,
            taken=_iso_time(container.metadata.get("creation_time", "")),
        )


def _iso_time(text: str) -> str | None:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return text if found.year >= _EARLIEST_YEAR else None


def decode_first_picture(path: Path) -> VideoFrame:
    """The first keyframe of a video that decodes well, else the first that decodes at all. Raises BadMedia."""
    size_bytes = path.stat().st_size
    damaged: VideoFrame | None = None
    with open_video(path) as (container, stream):
        # One thread: each one more holds pictures of its own.
        stream.thread_count = 1
        stream.codec_context.skip_frame = "NONKEY"
        for packet in readable_packets(container, stream, size_bytes):
            frame = _decoded(stream, packet) if packet.is_keyframe else None
            if frame is not None and not frame.is_corrupt:
                return frame
            damaged = damaged or frame
    if damaged is None:
        raise BadMedia("no picture in it can be decoded")
    return damaged


def _decoded(stream: VideoStream, packet: Packet[Stream]) -> VideoFrame | None:
    """The picture of one keyframe; what comes after it is not needed for it."""
    try:
        frames = [*stream.codec_context.decode(packet), *stream.codec_context.decode(None)]
    except av.FFmpegError:
        frames = []
    stream.codec_context.flush_buffers()
    return frames[0] if frames else None
