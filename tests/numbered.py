"""A loop whose every frame carries its number, as the recorder leaves it; and what numbers a clip has."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import av
import msgspec

from dashcam.camera.base import Packet
from dashcam.clips.names import CardFolders, sidecar_of
from dashcam.clips.sidecar import ClipTag, encode_sidecar, encode_tag
from dashcam.clock import NANOSECONDS, TRUSTED_SOURCES, ClockSource, local_time, utc_text
from dashcam.media.clip_file import ClipFile
from dashcam.media.durable_file import DurableFile
from tests.made_clips import STARTED_NS, sidecar_for
from tests.packets import FPS, HEIGHT, WIDTH, packets

# When frame 0 was captured.
BEGAN_NS = 1000 * NANOSECONDS
FRAME_NS = NANOSECONDS // FPS
# Filler, which decoders pass over (Rec. ITU-T H.264, 7.3.2.7), says the number.
_FILLER = b"\0\0\0\1\x0cframe-%d;\x80"
_NUMBER = re.compile(rb"\x0cframe-(\d+);")


def moment_of(frame: float) -> int:
    """When a frame was captured, by the monotonic clock."""
    return BEGAN_NS + round(frame * FRAME_NS)


def numbered(count: int, first: int = 0, padding: int = 0) -> Iterator[Packet]:
    """Packets of frames `first` to `first + count`, keyframes every second; `padding`: bytes more in each."""
    for number, sent in enumerate(packets(count, first), start=first):
        yield msgspec.structs.replace(sent, data=sent.data + b"".join(_filler(number, padding)))


def _filler(number: int, padding: int) -> Iterator[bytes]:
    yield _FILLER % number
    if padding:
        yield b"\0\0\0\1\x0c" + b"\xff" * padding + b"\x80"


def numbers_in(path: Path) -> list[int]:
    """The numbers of the frames of a clip, in the order in which they are decoded."""
    with av.open(str(path)) as container:
        found = (_NUMBER.search(bytes(packet)) for packet in container.demux(video=0) if packet.size)
        return [int(match[1]) for match in found if match]


def times_in(path: Path) -> list[float]:
    """Their times in seconds."""
    with av.open(str(path)) as container:
        video = container.streams.video[0]
        assert video.time_base is not None
        return [float((packet.pts or 0) * video.time_base) for packet in container.demux(video) if packet.size]


def decoded_in(path: Path) -> int:
    """How many pictures a player shows."""
    with av.open(str(path)) as container:
        return sum(1 for _ in container.decode(video=0))


@dataclass(frozen=True, slots=True)
class Recorded:
    """A clip of the loop: its id, where it lies, and the frames that it has."""

    id: str
    path: Path
    frames: range


def put_loop(
    data: Path,
    lengths: Sequence[int],
    *,
    boot: int = 42,
    first_number: int = 1,
    first_frame: int = 0,
    source: ClockSource = "system",
    growing: bool = False,
    padding: int = 0,
) -> list[Recorded]:
    """Clips that continue each other, of so many frames each; `growing`: the last one is not closed."""
    made: list[Recorded] = []
    frame = first_frame
    for number, count in enumerate(lengths, start=first_number):
        is_closed = not growing or number < first_number + len(lengths) - 1
        made.append(
            put_recorded(data, f"{boot}-{number}", count, frame, source=source, is_closed=is_closed, padding=padding)
        )
        frame += count
    return made


def put_recorded(
    data: Path,
    clip_id: str,
    count: int,
    frame: int,
    *,
    source: ClockSource = "system",
    is_closed: bool = True,
    padding: int = 0,
    size: tuple[int, int] = (WIDTH, HEIGHT),
) -> Recorded:
    """One clip, where the recorder would put it."""
    utc_ns = STARTED_NS + frame * FRAME_NS
    tag = ClipTag(
        id=clip_id,
        camera="front",
        started_utc=None if source == "none" else utc_text(utc_ns),
        started_monotonic_ns=moment_of(frame),
        clock_source=source,
        zone="UTC",
        media_start_ns=frame * FRAME_NS,
    )
    local = local_time(utc_ns, None) if source in TRUSTED_SOURCES else None
    boot, _, number = clip_id.partition("-")
    stem = f"boot{int(boot):04d}_{int(number):06d}" if local is None else f"dcp_{local:%Y%m%d%H%M%S}"
    folder = CardFolders(data).dcim / "VIDEO" / ("undated" if local is None else f"{local:%Y-%m-%d}")
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{stem}.mp4"
    file = DurableFile(path)
    clip = ClipFile(file, width=size[0], height=size[1], template=None, comment=encode_tag(tag))
    for packet in numbered(count, frame, padding):
        clip.write(packet)
    if is_closed:
        clip.close()
    file.close()
    if is_closed:
        close(tag, path, count)
    return Recorded(clip_id, path, range(frame, frame + count))


def close(tag: ClipTag, path: Path, count: int) -> None:
    """Puts the sidecar beside a clip, as the recorder does when it has closed it."""
    sidecar = sidecar_for(tag, path.read_bytes(), count)
    last_ns = (tag.started_monotonic_ns or 0) + (count - 1) * FRAME_NS
    sidecar_of(path).write_bytes(encode_sidecar(msgspec.structs.replace(sidecar, ended_monotonic_ns=last_ns)))
