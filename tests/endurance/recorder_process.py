"""A watched recorder as a child process."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from tests.endurance.child_process import ChildProcess
from tests.endurance.notes import Note, NoteReader
from tests.endurance.receivers import Receiver, settings_of
from tests.endurance.watched_recorder import Without

WIDTH, HEIGHT, FPS = 320, 180, 30
# Of the events; between two of them there is none for a while.
BEFORE_SECONDS, AFTER_SECONDS = 1.0, 1.0
# Until the first packet on a machine that does much else.
_START_LIMIT_SECONDS = 60.0


class RecorderProcess(ChildProcess):
    """Records the synthetic drive, small enough for a machine of two cores, below `data`."""

    def __init__(
        self,
        data: Path,
        log: Path,
        *,
        segment_seconds: float,
        without: Without = "nothing",
        receiver: Receiver = "present",
        with_events: bool = False,
    ) -> None:
        """`with_events`: something happens again and again."""
        reading, writing = os.pipe()
        settings = {
            "camera.kind": "pattern",
            "camera.width": WIDTH,
            "camera.height": HEIGHT,
            "camera.fps": FPS,
            "recording.segment_seconds": segment_seconds,
            **settings_of(receiver, log.parent),
        }
        command = [sys.executable, "-m", "tests.endurance.watched_recorder"]
        command += ["--data", str(data), "--notes", str(writing), "--without", without]
        if with_events:
            settings |= {"events.before_seconds": BEFORE_SECONDS, "events.after_seconds": AFTER_SECONDS}
            command.append("--events")
        command += [f"--set={name}={value}" for name, value in settings.items()]
        super().__init__(command, log, [writing])
        os.close(writing)
        self.notes = NoteReader(reading)

    def wait_until_recording(self) -> Note:
        """The note of the first packet that the writer takes. Raises TimeoutError."""
        return self.notes.wait_for(1, lambda note: note.what == "taken", _START_LIMIT_SECONDS)
