"""The longest time that a card may answer nothing before a frame of a ready 8 Mbit/s stream is lost."""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path

from dashcam.errors import LinkError
from dashcam.link.client import ask
from dashcam.link.messages import GetStatus, RecorderStatus
from dashcam.options import ProgramOptions
from dashcam.recorder.service import run_recorder
from dashcam.settings import load_settings
from dashcam.worker import Worker
from tests.bench.measuring import Bench, seconds_until
from tests.bench.stream import ready_stream
from tests.bench.table import Row

# Must hold 6 of the first issue.
_WANTED_SECONDS = 3.0
# Below the minute after which the recorder asks to be started anew.
_LIMIT_SECONDS = 40.0
_QUICK_QUEUE, _QUEUE = "4 MB", "16 MB"


class StallingCard:
    """Syncs as asked, until it is told to answer nothing."""

    def __init__(self) -> None:
        self._answers = threading.Event()
        self._answers.set()
        self.stalled = threading.Event()

    def sync(self, descriptor: int) -> None:
        """The recorder's sync policy; called in its writer's thread."""
        if not self._answers.is_set():
            self.stalled.set()
            self._answers.wait(_LIMIT_SECONDS)
        os.fdatasync(descriptor)

    def stall(self) -> None:
        """From the next sync on."""
        self._answers.clear()

    def answer(self) -> None:
        """Again."""
        self._answers.set()


def measure(bench: Bench) -> list[Row]:
    """A real recorder, whose card stalls until the first frame is lost."""
    queue = _QUICK_QUEUE if bench.is_quick else _QUEUE
    settings = ["camera.kind=replay", f"camera.source={ready_stream()}", f"recording.queue={queue}"]
    seconds = _absorbed_seconds(bench.folder, settings)
    bench.say(f"a stall of {seconds:.1f} s is absorbed by {queue}")
    is_met = seconds >= _WANTED_SECONDS
    return [Row(f"longest stall absorbed by {queue} at 8 Mbit/s", f"{seconds:.1f} s", "", None, "at least 3 s", is_met)]


def _absorbed_seconds(data: Path, settings: list[str]) -> float:
    options = ProgramOptions(data, data / ".state", load_settings(None, settings))
    card, deaths = StallingCard(), list[str]()
    recorder = Worker("recorder", lambda stop: run_recorder(options, stop, deaths.append, card.sync))

    def status() -> RecorderStatus | None:
        assert not deaths, deaths
        try:
            return ask(options.state, "recorder", GetStatus(), RecorderStatus)
        except LinkError:
            return None

    def has_lost() -> bool:
        now = status()
        return now is not None and now.queue.dropped_frames > 0

    def is_recording() -> bool:
        now = status()
        return now is not None and now.open_clip is not None and bool(now.open_clip.path)

    recorder.start()
    try:
        seconds_until(is_recording, time.monotonic())
        card.stall()
        assert card.stalled.wait(_LIMIT_SECONDS), "the recorder does not sync"
        return seconds_until(has_lost, time.monotonic(), _LIMIT_SECONDS)
    finally:
        card.answer()
        recorder.stop(_LIMIT_SECONDS)
