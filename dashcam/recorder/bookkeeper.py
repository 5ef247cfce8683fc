"""Sidecars of closed clips, and the emergency deletion: all card work of the recorder that is not the recording itself.

It has a thread of its own, so that neither the writer nor the camera ever waits for it.
"""

from __future__ import annotations

import contextlib
import logging
import os
import queue
import threading
from collections.abc import Callable
from pathlib import Path

from dashcam.clips.names import VIDEO_SUFFIX, CardFolders, sidecar_of
from dashcam.clips.retention import Candidate, choose_emergency_victims
from dashcam.clips.sidecar import Sidecar, read_sidecar, write_sidecar
from dashcam.errors import DashcamError
from dashcam.files import sync_folder
from dashcam.recorder.card import Card
from dashcam.recorder.writer import Growing

log = logging.getLogger(__name__)

_LOOK_SECONDS = 2.0
# The keeper makes room long before; below this the recorder helps itself.
RESERVE_CLIPS = 2


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
        self, card: Card, protected_ids: Callable[[], frozenset[str]], bytes_per_clip: Callable[[], int]
    ) -> None:
        """`bytes_per_clip` estimates a whole clip; `protected_ids` are those that saved requests wait for."""
        self._card = card
        self._protected_ids = protected_ids
        self._bytes_per_clip = bytes_per_clip
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
            if growing is not None:
                self._write_sidecar(growing)
            self._keep_reserve()

    def _write_sidecar(self, growing: Growing) -> None:
        """The lock on the file goes with its sidecar: whoever finds neither may repair the clip."""
        try:
            growing.file.sync()
            write_sidecar(sidecar_of(growing.place.final), sidecar_for(growing))
        except OSError as error:
            log.warning("no sidecar for %s (%s); the keeper makes one", growing.place.final.name, error)
        finally:
            growing.file.close()

    def _keep_reserve(self) -> None:
        space = self._card.space()
        missing = RESERVE_CLIPS * self._bytes_per_clip() - space.free_bytes
        if not space.total_bytes or missing <= 0:
            self._candidates, self.nothing_to_delete = None, False
            return
        try:
            self._make_room(missing)
        except OSError as error:
            log.warning("no room can be made: %s", error)

    def _make_room(self, missing_bytes: int) -> None:
        if self._candidates is None:
            self._candidates = list(_loop_clips(self._card.folders))
        victims = choose_emergency_victims(self._candidates, missing_bytes, self._protected_ids())
        self.nothing_to_delete = not victims
        for victim in victims:
            self._delete(victim)
        if not victims:
            self._candidates = None

    def _delete(self, victim: Candidate) -> None:
        path = self._card.folders.dcim / victim.path
        log.warning("the card is nearly full: deleting %s", path.name)
        # The clip first: a sidecar alone is swept up, a clip alone would look cut off.
        for part in (path, sidecar_of(path), self._card.folders.thumbnail_of(path), self._card.folders.track_of(path)):
            part.unlink(missing_ok=True)
        with contextlib.suppress(FileNotFoundError):
            sync_folder(path.parent)
        self.emergency_deletions += 1
        if self._candidates is not None:
            self._candidates.remove(victim)


def _loop_clips(folders: CardFolders) -> list[Candidate]:
    """All closed loop clips with their sidecars; what has none is open or cut off and is left alone."""
    found: list[Candidate] = []
    for folder, _, names in os.walk(folders.of_kind("loop")):
        for name in names:
            path = Path(folder) / name
            if path.suffix != VIDEO_SUFFIX:
                continue
            with contextlib.suppress(OSError, DashcamError):
                sidecar = read_sidecar(sidecar_of(path))
                found.append(Candidate.of(sidecar, folders.relative(path), path.stat().st_size))
    return found
