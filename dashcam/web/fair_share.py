"""Keeps the threads of the page for everybody: one address may hold only so many at once."""

from __future__ import annotations

import threading
from collections import Counter


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
