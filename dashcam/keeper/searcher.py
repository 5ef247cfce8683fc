"""Has a child look for motion, one clip at a time, in a thread that waits for it, so that the keeper never does."""

from __future__ import annotations

import queue
import sys
import threading
from collections.abc import Callable
from functools import partial
from typing import TypeVar

import msgspec

from dashcam.clips.event import MotionTrace
from dashcam.errors import BadMedia, CardError, DashcamError, LinkError
from dashcam.keeper.room import Room
from dashcam.motion.search_jobs import (
    CardTrouble,
    Clip,
    Glance,
    Glanced,
    Going,
    GoOn,
    LookedInto,
    LookInto,
    SearchAnswer,
    SearchJob,
    Unreadable,
)
from dashcam.settings.schema import MotionSettings
from dashcam.system.answering_child import AnsweringChild, ChildFailed
from dashcam.worker import Worker

T = TypeVar("T")

# It answers every second while it looks; on the smallest board the libraries alone take 5 s to load.
ANSWER_SECONDS = 120.0
# The child's libraries are not kept in memory for longer than the next clip is likely to come.
_IDLE_SECONDS = 10.0


class SearchCameToGrief(BadMedia):
    """The child died or hung: of the file as a rule, but perhaps for lack of memory."""


class Searcher:
    """Takes one thing to do, and hands the outcome to `deliver` as something to call in the working thread."""

    def __init__(
        self,
        deliver: Callable[[Callable[[], None]], None],
        on_death: Callable[[BaseException], None],
        *,
        room: Room | None = None,
        idle_seconds: float = _IDLE_SECONDS,
        answer_seconds: float = ANSWER_SECONDS,
    ) -> None:
        """`room` is shared with others that have a child."""
        self._deliver = deliver
        self._room = room or Room()
        self._idle_seconds = idle_seconds
        self._answer_seconds = answer_seconds
        self._child = AnsweringChild([sys.executable, "-P", "-m", "dashcam.motion.search_child"])
        self._decoder: msgspec.json.Decoder[SearchAnswer] = msgspec.json.Decoder(SearchAnswer)
        self._work_to_do: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._worker = Worker("keeper-search", self._work, on_death)
        self._is_given_up = threading.Event()
        self.is_busy = False
        self.reached_seconds = 0.0
        """How far the clip is looked through."""

    @property
    def has_room(self) -> bool:
        """Whether what is begun now need not wait for another one's child."""
        return self._room.is_free

    def start(self) -> None:
        """Starts the thread; the child starts with the first clip."""
        self._worker.start()

    def glance(self, clip: Clip, done: Callable[[float | DashcamError], None]) -> None:
        """How much its keyframes differ; call only while not busy."""
        self._submit(partial(self._glance, clip), done)

    def look(
        self, clip: Clip, settings: MotionSettings, wish: str, done: Callable[[MotionTrace | DashcamError], None]
    ) -> None:
        """What moves in it; call only while not busy."""
        self._submit(partial(self._look, LookInto(clip=clip, settings=settings, wish=wish)), done)

    def end_idle_child(self) -> None:
        """The next clip starts another."""
        self._child.close()

    def give_up(self) -> None:
        """Ends what is being done, at once; its outcome is an error."""
        self._is_given_up.set()
        self._child.kill()

    def close(self) -> None:
        """Ends the child at once. May be called twice."""
        self._worker.stopping.set()
        self._work_to_do.put(None)
        self.give_up()
        self._worker.stop()
        self._child.kill()

    def _submit(self, action: Callable[[], T], done: Callable[[T | DashcamError], None]) -> None:
        assert not self.is_busy
        self.is_busy = True
        self.reached_seconds = 0.0
        self._is_given_up.clear()
        self._room.enter(self, partial(self._work_to_do.put, partial(self._do, action, done)))

    def _work(self, stop: threading.Event) -> None:
        while not stop.is_set():
            try:
                found = self._work_to_do.get(timeout=self._idle_seconds)
            except queue.Empty:
                self._child.close()
                continue
            if found is None or stop.is_set():
                return
            found()

    def _do(self, action: Callable[[], T], done: Callable[[T | DashcamError], None]) -> None:
        outcome: T | DashcamError
        self._room.clear_for(self)
        try:
            outcome = action()
        except DashcamError as error:
            outcome = error
        if not self._worker.stopping.is_set():
            self._deliver(partial(self._finish, done, outcome))

    def _finish(self, done: Callable[[T | DashcamError], None], outcome: T | DashcamError) -> None:
        self.is_busy = False
        self._room.leave(self)
        done(outcome)

    def _glance(self, clip: Clip) -> float:
        answer = self._ask(Glance(clip=clip))
        assert isinstance(answer, Glanced)
        return answer.difference

    def _look(self, job: LookInto) -> MotionTrace:
        answer = self._ask(job)
        while isinstance(answer, Going):
            self.reached_seconds = answer.seconds
            answer = self._ask(GoOn())
        assert isinstance(answer, LookedInto)
        return answer.trace

    def _ask(self, job: SearchJob) -> SearchAnswer:
        if self._is_given_up.is_set():
            raise LinkError("it was stopped")
        try:
            answer = self._decoder.decode(self._child.ask(msgspec.json.encode(job), self._answer_seconds))
        except ChildFailed as error:
            raise SearchCameToGrief(f"whoever looked into it came to grief: {error}") from error
        except msgspec.DecodeError as error:
            self._child.kill()
            raise SearchCameToGrief("whoever looked into it answered nonsense") from error
        match answer:
            case Unreadable():
                raise BadMedia(answer.message)
            case CardTrouble():
                raise CardError(answer.message)
        return answer
