"""A video file, looked at before it is replayed: its times, and whether its packets can be passed on as they are."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

import av
from av.error import FFmpegError

from dashcam.clock import NANOSECONDS
from dashcam.errors import BadMedia, CameraError
from dashcam.media.h264 import has_idr, is_avcc, parameter_sets_of, read_avcc, split_annex_b, split_length_prefixed

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.packet import Packet as FilePacket
    from av.video.stream import VideoStream

# A clip ends at a keyframe, so a longer GOP makes clips longer than asked for. The tolerance is for rates like 29.97.
LONGEST_GOP_SECONDS = 2.0
_GOP_TOLERANCE_SECONDS = 0.1
_LEAST_PICTURES = 2
# libavformat decodes pictures when it opens a file, to learn what an MP4 says itself: 6 of 8 ms at 1080p.
_DECODE_NOTHING = {"skip_frame": "all"}
_SAYS_ALL = "mp4"


@dataclass(frozen=True, slots=True)
class VideoFile:
    """What looking at a file has shown. Times in ticks are in `time_base`, of the file itself."""

    path: Path
    width: int
    height: int
    fps: float
    time_base: Fraction
    first_pts: int
    loop_ticks: int
    """From the first picture to the end of the last one: how much later the next loop begins."""
    delay_ticks: int
    """The most that a packet's pts lies after its dts."""
    obstacles: tuple[str, ...]
    """Why the packets cannot be passed on as they are; empty when they can."""
    is_annex_b: bool
    pts: array[int] = field(repr=False)
    """Of all pictures, in rising order."""
    identity: tuple[int, int] = field(repr=False)
    """Size and change time of the file, to notice that it is another one now."""

    def time_ns(self, loop: int, ticks: int) -> int:
        """Media time of a moment of the file in a loop; the first picture of loop 0 is at 0."""
        played_ticks = loop * self.loop_ticks + ticks - self.first_pts
        # In whole numbers, to the nearest: several times a picture, and fractions are slow.
        numerator, denominator = self.time_base.numerator * NANOSECONDS, self.time_base.denominator
        return (2 * played_ticks * numerator + denominator) // (2 * denominator)

    def duration_ns(self, loop: int, pts: int) -> int:
        """How long the picture with this pts is shown: until the next one begins, the last one until the next loop."""
        index = bisect_right(self.pts, pts)
        end = self.pts[index] if index < len(self.pts) else self.first_pts + self.loop_ticks
        return self.time_ns(loop, end) - self.time_ns(loop, pts)

    def packets(self) -> Iterator[FilePacket[VideoStream]]:
        """All packets from the beginning, then an empty one that makes a decoder give what it holds back.

        Raises CameraError when the file cannot be read any more, or is another one now.
        """
        try:
            if identity_of(self.path) != self.identity:
                raise CameraError(f"{self.path} was changed while it was replayed; the camera is opened again")
            container, stream = open_video(self.path)
            with closing(container):
                yield from container.demux(stream)
        except (FFmpegError, OSError) as error:
            raise CameraError(f"{self.path} cannot be read any more ({_reason(error)}); is it still there?") from error


def identity_of(path: Path) -> tuple[int, int]:
    """Size in bytes and time of the last change in nanoseconds. Raises OSError."""
    facts = path.stat()
    return facts.st_size, facts.st_mtime_ns


def open_video(path: Path) -> tuple[InputContainer, VideoStream]:
    """The file opened, and its first video stream. Raises CameraError when there is none, else what PyAV raises."""
    container = av.open(str(path), options=_DECODE_NOTHING)
    if _SAYS_ALL not in container.format.name:
        container.close()
        container = av.open(str(path))
    if not container.streams.video:
        container.close()
        raise CameraError(f"{path} holds no video; name a video file in camera.source")
    stream = container.streams.video[0]
    stream.codec_context.thread_count = 1  # the other cores have other work
    return container, stream


def look_at(path: Path) -> VideoFile:
    """Reads the whole file once. Raises CameraError, naming the cure, for what cannot be replayed."""
    try:
        if not path.is_file():
            raise CameraError(f"{path} is not there; name a video file in camera.source")
        identity = identity_of(path)
        container, stream = open_video(path)
        with closing(container):
            return _Look(path, stream).of(container, identity)
    except BadMedia as error:
        raise CameraError(f"{path} is damaged: {error}; {_cure(path)}") from error
    except (FFmpegError, OSError, ValueError) as error:
        raise CameraError(f"{path} cannot be played as a video ({_reason(error)}); choose another file") from error


def _reason(error: Exception) -> str:
    """What the system says, without the path and the number it adds."""
    return (error.strerror if isinstance(error, OSError) else None) or str(error)


def _cure(path: Path) -> str:
    return f"repair it (ffmpeg -i {path.name} -c copy repaired.mp4) or choose another"


