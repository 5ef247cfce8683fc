"""Clips as the recorder leaves them, made with its own writer: closed, and as they were while they grew."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory

import av

from dashcam.clips.clip import ClipKind
from dashcam.clips.event import EventFacts
from dashcam.clips.names import CardFolders, sidecar_of
from dashcam.clips.sidecar import ClipTag, Lock, Sidecar, encode_sidecar, encode_tag
from dashcam.clock import NANOSECONDS, TRUSTED_SOURCES, ClockSource, local_time, utc_ns_of, utc_text
from dashcam.media.clip_file import ClipFile
from dashcam.media.durable_file import DurableFile
from tests.packets import FPS, HEIGHT, WIDTH, packets

STARTED_NS = utc_ns_of("2026-11-20T14:45:00.000Z")


def tag_of(
    clip_id: str,
    *,
    started_ns: int | None = STARTED_NS,
    source: ClockSource = "system",
    event: EventFacts | None = None,
    lock: Lock | None = None,
) -> ClipTag:
    """The tag of a clip that began at this moment; None: no clock was trusted."""
    return ClipTag(
        id=clip_id,
        camera="front",
        started_utc=None if started_ns is None else utc_text(started_ns),
        started_monotonic_ns=100 * NANOSECONDS,
        clock_source="none" if started_ns is None else source,
        zone="UTC",
        media_start_ns=5 * NANOSECONDS,
        event=event,
        locked=lock,
    )


@lru_cache(maxsize=32)
def clip_bytes(comment: str, frames: int = 2 * FPS) -> tuple[bytes, bytes]:
    """A clip's content: the moment before it was closed, and closed."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "clip.mp4"
        file = DurableFile(path)
        clip = ClipFile(file, width=WIDTH, height=HEIGHT, template=None, comment=comment)
        for packet in packets(frames):
            clip.write(packet)
        growing = path.read_bytes()
        clip.close()
        file.close()
        return growing, path.read_bytes()


def sidecar_for(
    tag: ClipTag, content: bytes, frames: int = 2 * FPS, *, kind: ClipKind = "loop", lock: Lock | None = None
) -> Sidecar:
    """What the recorder writes beside a closed clip."""
    return Sidecar(
        id=tag.id,
        kind=kind,
        camera=tag.camera,
        integrity="closed",
        started_utc=tag.started_utc,
        started_monotonic_ns=tag.started_monotonic_ns,
        clock_source=tag.clock_source,
        zone=tag.zone,
        media_start_ns=tag.media_start_ns,
        duration_seconds=frames / FPS,
        frames=frames,
        width=WIDTH,
        height=HEIGHT,
        bytes=len(content),
        locked=lock,
        event=tag.event,
    )


def put_clip(
    data: Path,
    clip_id: str,
    *,
    started_ns: int | None = STARTED_NS,
    source: ClockSource = "system",
    kind: str = "VIDEO",
    is_closed: bool = True,
    cut_at: int | None = None,
    stem: str | None = None,
    lock: Lock | None = None,
    event: EventFacts | None = None,
) -> Path:
    """Puts a clip where the recorder would; a closed one with its sidecar, else as it was while it grew."""
    tag = tag_of(clip_id, started_ns=started_ns, source=source, event=event, lock=lock if event else None)
    growing, closed = clip_bytes(encode_tag(tag))
    local = local_time(started_ns, None) if started_ns is not None and source in TRUSTED_SOURCES else None
    boot, _, number = clip_id.partition("-")
    name = f"boot{int(boot):04d}_{int(number):06d}" if local is None else f"dcp_{local:%Y%m%d%H%M%S}"
    folder = CardFolders(data).dcim / kind / ("undated" if local is None else f"{local:%Y-%m-%d}")
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{stem or name}.mp4"
    path.write_bytes(closed if is_closed else growing[:cut_at])
    if is_closed:
        sidecar = sidecar_for(tag, closed, kind="event" if kind == "EVENT" else "loop", lock=lock)
        sidecar_of(path).write_bytes(encode_sidecar(sidecar))
    return path


def packet_marks(path: Path) -> list[tuple[float, bool, str]]:
    """Every video packet: its time, whether it is a keyframe, and a digest of its content."""
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        assert stream.time_base is not None
        return [
            (float((packet.pts or 0) * stream.time_base), packet.is_keyframe, hashlib.sha1(bytes(packet)).hexdigest())
            for packet in container.demux(stream)
            if packet.size
        ]
