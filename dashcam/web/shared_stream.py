"""One subscription to a stream of the recorder's, shared by all who listen, and none while nobody does."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Generic, TypeVar

from dashcam.errors import DashcamError, TooManyViewers
from dashcam.link.client import Watch, watch
from dashcam.link.messages import Message
from dashcam.web.fair_share import Places
from dashcam.worker import Worker

T = TypeVar("T", bound=Message)

_AGAIN_SECONDS = 1.0


class Viewer(Generic[T]):
    """One viewer's place; made by `SharedStream.join`."""

    def __init__(self, shared: SharedStream[T], number: int, release: Callable[[], None]) -> None:
        self._shared = shared
        self._number = number
        self._release = release
        self._has_left = False

    def next(self, limit_seconds: float) -> T | None:
        """The newest message that this viewer has not had; None when none comes within the limit or all ends."""
        self._number, message = self._shared.wait_for_news(self._number, limit_seconds)
        return message

    def leave(self) -> None:
        """Gives the place up. May be called twice."""
        if not self._has_left:
            self._has_left = True
            self._shared.leave(self._release)


class SharedStream(Generic[T]):
    """The newest message for up to `max_viewers` viewers. Whoever is slow misses some and holds up nobody."""

    def __init__(
        self,
        state: Path,
        *,
        name: str,
        request: Message,
        reply: type[T],
        max_viewers: int,
        silence_seconds: float,
        full: Callable[[int], str],
    ) -> None:
        """`silence_seconds`: longer than any pause between two messages; `full`: what is said with so many viewers."""
        self._state = state
        self._name = name
        self._request = request
        self._reply = reply
        self._silence_seconds = silence_seconds
        self._full = full
        self._places = Places(max_viewers)
        self._changed = threading.Condition()  # guards everything below
        self._number = 0
        self._newest: T | None = None
        self._worker: Worker | None = None
        self._watch: Watch[T] | None = None
        self._is_closed = False

    @property
    def viewers(self) -> int:
        """How many watch now."""
        return self._places.taken

    @property
    def max_viewers(self) -> int:
        """How many may watch at once; whoever watches already stays when it falls."""
        return self._places.most

    @max_viewers.setter
    def max_viewers(self, most: int) -> None:
        self._places.most = most

    @property
    def is_closed(self) -> bool:
        """True once all waits have ended for good."""
        with self._changed:
            return self._is_closed

    def join(self, address: str) -> Viewer[T]:
        """A place for one more viewer. Raises TooManyViewers when all are taken, or too many by `address`."""
        with self._changed:
            release = None if self._is_closed else self._places.take(address)
            if release is None:
                raise TooManyViewers(self._full(self.max_viewers))
            if self._worker is None:
                self._worker = Worker(self._name, self._subscribe)
                self._worker.start()
            # The newest message there is; without one, the first that comes.
            return Viewer(self, self._number if self._newest is None else self._number - 1, release)

    def leave(self, release: Callable[[], None]) -> None:
        """Called by a viewer with what gives its place back; with the last one the recorder stops sending."""
        with self._changed:
            release()
            if self._places.taken == 0:
                self._end_subscription()

    def wait_for_news(self, number: int, limit_seconds: float) -> tuple[int, T | None]:
        """The newest message and its number, once that differs from `number`."""
        with self._changed:
            is_new = self._changed.wait_for(lambda: self._number != number or self._is_closed, limit_seconds)
            if not is_new or self._is_closed:
                return number, None
            return self._number, self._newest

    def close(self) -> None:
        """Ends every viewer's wait. May be called twice."""
        with self._changed:
            self._is_closed = True
            worker = self._worker
            self._end_subscription()
            self._changed.notify_all()
        if worker is not None:
            worker.stop()

    def _end_subscription(self) -> None:
        """Called with the lock held; the worker ends by itself soon after."""
        if self._worker is not None:
            self._worker.stopping.set()
        if self._watch is not None:
            self._watch.cancel()
        # The next viewer gets a new worker and nothing of long ago.
        self._worker = self._watch = self._newest = None

    def _subscribe(self, stop: threading.Event) -> None:
        while not stop.is_set():
            watching = watch(self._state, "recorder", self._request, self._reply, self._silence_seconds)
            with self._changed:
                if stop.is_set():
                    return
                self._watch = watching
            try:
                with watching:
                    for message in watching:
                        self._publish(message, stop)
            except DashcamError:
                pass  # no recorder or nothing to send just now: the status says so, and it is tried again
            stop.wait(_AGAIN_SECONDS)

    def _publish(self, message: T, stop: threading.Event) -> None:
        with self._changed:
            if not stop.is_set():
                self._newest = message
                self._number += 1
                self._changed.notify_all()
