"""A writer with a real card folder, its bookkeeper and a clock that stands still, and what it left on the card."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

import av

from dashcam.camera.base import Packet
from dashcam.clips.sidecar import decode_tag
from dashcam.clock import NANOSECONDS, WallClock
from dashcam.media.durable_file import SyncPolicy
from dashcam.place import Place
from dashcam.recorder.bookkeeper import Bookkeeper
from dashcam.recorder.card import Card
from dashcam.recorder.numbering import Numbering
from dashcam.recorder.packet_queue import EndClip, Entry, NewFormat, PacketQueue
from dashcam.recorder.writer import ClipWriter
from tests.packets import FACTS

NOON = int(datetime(2026, 11, 20, 12, 0, 0, tzinfo=UTC).timestamp()) * NANOSECONDS


class Rig:
    """A writer with its card and bookkeeper; `record` runs them over the given packets and returns when all is done."""

    def __init__(
        self, data: Path, sync: SyncPolicy = os.fdatasync, utc_ns: int = NOON, segment_seconds: float = 2.0
    ) -> None:
        self.queue = PacketQueue(10**8)
        self.place_at: dict[int, Place] = {}
        numbering = Numbering(data / ".state")
        numbering.start()
        clock = WallClock(lambda: 0, lambda: utc_ns)
        self.card = Card(data, numbering, clock, "UTC")
        self.books = Bookkeeper(self.card, frozenset, lambda: 0)
        self.first_durable: list[Path] = []
        self.writer = ClipWriter(
            self.queue,
            self.card,
            "front",
            segment_seconds,
            on_closed=self.books.finish,
            on_first_durable=lambda: self.first_durable.append(self.growing_path()),
            sync=sync,
            place_at=self.place_at.get,
        )

    def growing_path(self) -> Path:
        growing = self.writer.growing
        assert growing is not None
        return growing.place.final

    def trouble(self) -> str | None:
        return self.writer.trouble.state if self.writer.trouble else None

    def record(self, entries: Iterable[Entry]) -> None:
        self.queue.open()
        self.queue.put_marker(NewFormat(FACTS))
        for entry in entries:
            if isinstance(entry, Packet):
                self.queue.put(entry)
            elif isinstance(entry, NewFormat | EndClip):
                self.queue.put_marker(entry)
        stop = threading.Event()
        stop.set()
        self.writer.work(stop)
        self.books.work(stop)
        self.card.close()


def clips_of(data: Path) -> list[Path]:
    """Clips in the order they were recorded: their ids count up."""
    found = sorted((data / "DCIM" / "VIDEO").rglob("*.mp4"))
    return sorted(found, key=tag_number)


def tag_number(path: Path) -> int:
    with av.open(str(path)) as container:
        tag = decode_tag(container.metadata["comment"])
    assert tag is not None
    return int(tag.id.partition("-")[2])


def frames_in(path: Path) -> list[bytes]:
    """The coded pictures without the parameter sets and in the file's own framing."""
    with av.open(str(path)) as container:
        return [bytes(packet) for packet in container.demux(video=0) if packet.size]
