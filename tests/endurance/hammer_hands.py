"""Hands on the card while it records: they ask the keeper for everything it can do, and drop files in."""

from __future__ import annotations

import contextlib
import random
import shutil
import threading
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from dashcam.clips.catalogue import CatalogueReader
from dashcam.clips.catalogue_questions import Wanted
from dashcam.clips.clip import ClipId
from dashcam.clips.row import ClipRow
from dashcam.errors import DashcamError
from dashcam.link.client import ask
from dashcam.link.messages import (
    ClipsDone,
    Done,
    LockClips,
    Message,
    Save,
    Saved,
    ScanCard,
    UnlockClips,
)

_LIMIT_SECONDS = 60.0
_PAUSE_SECONDS = 0.1
# A card is not filled by this; each is as large as a clip of the recording.
_MOST_DROPPED_FILES = 40
_CLIPS_AT_ONCE = 3


class BusyHands:
    """`work` is their thread; `counts` says what was done."""

    def __init__(self, data: Path, state: Path, chance: random.Random) -> None:
        self._dcim = data / "DCIM"
        self._state = state
        self._chance = chance
        self._catalogue = CatalogueReader(state)
        self._dropped = 0
        self.counts: Counter[str] = Counter()

    def work(self, stop: threading.Event) -> None:
        """Until told to stop."""
        actions: dict[str, Callable[[], bool]] = {
            "looks at the whole card": self._scan,
            "locks": self._lock,
            "unlocks": self._unlock,
            "saves": self._save,
            "files dropped in": self._drop,
        }
        while not stop.wait(_PAUSE_SECONDS):
            name = self._chance.choice(list(actions))
            try:
                self.counts[name] += actions[name]()
            except (DashcamError, FileNotFoundError):
                # Clips move and go while they are picked, and a keeper that is busy may say so.
                self.counts["without success"] += 1
        self._catalogue.close()

    def _scan(self) -> bool:
        ask(self._state, "keeper", ScanCard(), Done, _LIMIT_SECONDS)
        return True

    def _lock(self) -> bool:
        return self._change(lambda ids: LockClips(ids=ids), is_locked=False)

    def _unlock(self) -> bool:
        return self._change(lambda ids: UnlockClips(ids=ids), is_locked=True)

    def _save(self) -> bool:
        ask(self._state, "recorder", Save(cause="button"), Saved, _LIMIT_SECONDS)
        return True

    def _change(self, message: Callable[[tuple[str, ...]], Message], *, is_locked: bool) -> bool:
        rows = self._some(is_locked=is_locked)
        if not rows:
            return False
        done = ask(self._state, "keeper", message(tuple(row.id for row in rows)), ClipsDone, _LIMIT_SECONDS)
        return bool(done.done)

    def _some(self, *, is_locked: bool) -> list[ClipRow]:
        """A few closed clips of the recorder's own."""
        rows = self._catalogue.page(Wanted(kinds=("loop", "event"), locked=is_locked), limit=60).rows
        own = [row for row in rows if not ClipId.parse(row.id).by_keeper]
        return self._chance.sample(own, min(_CLIPS_AT_ONCE, len(own)))

    def _drop(self) -> bool:
        """A copy of a clip, or something that only looks like one, as people do it over a share."""
        if self._dropped >= _MOST_DROPPED_FILES:
            return False
        folder = self._chance.choice([self._dcim, self._dcim / "VIDEO", self._dcim / "EVENT"])
        target = folder / self._chance.choice(["Holiday {}.mp4", "dcp_2020010112{:02d}00.mp4", "IMG {} ä.MP4"]).format(
            self._dropped
        )
        rows = [*self._some(is_locked=False), *self._some(is_locked=True)]
        if rows and self._chance.random() < 0.7:
            with contextlib.suppress(FileExistsError):
                shutil.copyfile(self._dcim / rows[0].path, target)
        else:
            target.write_bytes(self._chance.randbytes(50_000))
        self._dropped += 1
        return True
