"""Where files are opened: one job at a time, in a thread that waits for the child, so that the keeper never does."""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar

from dashcam.errors import DashcamError
from dashcam.keeper.room import Room
from dashcam.media.jobs import AnyJob
from dashcam.media.media_child import ChildCameToGrief, MediaChild
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
        *,
        room: Room | None = None,
    ) -> None:
        """`room` is shared with others that have a child."""
        self._deliver = deliver
        self._idle_seconds = idle_seconds
        self._room = room or Room()
        self._child = MediaChild()
        self._jobs: queue.SimpleQueue[tuple[AnyJob, type[Any]] | None] = queue.SimpleQueue()
        self._worker = Worker("keeper-desk", self._work, on_death)
        self._done: Callable[[Any], None] | None = None
        self.is_busy = False

    def start(self) -> None:
        """Starts the thread; the child starts with the first job."""
        self._worker.start()

    def submit(self, job: AnyJob, reply: type[T], done: Callable[[T | DashcamError], None]) -> None:
        """Begins a job; call only while not busy. `done` gets the reply, or the error instead of it."""
        assert not self.is_busy
        self.is_busy = True
        self._done = done
        self._room.enter(self, partial(self._jobs.put, (job, reply)))

    def end_idle_child(self) -> None:
        """The next job starts another."""
        self._child.close()

    def give_up(self) -> None:
        """Ends the child in the middle of its job, or before it: the outcome is that it came to grief."""
        if self._room.withdraw(self):
            self._deliver(partial(self._finish, ChildCameToGrief("it was stopped before its turn")))
        elif self.is_busy:
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
            job, reply = found
            outcome: Any
            self._room.clear_for(self)
            try:
                outcome = self._child.ask(job, reply)
            except DashcamError as error:
                outcome = error
            # A child that was killed because we end says nothing about its file.
            if not stop.is_set():
                self._deliver(partial(self._finish, outcome))

    def _finish(self, outcome: Any) -> None:
        done, self._done = self._done, None
        self.is_busy = False
        self._room.leave(self)
        assert done is not None
        done(outcome)
