"""Saying the same thing again, ever less often: what stays wrong shall be neither forgotten nor a flood."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable

_PAUSE_SECONDS = (60.0, 300.0, 900.0, 3600.0)
# Texts that are remembered; a program that is in trouble repeats a handful.
_MOST_TEXTS = 200


class Repeats:
    """Remembers what was said when. Used by one thread, or under its owner's lock."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._said: OrderedDict[str, tuple[int, float]] = OrderedDict()

    def is_due(self, text: str) -> bool:
        """True when `text` is to be said now: it is new, or was said long enough ago. It counts as said then."""
        now = self._monotonic()
        times, said_at = self._said.get(text, (0, 0.0))
        if times and now - said_at < _PAUSE_SECONDS[min(times, len(_PAUSE_SECONDS)) - 1]:
            return False
        self._said[text] = (times + 1, now)
        self._said.move_to_end(text)
        if len(self._said) > _MOST_TEXTS:
            self._said.popitem(last=False)
        return True

    def forget(self) -> None:
        """All of it is news again."""
        self._said.clear()
