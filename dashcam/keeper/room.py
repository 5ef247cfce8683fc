"""Room in memory for one child: whoever has work for theirs waits for its turn, and the idle one of another ends."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Protocol


class Guest(Protocol):
    """Has a child that takes tens of megabytes."""

    def end_idle_child(self) -> None:
        """Lets a child end that has nothing to do. In any thread."""
        ...


class Room:
    """Used by the keeper's one working thread, and `clear_for` by the thread of who is inside."""

    def __init__(self) -> None:
        self._guests: tuple[Guest, ...] = ()
        self._inside: Guest | None = None
        self._waiting: deque[tuple[Guest, Callable[[], None]]] = deque()

    @property
    def is_free(self) -> bool:
        """Nobody is inside or waits."""
        return self._inside is None and not self._waiting

    def enter(self, guest: Guest, begin: Callable[[], None]) -> None:
        """Calls `begin` when it is the guest's turn: now, or when those before it have left."""
        if guest not in self._guests:
            self._guests = (*self._guests, guest)
        self._waiting.append((guest, begin))
        self._let_in()

    def leave(self, guest: Guest) -> None:
        """What was begun has ended."""
        if self._inside is guest:
            self._inside = None
            self._let_in()

    def withdraw(self, guest: Guest) -> bool:
        """Waits no longer; False when it did not."""
        left = [found for found in self._waiting if found[0] is not guest]
        was_waiting = len(left) < len(self._waiting)
        self._waiting = deque(left)
        return was_waiting

    def clear_for(self, guest: Guest) -> None:
        """Ends the children of the others, which are idle: takes a moment. Only for who is inside."""
        for other in self._guests:
            if other is not guest:
                other.end_idle_child()

    def _let_in(self) -> None:
        if self._inside is None and self._waiting:
            self._inside, begin = self._waiting.popleft()
            begin()
