"""What a watched recorder tells about itself while it runs: one line of JSON a note, over a pipe.

A note is written the moment something has happened, so what was noted before a kill or a power cut was true then. The
pipe is read here, outside, and keeps what was written to it before its writer died.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from typing import Literal

import msgspec

from dashcam.worker import Worker

# delivered  the camera's packet is in the queue            pts_ns, captured_ns
# taken      the writer took it from the queue              pts_ns
# synced     a sync of a clip has come back                 inode, bytes: its size when the sync began at began_ns
# closing    the writer begins to close a clip              id
# finished   the clip's sidecar was written durably         id
# triggered  an event has begun                             id, captured_ns: of the frame that it happened in
# event over the event's writer begins to close its clip
What = Literal["delivered", "taken", "synced", "closing", "finished", "triggered", "event over"]


class Note(msgspec.Struct, frozen=True, omit_defaults=True):
    """One thing that had happened at `at_ns` of CLOCK_MONOTONIC."""

    at_ns: int
    what: What
    pts_ns: int = 0
    captured_ns: int = 0
    inode: int = 0
    bytes: int = 0
    began_ns: int = 0
    id: str = ""


_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(Note)


class NoteWriter:
    """The watched recorder's end. Thread-safe: a line is one write, and short enough for the pipe to keep it whole."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def note(
        self,
        what: What,
        *,
        pts_ns: int = 0,
        captured_ns: int = 0,
        inode: int = 0,
        bytes: int = 0,  # noqa: A002 it is the field's name
        began_ns: int = 0,
        id: str = "",  # noqa: A002 it is the field's name
    ) -> None:
        """Notes that something has just happened."""
        note = Note(time.monotonic_ns(), what, pts_ns, captured_ns, inode, bytes, began_ns, id)
        os.write(self._descriptor, _encoder.encode(note) + b"\n")


class NoteReader:
    """The rig's end: reads in a thread of its own until the writer's end is closed, by its death at the latest."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._changed = threading.Condition()
        self._notes: list[Note] = []
        self._has_ended = False
        self._worker = Worker("notes", self._read)
        self._worker.start()

    def all(self) -> list[Note]:
        """Every note so far, in the order of their writing."""
        with self._changed:
            return list(self._notes)

    def wait_for(self, count: int, fits: Callable[[Note], bool], limit_seconds: float) -> Note:
        """The `count`th note that fits, as soon as it is there.

        Raises TimeoutError after the limit, or when no more can come.
        """
        until = time.monotonic() + limit_seconds
        found, seen = 0, 0
        with self._changed:
            while True:
                for note in self._notes[seen:]:
                    found += fits(note)
                    if found == count:
                        return note
                seen = len(self._notes)
                rest = until - time.monotonic()
                if self._has_ended or rest <= 0:
                    raise TimeoutError(f"{found} of {count} notes came; the recorder's log says why")
                self._changed.wait(rest)

    def close(self, limit_seconds: float = 10.0) -> list[Note]:
        """Reads what is left once the writer has ended; gives every note."""
        with self._changed:
            self._changed.wait_for(lambda: self._has_ended, limit_seconds)
        self._worker.stop()
        return self.all()

    def _read(self, _stop: threading.Event) -> None:
        with open(self._descriptor, "rb") as pipe:
            for line in pipe:
                # A kill may leave half a line, the last.
                if line.endswith(b"\n"):
                    note = _decoder.decode(line)
                    with self._changed:
                        self._notes.append(note)
                        self._changed.notify_all()
        with self._changed:
            self._has_ended = True
            self._changed.notify_all()
