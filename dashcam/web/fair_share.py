"""Keeps the threads and places of the page for everybody: one address may hold only so many at once.

All phones behind somebody's hotspot have one address. So a limit for one is generous, and only keeps others from
finding nothing.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable

from bottle import request


class FairShare:
    """Counts who holds how many places. Thread-safe: a lock guards the counts."""

    def __init__(self, most_for_one: int) -> None:
        self.most_for_one = most_for_one
        self._guard = threading.Lock()
        self._held: Counter[str] = Counter()

    def take(self, address: str) -> bool:
        """A place for `address`; False when it has as many as one may have."""
        with self._guard:
            if self._held[address] >= self.most_for_one:
                return False
            self._held[address] += 1
            return True

    def give_back(self, address: str) -> None:
        """After every `take` that was granted."""
        with self._guard:
            self._held[address] -= 1
            if not self._held[address]:
                del self._held[address]


class Places:
    """So many places at once for all, of which one address leaves some to the others. Thread-safe."""

    def __init__(self, most: int) -> None:
        self.most = most
        self._guard = threading.Lock()  # of the counts
        self._held: Counter[str] = Counter()

    @property
    def taken(self) -> int:
        """How many are held now."""
        with self._guard:
            return self._held.total()

    def take(self, address: str) -> Callable[[], None] | None:
        """What gives the place back, once however often it is called; None when there is none for `address`."""
        with self._guard:
            if not has_place(self._held[address], self._held.total(), self.most):
                return None
            self._held[address] += 1
        is_held = True

        def give_back() -> None:
            nonlocal is_held
            with self._guard:
                if is_held:
                    is_held = False
                    self._held[address] -= 1
                    if not self._held[address]:
                        del self._held[address]

        return give_back


def has_place(held: int, taken: int, most: int) -> bool:
    """Whether an address that holds `held` of the `taken` places may have one more.

    Half of them at any time, and beyond that what leaves a quarter of them free for whoever comes.
    """
    if taken >= most:
        return False
    return held < most // 2 or most - taken > most // 4


def asking_address() -> str:
    """Where the request comes from; not what it says of itself in a header."""
    return str(request.environ.get("REMOTE_ADDR", ""))
