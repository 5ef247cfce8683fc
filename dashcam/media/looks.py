"""Small grey pictures of a recorded video, a few a second: what a detector of motion would have seen live.

Decoding takes long and the file may be anything: this belongs into a program that may crash or be stopped.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import av
from av.video.reformatter import ColorRange, Interpolation, VideoReformatter
from msgspec import Struct

from dashcam.errors import BadMedia
from dashcam.media.cadence import Cadence
from dashcam.media.inspect import open_video, readable_packets

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.packet import Packet
    from av.stream import Stream
    from av.video.frame import VideoFrame
    from av.video.stream import VideoStream

# Of which brightness is the first plane.
_PIXEL_FORMAT = "yuv420p"
# Of a video that does not tell its own.
_USUAL_RATE = 25


class Look(Struct, frozen=True):
    """One small picture. `seconds` is counted from the beginning of the video, as players do."""

    seconds: float
    width: int
    height: int
    luma: bytes
    """Brightness, row after row without padding; 16 is black, 235 white, as in the small pictures of the camera."""


def looks_of(
    path: Path, rate: float, width: int, *, keyframes_only: bool = False, start: float = 0.0
) -> Generator[Look, None, None]:
    """Pictures in their order, each later than the one before: the first one, then `rate` a second of the video.

    They are `width` pixels wide, narrower if the video is. What is damaged is passed over, and a file that ends too
    early gives what is there. `keyframes_only` is many times quicker and gives keyframes alone, at most `rate` a
    second. `start`: nothing before this second. Whoever stops early closes the iterator.

    Raises BadMedia, before the first picture only, and the OSError of a card.
    """
    try:
        yield from _looks(path, Cadence(rate), width, keyframes_only=keyframes_only, start=start)
    except BadMedia as error:
        cure = f"choose another file, or try to repair it: ffmpeg -i {path.name} -c copy repaired.mp4"
        raise BadMedia(f"{error}; {cure}") from error


def _looks(path: Path, cadence: Cadence, width: int, *, keyframes_only: bool, start: float) -> Iterator[Look]:
    maker = LookMaker(width)
    is_anything = False
    with open_video(path, is_any_kind=True) as (container, stream):
        clock = _Clock(stream)
        from_ticks = clock.ticks_at(start) if start > 0 else None
        for frame in _frames(path, container, stream, keyframes_only=keyframes_only, from_ticks=from_ticks):
            is_anything = True
            seconds = clock.seconds_of(frame)
            if seconds >= start and cadence.is_due(seconds):
                yield maker.look_of(frame, seconds)
    if not is_anything and start <= 0:
        raise BadMedia("no picture in it can be decoded")


class _Clock:
    """Seconds from the beginning of a video; pictures without a time follow at its usual pace."""

    def __init__(self, stream: VideoStream) -> None:
        self._tick = float(stream.time_base or 0)
        self._begin = stream.start_time
        self._step = 1 / float(stream.guessed_rate or _USUAL_RATE)
        self._last = -self._step

    def ticks_at(self, seconds: float) -> int:
        """That moment in the times of the file."""
        return int(seconds / self._tick) + (self._begin or 0) if self._tick else 0

    def seconds_of(self, frame: VideoFrame) -> float:
        """When the picture is shown."""
        # Not frame.time: those that a decoder gives up at the end do not know how long a tick is.
        if frame.pts is None or not self._tick:
            self._last += self._step
            return self._last
        if self._begin is None:
            self._begin = frame.pts
        self._last = round((frame.pts - self._begin) * self._tick, 6)
        return self._last


def _frames(
    path: Path, container: InputContainer, stream: VideoStream, *, keyframes_only: bool, from_ticks: int | None
) -> Iterator[VideoFrame]:
    """Decoded pictures, whole ones only, from the keyframe before a moment on or from the beginning."""
    # One thread: the other cores have other work.
    stream.thread_count = 1
    if keyframes_only:
        stream.codec_context.skip_frame = "NONKEY"
    if from_ticks is not None:
        # In some kinds of files nothing can be found: they are decoded from the beginning.
        with suppress(av.FFmpegError):
            container.seek(from_ticks, stream=stream)
    for packet in readable_packets(container, stream, path.stat().st_size):
        if packet.is_keyframe or not keyframes_only:
            yield from _whole(stream, packet)
    yield from _whole(stream, None)


def _whole(stream: VideoStream, packet: Packet[Stream] | None) -> list[VideoFrame]:
    try:
        return [frame for frame in stream.codec_context.decode(packet) if not frame.is_corrupt]
    except av.FFmpegError:
        return []


class LookMaker:
    """Makes looks of whole pictures, live and of files the same. Used by one thread, as its scaler is kept."""

    def __init__(self, width: int) -> None:
        self._width = width
        self._scaler = VideoReformatter()

    def look_of(self, frame: VideoFrame, seconds: float) -> Look:
        """As the cameras make theirs: the detector is not to tell a recording from what it saw live."""
        width = min(self._width, frame.width)
        height = max(round(frame.height * width / frame.width / 2) * 2, 2) if width < frame.width else frame.height
        small = self._scaler.reformat(
            frame,
            width,
            height,
            format=_PIXEL_FORMAT,
            dst_color_range=ColorRange.MPEG,
            interpolation=Interpolation.AREA,
            threads=1,
        )
        plane = small.planes[0]
        rows, line = memoryview(plane), plane.line_size
        if line == width:
            luma = bytes(rows[: width * height])
        else:
            luma = b"".join(rows[begin : begin + width] for begin in range(0, line * height, line))
        return Look(seconds, width, height, luma)


def told_seconds(path: Path) -> float:
    """How long the video says it is, for showing progress; 0 where it does not say or cannot be read."""
    try:
        with open_video(path, is_any_kind=True) as (container, _):
            return (container.duration or 0) / av.time_base
    except (BadMedia, OSError, ValueError):
        return 0.0
