"""What is to be done in the working thread: people's requests first, then what the desk has finished."""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import CancelledError, Future
from typing import Any, TypeVar

from dashcam.errors import DashcamError, LinkError

log = logging.getLogger(__name__)

T = TypeVar("T")


class Inbox:
    """Thread-safe: a lock guards the queues; the work itself is done by whoever calls `serve_one`."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._requests: deque[tuple[Future[Any], Callable[[], Any]]] = deque()
        self._results: deque[Callable[[], None]] = deque()
        self._filled = threading.Event()
        self._refusal: DashcamError | None = LinkError("the keeper is starting; try again in a moment")

    def open(self) -> None:
        """From now on requests wait to be served."""
        with self._lock:
            self._refusal = None

    def close(self, refusal: DashcamError) -> None:
        """Requests fail with `refusal` from now on, those that wait too; results are forgotten."""
        with self._lock:
            self._refusal = refusal
            waiting = list(self._requests)
            self._requests.clear()
            self._results.clear()
        for future, _ in waiting:
            future.set_exception(refusal)

    def ask(self, action: Callable[[], T]) -> T:
        """Has `action` done in the working thread and waits for its result. Raises what it raises."""
        future: Future[T] = Future()
        with self._lock:
            if self._refusal is not None:
                raise self._refusal
            self._requests.append((future, action))
        self._filled.set()
        return future.result()

    def ask_long(self, action: Callable[[], Future[T]]) -> T:
        """The same for an action that only begins something: its future is waited for as well."""
        try:
            return self.ask(action).result()
        except CancelledError as error:
            raise LinkError("the keeper ends or has lost the card; try again in a moment") from error

    def deliver(self, result: Callable[[], None]) -> None:
        """Something to be called in the working thread."""
        with self._lock:
            self._results.append(result)
        self._filled.set()

    def serve_one(self) -> bool:
        """Does one thing that waits; True when there was one. What a result raises comes through."""
        with self._lock:
            request = self._requests.popleft() if self._requests else None
            result = self._results.popleft() if request is None and self._results else None
        if request is not None:
            future, action = request
            try:
                future.set_result(action())
            except Exception as error:
                log.debug("a request failed", exc_info=True)
                future.set_exception(error)
        elif result is not None:
            result()
        return request is not None or result is not None

    def wait(self, seconds: float) -> None:
        """Returns when something waits, or after the time."""
        self._filled.wait(seconds)
        self._filled.clear()

    def __len__(self) -> int:
        with self._lock:
            return len(self._requests) + len(self._results)
