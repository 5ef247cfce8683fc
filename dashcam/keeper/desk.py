"""Where files are opened: one job at a time, in a thread that waits for the child, so that the keeper never does."""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar

from dashcam.errors import DashcamError
from dashcam.media.jobs import AnyJob
from dashcam.media.media_child import MediaChild
from dashcam.worker import Worker

log = logging.getLogger(__name__)

T = TypeVar("T")

# The child's libraries are not kept in memory for longer than the next file is likely to come.
IDLE_SECONDS = 10.0


class Desk:
    """Takes a job, asks the child, and hands the outcome to `deliver` as something to call in the working thread."""

    def __init__(
        self,
        deliver: Callable[[Callable[[], None]], None],
        on_death: Callable[[BaseException], None],
        idle_seconds: float = IDLE_SECONDS,
    ) -> None:
        self._deliver = deliver
        self._idle_seconds = idle_seconds
        self._child = MediaChild()
        self._jobs: queue.SimpleQueue[tuple[AnyJob, type[Any], Callable[[Any], None]] | None] = queue.SimpleQueue()
        self._worker = Worker("keeper-desk", self._work, on_death)
        self.is_busy = False

    def start(self) -> None:
        """Starts the thread; the child starts with the first job."""
        self._worker.start()

    def submit(self, job: AnyJob, reply: type[T], done: Callable[[T | DashcamError], None]) -> None:
        """Begins a job; call only while not busy. `done` gets the reply, or the error instead of it."""
        assert not self.is_busy
        self.is_busy = True
        self._jobs.put((job, reply, done))

    def give_up(self) -> None:
        """Ends the child in the middle of its job: the outcome is that it came to grief."""
        if self.is_busy:
            self._child.kill()

    def close(self) -> None:
        """Ends the child at once, without an outcome for the job it is at. May be called twice."""
        self._worker.stopping.set()
        self._jobs.put(None)
        self._child.kill()
        self._worker.stop()
        self._child.kill()

    def _work(self, stop: threading.Event) -> None:
        while not stop.is_set():
            try:
                found = self._jobs.get(timeout=self._idle_seconds)
            except queue.Empty:
                self._child.close()
                continue
            if found is None or stop.is_set():
                return
            job, reply, done = found
            outcome: Any
            try:
                outcome = self._child.ask(job, reply)
            except DashcamError as error:
                outcome = error
            # A child that was killed because we end says nothing about its file.
            if not stop.is_set():
                self._deliver(partial(self._finish, done, outcome))

    def _finish(self, done: Callable[[Any], None], outcome: Any) -> None:
        self.is_busy = False
        done(outcome)