class _Look:
    """One walk over all packets of a file."""

    def __init__(self, path: Path, stream: VideoStream) -> None:
        context = stream.codec_context
        self._path, self._stream = path, stream
        self._is_h264 = context.name == "h264"
        self._is_annex_b = self._is_h264 and not is_avcc(context.extradata)
        self._prefix_bytes = read_avcc(context.extradata)[1] if is_avcc(context.extradata) and context.extradata else 4
        self._has_sets = not self._is_annex_b
        self._pts: array[int] = array("q")
        self._keyframe_pts: array[int] = array("q")
        self._first_dts: int | None = None
        self._last_dts: int | None = None
        self._last_pts = self._last_duration = 0
        self._delay = 0
        self._obstacles: dict[str, None] = {} if self._is_h264 else {f"its codec is {context.name}, not H.264": None}

    def of(self, container: InputContainer, identity: tuple[int, int]) -> VideoFile:
        for packet in container.demux(self._stream):
            if packet.size:
                self._take(packet)
        if len(self._pts) < _LEAST_PICTURES:
            raise CameraError(f"{self._path} holds no moving pictures; choose a video file")
        in_order = array("q", sorted(self._pts))
        loop_ticks = self._loop_ticks(in_order)
        self._judge_gops(in_order[0] + loop_ticks)
        time_base = self._stream.time_base
        assert time_base is not None
        context = self._stream.codec_context
        gaps = [max(after - before, 1) for before, after in pairwise(in_order)]
        return VideoFile(
            path=self._path,
            width=context.width,
            height=context.height,
            fps=round(float(1 / (median(gaps) * time_base)), 3),
            time_base=time_base,
            first_pts=in_order[0],
            loop_ticks=loop_ticks,
            delay_ticks=self._delay,
            obstacles=tuple(self._obstacles),
            is_annex_b=self._is_annex_b,
            pts=in_order,
            identity=identity,
        )

    def _take(self, packet: FilePacket[VideoStream]) -> None:
        if packet.is_corrupt:
            raise BadMedia("it is cut off in the middle of a picture")
        if packet.pts is None or packet.dts is None:
            raise CameraError(f"{self._path} has no time stamps; put it into an MP4 (ffmpeg -i ... -c copy video.mp4)")
        if self._last_dts is not None and packet.dts <= self._last_dts:
            self._obstacles["its decoding times do not rise"] = None
        if packet.is_discard:
            self._obstacles["an edit list hides some of its pictures"] = None
        if packet.has_sidedata("new_extradata"):
            self._obstacles["its picture format changes on the way"] = None
        if self._first_dts is None:
            self._first_dts = packet.dts
        self._last_dts = packet.dts
        self._delay = max(self._delay, packet.pts - packet.dts)
        if not self._pts or packet.pts > self._last_pts:
            self._last_pts, self._last_duration = packet.pts, packet.duration or 0
        self._pts.append(packet.pts)
        if self._is_h264:
            self._take_h264(packet, packet.pts)

    def _take_h264(self, packet: FilePacket[VideoStream], pts: int) -> None:
        # Walking the lengths of every packet finds pictures that are not whole.
        data = bytes(packet)
        if self._is_annex_b:
            units = split_annex_b(data) if packet.is_keyframe else []
        else:
            units = split_length_prefixed(data, self._prefix_bytes)
        if packet.is_keyframe:
            if not has_idr(units):
                self._obstacles["its GOPs are open (keyframes that are no IDR pictures)"] = None
            self._has_sets = self._has_sets or bool(parameter_sets_of(units))
            self._keyframe_pts.append(pts)
        elif not self._keyframe_pts:
            self._obstacles["it does not begin with a keyframe"] = None
        elif pts < self._keyframe_pts[-1]:
            self._obstacles["its GOPs are open (leading pictures)"] = None

    def _loop_ticks(self, in_order: array[int]) -> int:
        last_duration = self._last_duration or max(in_order[-1] - in_order[-2], 1)
        loop_ticks = in_order[-1] + last_duration - in_order[0]
        assert self._first_dts is not None
        assert self._last_dts is not None
        # The next loop's first dts has to come after this one's last.
        return max(loop_ticks, self._last_dts + 1 - self._first_dts)

    def _judge_gops(self, end: int) -> None:
        if len(set(self._pts)) != len(self._pts):
            self._obstacles["some of its pictures have the same time"] = None
        if not self._has_sets:
            self._obstacles["it carries no parameter sets"] = None
        time_base = self._stream.time_base
        assert time_base is not None
        starts = [*self._keyframe_pts, end]
        longest = max((float((b - a) * time_base) for a, b in pairwise(starts)), default=0.0)
        if self._is_h264 and longest > LONGEST_GOP_SECONDS + _GOP_TOLERANCE_SECONDS:
            self._obstacles[f"up to {longest:.1f} s pass between its keyframes"] = None
