"""Files that wait to become clips: without a sidecar, dropped in, left behind. Touched only once they are quiet."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from dashcam.clips.names import PHOTO_SUFFIX
from dashcam.keeper.growing import is_being_written
from dashcam.keeper.rows import FileFacts

# An upload pauses for a moment now and then; a file that is closed and quiet for this long is whole.
QUIET_SECONDS = 5.0
# The recorder writes a photo and then its sidecar, and holds no lock on it; a card that stalls comes in between.
PHOTO_PATIENCE = 12.0
# After trouble: again in half a minute, then after twice as long each time, up to ten minutes.
FIRST_RETRY_SECONDS = 30.0
LONGEST_RETRY_SECONDS = 600.0
# Whoever opened the file died of it: perhaps of the machine's troubles, so it gets some more chances.
MAX_FAILURES = 3


def is_own_photo(name: str) -> bool:
    """True for the names that the recorder gives to photos."""
    return name.startswith(("dcp_", "boot")) and name.endswith(PHOTO_SUFFIX)


@dataclass(frozen=True, slots=True)
class Waiting:
    """A file that waits: how it looked, when to look again, and how often it went wrong."""

    path: Path
    facts: FileFacts
    look_at: float
    failures: int = 0
    is_growing: bool = False
    """Somebody was still writing to it when it was looked at last."""


class Unfinished:
    """The waiting files. Used by the keeper's one working thread."""

    def __init__(self, quiet_seconds: float = QUIET_SECONDS, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._quiet_seconds = quiet_seconds
        self._monotonic = monotonic
        self._waiting: dict[Path, Waiting] = {}

    def __len__(self) -> int:
        return len(self._waiting)

    def __contains__(self, path: Path) -> bool:
        return path in self._waiting

    @property
    def resting(self) -> int:
        """How many wait and do not just grow, as the clip that is being recorded does."""
        return sum(not known.is_growing for known in self._waiting.copy().values())

    @property
    def is_calm(self) -> bool:
        """True when every file has had its turn: the rest still grows, or goes wrong."""
        return all(known.is_growing or known.failures for known in self._waiting.values())

    def paths(self) -> list[Path]:
        """All that wait."""
        return list(self._waiting)

    def note(self, path: Path, facts: FileFacts) -> None:
        """A scan has seen the file. Its time to be quiet begins again when it looks different."""
        known = self._waiting.get(path)
        if known is None or known.facts != facts:
            is_growing = known is not None and known.is_growing
            patience = PHOTO_PATIENCE if is_own_photo(path.name) else 1.0
            look_at = self._monotonic() + self._quiet_seconds * patience
            self._waiting[path] = Waiting(path, facts, look_at, is_growing=is_growing)

    def forget(self, path: Path) -> None:
        """It is a clip now, or gone."""
        self._waiting.pop(path, None)

    def keep_only(self, folder: Path, names: Iterable[str]) -> None:
        """Forgets what waited in a folder and is not there any more, or not to be waited for."""
        if not self._waiting:
            return
        there = {folder / name for name in names}
        for path in [path for path in self._waiting if path.parent == folder and path not in there]:
            del self._waiting[path]

    def postpone(self, path: Path) -> int:
        """It went wrong; again later. Gives how often it did."""
        known = self._waiting.get(path)
        if known is None:
            return 0
        wait = min(FIRST_RETRY_SECONDS * 2**known.failures, LONGEST_RETRY_SECONDS)
        self._waiting[path] = replace(known, look_at=self._monotonic() + wait, failures=known.failures + 1)
        return known.failures + 1

    def next_ready(self) -> Waiting | None:
        """The first file that is quiet and that nobody writes to; files that are not get another while.

        It is not given again for a while, so that one that fails on the way is not tried at once.
        """
        now = self._monotonic()
        for known in list(self._waiting.values()):
            if known.look_at > now:
                continue
            try:
                facts = FileFacts.of(known.path.lstat())
                is_growing = is_being_written(known.path)
            except OSError:
                self.forget(known.path)
                continue
            if facts == known.facts and not is_growing:
                self._waiting[known.path] = replace(known, look_at=now + FIRST_RETRY_SECONDS, is_growing=False)
                return known
            look_at = now + self._quiet_seconds
            self._waiting[known.path] = replace(known, facts=facts, look_at=look_at, is_growing=is_growing)
        return None
