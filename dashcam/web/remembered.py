"""A value that costs something to find out: found out when somebody wants it and the last one is no longer fresh."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Remembered(Generic[T]):
    """What `find` gave, at most `fresh_seconds` old. Thread-safe: one finds out, meanwhile others take the last value.

    `find` must not raise.
    """

    def __init__(
        self, find: Callable[[], T], fresh_seconds: float, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._find = find
        self._fresh_seconds = fresh_seconds
        self._monotonic = monotonic
        self._guard = threading.Lock()  # of the first finding
        self._finding = threading.Lock()
        self._found: tuple[T, float] | None = None

    def __call__(self) -> T:
        """The value."""
        with self._guard:
            if self._found is None:
                self._found = self._find(), self._monotonic()
        value, found_at = self._found
        if self._monotonic() - found_at < self._fresh_seconds or not self._finding.acquire(blocking=False):
            return value
        try:
            value = self._find()
            self._found = value, self._monotonic()
        finally:
            self._finding.release()
        return value
