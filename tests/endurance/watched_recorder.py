"""The real recorder in a process of its own, which notes what it does; started by `recorder_process`.

Nothing of the recording is replaced: queue, clip file, sync and sidecar are the recorder's own, with a note added.
`--without` switches syncing off, in part or wholly, for the controls: a rig that then finds nothing proves nothing.
"""

from __future__ import annotations

import argparse
import logging
import os
import time
from pathlib import Path
from types import ModuleType
from typing import Any, Literal, get_args

from dashcam.camera.base import Packet
from dashcam.clips.sidecar import Sidecar, decode_tag, write_sidecar
from dashcam.media.clip_file import ClipFile
from dashcam.media.durable_file import DurableFile
from dashcam.options import ProgramOptions
from dashcam.recorder import bookkeeper, service, writer
from dashcam.recorder.events import EventDuty
from dashcam.recorder.packet_queue import Entry, PacketQueue
from dashcam.recorder.program import EXIT_BROKEN
from dashcam.recorder.trigger import Trigger
from dashcam.settings import load_settings
from dashcam.system.signals import stop_event_on_signals
from tests.endurance.notes import NoteWriter

log = logging.getLogger(__name__)

# order: only the sync that keeps the last write of a closing behind those before it; sync: every sync of the process.
Without = Literal["nothing", "order", "sync"]

# So often something happens, beginning with this frame: while an event lasts, and while none does, loop clips change.
EVENT_FRAMES, FIRST_EVENT_FRAME = 77, 22


class _WatchedQueue(PacketQueue):
    notes: NoteWriter

    def put(self, packet: Packet) -> None:
        """Notes what came from the camera."""
        received = self.frames_received
        super().put(packet)
        if self.frames_received > received:
            self.notes.note("delivered", pts_ns=packet.pts_ns, captured_ns=packet.captured_monotonic_ns)

    def take(self, limit_seconds: float, due_dts_ns: int = 0) -> Entry | None:
        """Notes what the writer has got."""
        entry = super().take(limit_seconds, due_dts_ns)
        if isinstance(entry, Packet):
            self.notes.note("taken", pts_ns=entry.pts_ns)
        return entry


class _WatchedClipFile(ClipFile):
    notes: NoteWriter

    def __init__(self, file: DurableFile, **more: Any) -> None:
        super().__init__(file, **more)
        tag = decode_tag(more["comment"])
        self._is_event = tag is not None and tag.event is not None

    def close(self) -> None:
        """Notes that the closing begins."""
        self.notes.note("event over" if self._is_event else "closing")
        super().close()


class _TriggeredEvents(EventDuty):
    """Something happens again and again, in the middle of a GOP."""

    notes: NoteWriter
    _seen = 0

    def put(self, packet: Packet) -> None:
        """In every so manieth frame."""
        super().put(packet)
        self._seen += 1
        if self._seen % EVENT_FRAMES == FIRST_EVENT_FRAME:
            at_ns = packet.captured_monotonic_ns
            event_id = self.trigger(Trigger(cause="motion", at_monotonic_ns=at_ns, score=50.0)).id
            self.notes.note("triggered", id=event_id, captured_ns=at_ns)


class _WatchedSync:
    def __init__(self, notes: NoteWriter) -> None:
        self._notes = notes

    def __call__(self, descriptor: int) -> None:
        facts, began_ns = os.fstat(descriptor), time.monotonic_ns()
        os.fdatasync(descriptor)
        self._notes.note("synced", inode=facts.st_ino, bytes=facts.st_size, began_ns=began_ns)


class _UnorderedFile(DurableFile):
    """Without rule 4 of the hybrid MP4: a write below the end is not kept behind those before it."""

    def write(self, data: bytes) -> int:
        """Writes without a sync."""
        end, self.end = self.end, 0
        try:
            return super().write(data)
        finally:
            self.end = max(end, self.end)


def _watch(notes: NoteWriter, *, with_events: bool) -> None:
    """Puts the watched parts in the places of the recorder's own."""

    def write_and_note(path: Path, sidecar: Sidecar) -> None:
        write_sidecar(path, sidecar)
        notes.note("finished", id=sidecar.id)

    _WatchedQueue.notes = _WatchedClipFile.notes = _TriggeredEvents.notes = notes
    if with_events:
        _replace(service, "EventDuty", _TriggeredEvents)
    _replace(service, "PacketQueue", _WatchedQueue)
    _replace(writer, "ClipFile", _WatchedClipFile)
    _replace(bookkeeper, "write_sidecar", write_and_note)


def _leave_out(without: Without) -> None:
    if without == "sync":
        _replace(os, "fsync", _sync_nothing)
        _replace(os, "fdatasync", _sync_nothing)
    elif without == "order":
        _replace(writer, "DurableFile", _UnorderedFile)


def _sync_nothing(_descriptor: int) -> None:
    """Says that it is durable, as a bad card does."""


def _replace(module: ModuleType, name: str, part: object) -> None:
    assert hasattr(module, name), f"{module.__name__} has no {name} any more"
    setattr(module, name, part)


def _end_process(reason: str) -> None:
    log.critical("the recorder gives up: %s", reason)
    os._exit(EXIT_BROKEN)


def main() -> int:
    """Records until told to stop; gives the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--notes", type=int, required=True, help="descriptor to write notes to")
    parser.add_argument("--without", choices=get_args(Without), default="nothing")
    parser.add_argument("--events", action="store_true", help="something happens again and again")
    parser.add_argument("--set", dest="assignments", action="append", default=[])
    chosen = parser.parse_args()
    logging.basicConfig(level="INFO", format="%(asctime)s %(name)s: %(message)s")
    notes = NoteWriter(chosen.notes)
    _watch(notes, with_events=chosen.events)
    _leave_out(chosen.without)
    options = ProgramOptions(chosen.data, chosen.data / ".state", load_settings(None, chosen.assignments))
    stop = stop_event_on_signals()
    service.run_recorder(options, stop, _end_process, _WatchedSync(notes))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
