"""Folders that have changed and wait to be compared with the catalogue."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path

# A folder is looked at when nothing has happened in it for the first time, or at the latest after the second: 5,000
# files that are copied in one after the other are one change, or a few.
SETTLE_SECONDS = 0.5
LONGEST_WAIT_SECONDS = 5.0
# There are three folders a day; with more than this a look at the whole card is cheaper to remember.
_MOST_FOLDERS = 5000


class DirtyFolders:
    """A bounded set; no change is lost, at worst the whole card is looked at. Thread-safe: a lock guards the set."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._since: dict[Path, tuple[float, float]] = {}
        self._everything = False

    def mark(self, folder: Path) -> None:
        """Something in the folder has changed."""
        now = self._monotonic()
        with self._lock:
            first, _ = self._since.get(folder, (now, now))
            self._since[folder] = (first, now)
            if len(self._since) > _MOST_FOLDERS:
                self._since.clear()
                self._everything = True

    def mark_now(self, folders: Iterable[Path]) -> None:
        """To be looked at without waiting for calm."""
        with self._lock:
            for folder in folders:
                self._since[folder] = (float("-inf"), float("-inf"))

    def mark_everything(self) -> None:
        """What has changed is not known."""
        with self._lock:
            self._everything = True

    def take_everything(self) -> bool:
        """True once after the whole card was marked."""
        with self._lock:
            marked, self._everything = self._everything, False
            return marked

    def take_due(self) -> Path | None:
        """A folder that has settled or has waited long enough; it is not dirty any more."""
        now = self._monotonic()
        with self._lock:
            for folder, (first, last) in self._since.items():
                if now - last >= SETTLE_SECONDS or now - first >= LONGEST_WAIT_SECONDS:
                    del self._since[folder]
                    return folder
        return None

    def make_due(self) -> None:
        """Whatever is dirty is looked at at once."""
        with self._lock:
            self._since = dict.fromkeys(self._since, (float("-inf"), float("-inf")))

    def __len__(self) -> int:
        with self._lock:
            return len(self._since) + self._everything
