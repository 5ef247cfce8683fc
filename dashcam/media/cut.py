"""Makes one ordinary MP4 of a range over files that continue each other, by copying packets. Runs in the child process.

It begins at the keyframe at or before its start and ends with the last picture at or before its end. Where pictures are
sent in another order than they are shown, those without which one within cannot be decoded come along.
"""

from __future__ import annotations

import heapq
import os
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from fractions import Fraction
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

import av

from dashcam.errors import BadMedia
from dashcam.media.inspect import SPARSE, open_video, readable_packets
from dashcam.media.jobs import CutMade, CutPart, CutPlanned, NotOfOneKind
from dashcam.media.new_mp4 import NewMp4, new_file

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.packet import Packet
    from av.stream import Stream
    from av.video.stream import VideoStream

    # When, by the decoder, on the new clip's clock; to which track of the new file; what.
    _Timed = tuple[float, int, Packet[Stream]]

# The times that a range is told by are rounded, and capture times jitter: a frame at its very edge is never lost by
# that. Less than half of what a frame lasts at 100 in a second.
TOLERANCE_SECONDS = 0.004
# From where a keyframe is looked for if the file has none where its index says: farther back each time.
_STEP_BACK_SECONDS = 30.0
# What is said of a picture has to come before it, and pictures are sent before they are shown.
_AHEAD_SECONDS = 1.0
# The index is by the decoder's times, which are before those of the pictures.
_STEP_BEFORE_SECONDS = 0.5


def plan_cut(parts: Sequence[CutPart]) -> CutPlanned | NotOfOneKind:
    """Where the cut will begin; or which part cannot be joined to those before it. Raises BadMedia."""
    kinds = []
    for part in parts:
        with open_video(_path(part)) as (_, video):
            kinds.append(_kind_of(video))
    for number, (kind, like) in enumerate(zip(kinds[1:], kinds, strict=False), start=1):
        if kind != like:
            return NotOfOneKind(part=number)
    return CutPlanned(start_seconds=_keyframe_seconds(_path(parts[0]), parts[0].from_seconds))


def cut(parts: Sequence[CutPart], target: Path, metadata: dict[str, str]) -> CutMade:
    """Writes the range to `target`, replacing it; durable when it returns, its name is not yet.

    The first part begins at a keyframe that `plan_cut` has found. Raises BadMedia when there is nothing in it, and the
    OSError of a card that cannot be written.
    """
    with ExitStack() as stack:
        file = stack.enter_context(new_file(target))
        lanes, frames = _lanes_of(stack, parts)
        output = NewMp4(file, metadata, frames)
        numbers = {key: number for key, lane in lanes.items() if (number := output.add_track(lane.like)) is not None}
        tracks = [_track(parts, lanes[key], number) for key, number in numbers.items()]
        for track in tracks:
            stack.callback(track.close)
        for _, number, packet in heapq.merge(*tracks, key=lambda timed: timed[0]):
            output.add(number, packet)
        made = output.finish()
        return CutMade(
            frames=made.frames,
            duration_seconds=made.duration_seconds,
            last_seconds=made.last_seconds,
            bytes=made.bytes,
        )


# Which of the tracks of a file: the first video, the second track with data.
_Key = tuple[str, int]


@dataclass(frozen=True, slots=True)
class _Lane:
    """A track of the new file, and a track of the parts that it is made like."""

    key: _Key
    like: Stream
    time_base: Fraction


def _lanes_of(stack: ExitStack, parts: Sequence[CutPart]) -> tuple[dict[_Key, _Lane], int]:
    """Every track that any of the parts has, and about how many pictures there are. Few parts begin a new kind."""
    lanes: dict[_Key, _Lane] = {}
    frames = 0
    for part in parts:
        with ExitStack() as of_part:
            container, video = of_part.enter_context(open_video(_path(part)))
            frames += video.frames
            found = {key: stream for key, stream in _streams_in(container).items() if key not in lanes}
            if not found:
                continue
            lanes |= {key: _Lane(key, stream, stream.time_base or Fraction(1, 1000)) for key, stream in found.items()}
            # They are looked at until the new file is there.
            stack.enter_context(of_part.pop_all())
    return lanes, frames


def _streams_in(container: InputContainer) -> dict[_Key, Stream]:
    ordered = sorted(container.streams, key=lambda stream: stream.type)
    by_type = groupby(ordered, key=lambda stream: stream.type)
    found = {stream.index: (kind, number) for kind, streams in by_type for number, stream in enumerate(streams)}
    return {found[stream.index]: stream for stream in container.streams}


def _track(parts: Sequence[CutPart], lane: _Lane, number: int) -> Generator[_Timed, None, None]:
    """The packets of one track over all parts, with the new clip's times."""
    last_dts: int | None = None
    ahead_seconds = _AHEAD_SECONDS if lane.like.type in SPARSE else 0.0
    for part in parts:
        for packet in _of_part(part, lane):
            # Two parts may meet within a tick.
            if packet.dts is not None and last_dts is not None and packet.dts <= last_dts:
                packet.dts = last_dts + 1
                packet.pts = max(packet.pts or 0, packet.dts)
            last_dts = packet.dts if packet.dts is not None else last_dts
            yield float((last_dts or 0) * lane.time_base) - ahead_seconds, number, packet


