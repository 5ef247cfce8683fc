"""A writer with a real card folder, its bookkeeper and a clock that stands still, and what it left on the card."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import av

from dashcam.camera.base import Packet
from dashcam.clips.sidecar import decode_tag
from dashcam.clock import NANOSECONDS, WallClock
from dashcam.media.durable_file import SyncPolicy
from dashcam.moment import Moment
from dashcam.place import Place
from dashcam.recorder.bookkeeper import Bookkeeper
from dashcam.recorder.card import Card
from dashcam.recorder.numbering import Numbering
from dashcam.recorder.packet_queue import EndClip, Entry, NewFormat, PacketQueue
from dashcam.recorder.writer import ClipWriter
from dashcam.settings.schema import CameraSettings, GpsSettings, RecordingSettings, Settings
from tests.packets import FACTS

NOON = int(datetime(2026, 11, 20, 12, 0, 0, tzinfo=UTC).timestamp()) * NANOSECONDS


class Rig:
    """A writer with its card and bookkeeper; `record` runs them over the given packets and returns when all is done."""

    def __init__(
        self,
        data: Path,
        sync: SyncPolicy = os.fdatasync,
        utc_ns: int = NOON,
        segment_seconds: float = 2.0,
        gps: GpsSettings = GpsSettings(),  # noqa: B008 it is frozen
    ) -> None:
        self.queue = PacketQueue(10**8)
        self.place_at: Callable[[int], Place | None] = lambda _monotonic_ns: None
        numbering = Numbering(data / ".state")
        numbering.start()
        self._clock = WallClock(lambda: 0, lambda: utc_ns)
        self.card = Card(data, numbering, self._clock, "UTC")
        self.books = Bookkeeper(self.card, frozenset, lambda: 0)
        self.first_durable: list[Path] = []
        self.writer = ClipWriter(
            self.queue,
            self.card,
            Settings(
                camera=CameraSettings(name="front"),
                recording=RecordingSettings(segment_seconds=segment_seconds),
                gps=gps,
            ),
            on_closed=self.books.finish,
            on_first_durable=lambda: self.first_durable.append(self.growing_path()),
            sync=sync,
            moment_at=self.moment_at,
        )

    def moment_at(self, monotonic_ns: int) -> Moment:
        anchor = self._clock.anchor()
        return Moment(
            monotonic_ns=monotonic_ns,
            utc_ns=anchor.utc_ns_at(monotonic_ns) if anchor.is_trusted else None,
            zone=ZoneInfo("UTC"),
            place=self.place_at(monotonic_ns),
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
