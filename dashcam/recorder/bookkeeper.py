"""Sidecars of closed clips, and the emergency deletion: all card work of the recorder that is not the recording itself.

It has a thread of its own, so that neither the writer nor the camera ever waits for it.
"""

from __future__ import annotations

import logging
import os
import queue
import threading
from collections.abc import Callable
from pathlib import Path

from dashcam.clips.names import VIDEO_SUFFIX, CardFolders, sidecar_of
from dashcam.clips.removal import remove_clips
from dashcam.clips.retention import Candidate, choose_emergency_victims
from dashcam.clips.sidecar import Sidecar, read_sidecar, write_sidecar
from dashcam.errors import DashcamError
from dashcam.recorder.card import Card
from dashcam.recorder.trouble import FULL_CODES
from dashcam.recorder.writer import Growing

log = logging.getLogger(__name__)

_LOOK_SECONDS = 2.0
# The keeper makes room long before; below this the recorder helps itself.
RESERVE_CLIPS = 2
_LARGEST_RESERVE_SHARE = 4


def _nothing_to_note() -> None:
    """The default of a bookkeeper without a state."""


def sidecar_for(growing: Growing) -> Sidecar:
    """What the recorder knows of a clip that it has just closed."""
    clip, tag = growing.clip, growing.tag
    return Sidecar(
        id=tag.id,
        kind="loop",
        camera=tag.camera,
        integrity="closed",
        started_utc=tag.started_utc,
        started_monotonic_ns=tag.started_monotonic_ns,
        clock_source=tag.clock_source,
        zone=tag.zone,
        media_start_ns=tag.media_start_ns,
        duration_seconds=round(clip.duration_seconds, 6),
        frames=clip.frames,
        dropped_frames=growing.dropped_frames,
        dropped_gops=growing.dropped_gops,
        width=growing.facts.width,
        height=growing.facts.height,
        bytes=growing.file.end,
    )


class Bookkeeper:
    """Finishes closed clips and watches the last reserve of the card."""

    def __init__(
        self,
        card: Card,
        protected_ids: Callable[[], frozenset[str]],
        bytes_per_clip: Callable[[], int],
        note_time: Callable[[], None] = _nothing_to_note,
    ) -> None:
        """`bytes_per_clip` estimates a whole clip; `protected_ids` are those that saved requests wait for.

        `note_time` is called at every turn, every two seconds at least: it writes into the state.
        """
        self._card = card
        self._protected_ids = protected_ids
        self._bytes_per_clip = bytes_per_clip
        self._note_time = note_time
        self._closed: queue.SimpleQueue[Growing | None] = queue.SimpleQueue()
        self._candidates: list[Candidate] | None = None
        self.emergency_deletions = 0
        self.nothing_to_delete = False

    def finish(self, growing: Growing) -> None:
        """Takes over a clip that the writer has closed. Returns at once."""
        self._closed.put(growing)

    def wake(self) -> None:
        """Looks at the card now instead of at the next turn."""
        self._closed.put(None)

    def work(self, stop: threading.Event) -> None:
        """The thread's loop. Once told to stop it still finishes what waits."""
        while True:
            try:
                growing = self._closed.get(timeout=_LOOK_SECONDS if not stop.is_set() else 0.05)
            except queue.Empty:
                if stop.is_set():
                    return
                growing = None
            self._note_time()
            if growing is not None:
                self._finish(growing)
            self._keep_reserve()

    def _finish(self, growing: Growing) -> None:
        """The lock on the file goes with its sidecar: whoever finds neither may repair the clip."""
        try:
            growing.file.sync()
            self._write_sidecar(growing)
        except OSError as error:
            log.warning("no sidecar for %s (%s); the keeper makes one", growing.place.final.name, error)
        finally:
            growing.file.close()

    def _write_sidecar(self, growing: Growing) -> None:
        path, sidecar = sidecar_of(growing.place.final), sidecar_for(growing)
        try:
            write_sidecar(path, sidecar)
        except OSError as error:
            if error.errno not in FULL_CODES:
                raise
            # The clip may have filled the card to the last block; there is room again for so small a file.
            self._keep_reserve()
            write_sidecar(path, sidecar)

    def _keep_reserve(self) -> None:
        space = self._card.space()
        # On a card of a few clips a reserve of two would leave nothing.
        reserve_bytes = min(RESERVE_CLIPS * self._bytes_per_clip(), space.total_bytes // _LARGEST_RESERVE_SHARE)
        missing = reserve_bytes - space.free_bytes
        if missing <= 0:
            self._candidates, self.nothing_to_delete = None, False
            return
        try:
            self._make_room(missing)
        except (OSError, DashcamError) as error:
            log.warning("no room can be made: %s", error)

    def _make_room(self, missing_bytes: int) -> None:
        freed_bytes = 0
        while freed_bytes < missing_bytes and (victims := self._victims(missing_bytes - freed_bytes)):
            freed_bytes += sum(victim.bytes for victim in victims if self._delete(victim))
        self.nothing_to_delete = not freed_bytes

    def _victims(self, missing_bytes: int) -> list[Candidate]:
        """The list of clips is kept while room is short, and made anew before it is said that there are none."""
        known, self._candidates = self._candidates, self._candidates or _loop_clips(self._card.folders)
        victims = choose_emergency_victims(self._candidates, missing_bytes, self._protected_ids())
        if known and sum(victim.bytes for victim in victims) < missing_bytes:
            self._candidates = _loop_clips(self._card.folders)
            victims = choose_emergency_victims(self._candidates, missing_bytes, self._protected_ids())
        return victims

    def _delete(self, victim: Candidate) -> bool:
        """False when the keeper has locked, moved or deleted the clip since the list was made."""
        assert self._candidates is not None
        self._candidates.remove(victim)
        path = self._card.folders.dcim / victim.path
        if _candidate(path, self._card.folders) != victim:
            return False
        log.warning("the card is nearly full: deleting %s", path.name)
        for error in remove_clips(self._card.folders, [path]).values():
            raise error
        self.emergency_deletions += 1
        return True


def _loop_clips(folders: CardFolders) -> list[Candidate]:
    """All closed loop clips with their sidecars; what has none is open or cut off and is left alone."""
    found: list[Candidate] = []
    for folder, _, names in os.walk(folders.of_kind("loop")):
        paths = (Path(folder) / name for name in names if name.endswith(VIDEO_SUFFIX))
        found.extend(candidate for path in paths if (candidate := _candidate(path, folders)) is not None)
    return found


def _candidate(path: Path, folders: CardFolders) -> Candidate | None:
    try:
        sidecar = read_sidecar(sidecar_of(path))
        return Candidate.of(sidecar, folders.relative(path), path.stat().st_size)
    except (OSError, DashcamError):
        return None