def _of_part(part: CutPart, lane: _Lane) -> Iterator[Packet[Stream]]:
    path = _path(part)
    with open_video(path) as (container, video):
        stream = _streams_in(container).get(lane.key)
        if stream is None or stream.time_base is None:
            return
        zero = _start_of(video)
        edges = _Edges.of(part, stream.time_base, zero)
        shift = round((Fraction(part.shift_seconds) - zero) / lane.time_base)
        scale = stream.time_base / lane.time_base
        size_bytes = path.stat().st_size
        if stream.index == video.index:
            _go_to(container, stream, float(zero) + (part.from_seconds or 0.0) - _STEP_BEFORE_SECONDS)
            packets = _shown(readable_packets(container, stream, size_bytes), edges)
        else:
            packets = _beside(readable_packets(container, stream, size_bytes), edges, is_sparse=stream.type in SPARSE)
        for packet in packets:
            pts, dts, duration = packet.pts or 0, packet.dts, packet.duration or 0
            packet.time_base = lane.time_base
            packet.pts = round(pts * scale) + shift
            packet.dts = None if dts is None else round(dts * scale) + shift
            packet.duration = round(duration * scale)
            yield packet


@dataclass(frozen=True, slots=True)
class _Edges:
    """First and last moment that count, in ticks of a track; None: from the beginning, to the end."""

    first: int | None
    last: int | None

    @classmethod
    def of(cls, part: CutPart, time_base: Fraction, zero: Fraction) -> _Edges:
        """`zero`: where the media seconds count from."""

        def ticks(seconds: float | None) -> int | None:
            return None if seconds is None else round((zero + Fraction(seconds)) / time_base)

        last_seconds = None if part.to_seconds is None else part.to_seconds + TOLERANCE_SECONDS
        return cls(ticks(part.from_seconds), ticks(last_seconds))


def _shown(packets: Iterable[Packet[Stream]], edges: _Edges) -> Iterator[Packet[Stream]]:
    """Pictures in the order in which they are decoded, from the keyframe on, up to the last one within."""
    last, has_begun = edges.last, edges.first is None
    held: list[Packet[Stream]] = []
    for packet in packets:
        if packet.pts is None:
            continue
        if not has_begun:
            has_begun = packet.is_keyframe and packet.pts >= (edges.first or 0)
        if not has_begun or (edges.first is not None and packet.pts < edges.first):
            continue
        if last is None:
            yield packet
            continue
        if (packet.pts if packet.dts is None else packet.dts) > last:
            return
        held.append(packet)
        if packet.pts <= last:
            # What was sent before it is needed for it, and is shown later: nothing is missing up to there.
            last = max(last, *(waiting.pts or 0 for waiting in held))
            yield from held
            held.clear()


def _beside(packets: Iterable[Packet[Stream]], edges: _Edges, *, is_sparse: bool) -> Iterator[Packet[Stream]]:
    """Sound, texts and data of the range; what is said of the moment in which it begins is said from there on."""
    for packet in packets:
        if packet.pts is None:
            continue
        if edges.last is not None and packet.pts > edges.last:
            return
        if edges.first is not None and packet.pts < edges.first:
            end = packet.pts + (packet.duration or 0)
            if not is_sparse or end <= edges.first:
                continue
            packet.pts = packet.dts = edges.first
            packet.duration = end - edges.first
        yield packet


def _keyframe_seconds(path: Path, wanted_seconds: float | None) -> float:
    """The time of the keyframe at or before a moment; of the first one when there is none before."""
    wanted = 0.0 if wanted_seconds is None else max(wanted_seconds, 0.0) + TOLERANCE_SECONDS
    from_seconds = wanted if wanted_seconds else 0.0
    while True:
        found = _keyframe_from(path, from_seconds, wanted)
        if found is not None and (found <= wanted or from_seconds <= 0):
            return found
        if from_seconds <= 0:
            raise BadMedia("there is no picture in it that a cut could begin with")
        from_seconds = max(from_seconds - _STEP_BACK_SECONDS, 0.0)


def _keyframe_from(path: Path, from_seconds: float, wanted_seconds: float) -> float | None:
    """The last keyframe up to a moment that is found from another one on, else the first after it."""
    with open_video(path) as (container, video):
        if video.time_base is None:
            raise BadMedia("its pictures have no times")
        zero = _start_of(video)
        wanted = int((zero + Fraction(wanted_seconds)) / video.time_base)
        _go_to(container, video, float(zero) + from_seconds if from_seconds else 0.0)
        found: int | None = None
        for packet in readable_packets(container, video, path.stat().st_size):
            if packet.is_keyframe and packet.pts is not None and (found is None or packet.pts <= wanted):
                found = packet.pts
            if found is not None and (packet.dts if packet.dts is not None else found) > wanted:
                break
        return None if found is None else float(found * video.time_base - zero)


def _start_of(video: VideoStream) -> Fraction:
    """The time of the first picture, which media seconds count from: of an encoder that reorders it is not 0."""
    return (video.start_time or 0) * (video.time_base or Fraction(0))


def _go_to(container: InputContainer, stream: Stream, seconds: float) -> None:
    """To a keyframe there or before; where that cannot be told, it stays at the beginning."""
    if seconds > 0 and stream.time_base is not None:
        with suppress(av.FFmpegError):
            container.seek(int(Fraction(seconds) / stream.time_base), stream=stream, backward=True)


def _kind_of(video: VideoStream) -> tuple[object, ...]:
    """What has to be the same in all parts of one clip."""
    context = video.codec_context
    return context.name, video.width, video.height, context.extradata


def _path(part: CutPart) -> Path:
    return Path(os.fsdecode(part.path))
