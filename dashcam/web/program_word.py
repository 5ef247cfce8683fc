"""What another program says of itself, asked for when somebody wants it and the last word is no longer fresh."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Generic, TypeVar

from dashcam.errors import DashcamError
from dashcam.link.client import ask
from dashcam.link.messages import Message
from dashcam.link.place import Program

T = TypeVar("T", bound=Message)

# A program that hangs holds up one page so long, and the others not at all.
_LIMIT_SECONDS = 1.0


class ProgramWord(Generic[T]):
    """The last answer of `program` to `request`, at most `fresh_seconds` old."""

    def __init__(
        self,
        state: Path,
        program: Program,
        request: Message,
        reply: type[T],
        fresh_seconds: float,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._state = state
        self._program: Program = program
        self._request = request
        self._reply = reply
        self._fresh_seconds = fresh_seconds
        self._monotonic = monotonic
        self._asking = threading.Lock()  # one asks, the others take the last word
        self._word: T | None = None
        self._asked_at = float("-inf")

    def __call__(self) -> T | None:
        """None when the program cannot be reached."""
        if self._monotonic() - self._asked_at >= self._fresh_seconds and self._asking.acquire(blocking=False):
            try:
                self._word = ask(self._state, self._program, self._request, self._reply, _LIMIT_SECONDS)
            except DashcamError:
                self._word = None
            finally:
                self._asked_at = self._monotonic()
                self._asking.release()
        return self._word
