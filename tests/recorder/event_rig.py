"""A ring, an event writer and a loop with a real card, fed with packets whose times are their own."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable
from pathlib import Path

import msgspec

from dashcam.camera.base import Packet
from dashcam.clips.event import EventFacts, MotionTrace
from dashcam.clips.names import sidecar_of
from dashcam.clips.sidecar import Sidecar, read_sidecar
from dashcam.clock import NANOSECONDS, WallClock
from dashcam.media.durable_file import SyncPolicy
from dashcam.moment import Moment
from dashcam.recorder.bookkeeper import Bookkeeper
from dashcam.recorder.card import Card
from dashcam.recorder.events import EventDuty, loop_moment
from dashcam.recorder.feed import Feed
from dashcam.recorder.numbering import Numbering
from dashcam.recorder.packet_queue import EndClip, NewFormat, PacketQueue
from dashcam.recorder.trigger import Trigger
from dashcam.recorder.writer import ClipWriter
from dashcam.settings.schema import EventsSettings, RecordingSettings, Settings
from tests.packets import FACTS, FPS, packets
from tests.recorder.rig import NOON, tag_number

FRAME_NS = NANOSECONDS // FPS


def at(seconds: float) -> int:
    """A moment of the stream by CLOCK_MONOTONIC."""
    return round(seconds * NANOSECONDS)


def _sees_nothing(_from_ns: int, _to_ns: int, _seconds: float) -> MotionTrace | None:
    return None


class EventRig:
    """Second n of the stream is second n of the clock. Nothing is written before `write`."""

    def __init__(
        self,
        data: Path,
        sync: SyncPolicy = os.fdatasync,
        events: EventsSettings = EventsSettings(before_seconds=2, after_seconds=3),  # noqa: B008 it is frozen
        segment_seconds: float = 4.0,
        motion_of: Callable[[int, int, float], MotionTrace | None] = _sees_nothing,
    ) -> None:
        self.data = data
        self.settings = Settings(recording=RecordingSettings(segment_seconds=segment_seconds), events=events)
        self.numbering = Numbering(data / ".state")
        self.numbering.start()
        clock = WallClock(lambda: 0, lambda: NOON)
        self.card = Card(data, self.numbering, clock, "UTC")
        self.books = Bookkeeper(self.card, frozenset, lambda: 0, motion_of=motion_of)

        def moment_at(monotonic_ns: int) -> Moment:
            return Moment(monotonic_ns=monotonic_ns, utc_ns=clock.anchor().utc_ns_at(monotonic_ns), place=None)

        self.loop_queue = PacketQueue(10**8)
        self.loop = ClipWriter(
            self.loop_queue, self.card, self.settings, on_closed=self.books.finish, on_first_durable=lambda: None,
            sync=sync, moment_at=moment_at,
        )  # fmt: skip
        self.duty = EventDuty(
            self.settings,
            self.card,
            self.numbering,
            on_closed=self.books.finish,
            on_first_durable=lambda: None,
            sync=sync,
            moment_at=moment_at,
            loop_at=lambda at_ns: loop_moment(self.loop.growing, self.loop.recent, at_ns),
        )
        self.feed = Feed(self.loop_queue, self.duty)
        self.second = 0.0
        self.open_camera()

    def open_camera(self) -> None:
        """A camera, or another one."""
        self.feed.put_marker(NewFormat(FACTS))

    def close_camera(self) -> threading.Event:
        """No packets come any more."""
        done = threading.Event()
        self.feed.put_marker(EndClip(done))
        return done

    def run_to(self, second: float) -> None:
        """The camera goes on up to there, without the frame of that moment."""
        self.put(packets(round((second - self.second) * FPS), round(self.second * FPS)))
        self.second = second

    def put(self, sent: Iterable[Packet]) -> None:
        """As the camera's thread does."""
        for packet in sent:
            self.feed.put(packet)

    def trigger(self, second: float, **more: object) -> str:
        """Something has happened; gives the id of the event."""
        asked = Trigger(cause="motion", at_monotonic_ns=at(second))
        return self.duty.trigger(msgspec.structs.replace(asked, **more)).id

    def write(self) -> None:
        """All that waits is written, and all clips are closed."""
        stop = threading.Event()
        stop.set()
        self.loop.work(stop)
        self.duty.writer.work(stop)
        self.books.work(stop)
        self.card.close()

    def write_some(self, writer: ClipWriter) -> None:
        """What waits is written, and the clip stays open."""
        queue = self.loop_queue if writer is self.loop else self.duty._queue
        while (entry := queue.take(0.0)) is not None:
            writer._handle(entry)
            writer._keep_durable()

    def clips(self, kind: str = "EVENT") -> list[Path]:
        """In the order of their ids."""
        return sorted((self.data / "DCIM" / kind).rglob("*.mp4"), key=tag_number)

    def sidecars(self, kind: str = "EVENT") -> list[Sidecar]:
        """In the order of their ids."""
        return [read_sidecar(sidecar_of(path)) for path in self.clips(kind)]

    def frames(self, kind: str = "EVENT") -> list[range]:
        """Of each clip, the numbers of its frames by its sidecar: those that it has, if none is missing in between."""
        starts = [(sidecar.media_start_ns or 0, sidecar.frames) for sidecar in self.sidecars(kind)]
        return [range(start // FRAME_NS, start // FRAME_NS + frames) for start, frames in starts]


def in_drive(data: Path, **more: object) -> EventRig:
    """The loop records, and events are made."""
    rig = EventRig(data, **more)  # type: ignore[arg-type]
    rig.feed.open_loop()
    rig.feed.open_events()
    return rig


def in_park(data: Path, **more: object) -> EventRig:
    """Only events are recorded."""
    rig = EventRig(data, **more)  # type: ignore[arg-type]
    rig.feed.open_events()
    return rig


def facts_of(rig: EventRig) -> list[EventFacts]:
    """What the sidecars say of the events."""
    found = [sidecar.event for sidecar in rig.sidecars()]
    assert None not in found
    return [event for event in found if event is not None]
