"""Locking, unlocking and deleting clips, as asked by people and by save requests."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterable
from pathlib import Path
from typing import NamedTuple

import msgspec

from dashcam.clips.catalogue_writer import CatalogueWriter
from dashcam.clips.clip import ClipId, ClipKind
from dashcam.clips.names import CardFolders, sidecar_of
from dashcam.clips.removal import remove_clips
from dashcam.clips.row import ClipRow
from dashcam.clips.sidecar import Lock, LockCause, Sidecar, read_sidecar, tag_in, write_sidecar
from dashcam.errors import CardError, ClipBusy, ClipNotFound, DashcamError
from dashcam.keeper.moves import free_place, move_clip
from dashcam.keeper.rows import FileFacts, file_of, row_of
from dashcam.keeper.unfinished import Unfinished
from dashcam.link.messages import ClipsDone

log = logging.getLogger(__name__)

_LOCKED_MEANWHILE = "It was locked meanwhile; delete it again if you mean it."


class _Found(NamedTuple):
    path: Path
    row: ClipRow


class Locking:
    """Used by the keeper's one working thread."""

    def __init__(
        self,
        card: CardFolders,
        catalogue: CatalogueWriter,
        unfinished: Unfinished,
        *,
        look_again: Callable[[Iterable[Path]], None],
        withdraw: Callable[[Collection[str]], None],
        protected_ids: Callable[[], frozenset[str]],
        utc_now: Callable[[], str | None],
    ) -> None:
        """`look_again` digests what has changed on the card and the given folders, for a clip that is not where it was.

        `withdraw` takes ids out of the save requests that wait, `protected_ids` are those in them.
        """
        self._card = card
        self._catalogue = catalogue
        self._unfinished = unfinished
        self._look_again = look_again
        self._withdraw = withdraw
        self._protected_ids = protected_ids
        self._utc_now = utc_now

    def lock(self, ids: Iterable[str], cause: LockCause) -> ClipsDone:
        """Moves clips to EVENT; photos and clips of events stay where they are. What is locked already stays so."""
        return self._each(ids, lambda found: self._set_lock(found, Lock(cause=cause, utc=self._utc_now())))

    def unlock(self, ids: Iterable[str]) -> ClipsDone:
        """Moves the loop's clips back to VIDEO; those of events stay in EVENT, unsaved.

        A save that waits for others does not lock them again.
        """
        return self._each(ids, self._give_back)

    def delete(self, ids: Iterable[str], known_locked: Collection[str] = ()) -> ClipsDone:
        """Deletes clips and photos with all that belongs to them; a locked one only if it was known to be locked."""
        failed: dict[str, str] = {}
        locked: list[str] = []
        paths: dict[Path, str] = {}
        protected_ids = self._protected_ids()
        for clip_id in dict.fromkeys(ids):
            try:
                found = self._find(clip_id)
            except DashcamError as error:
                failed[clip_id] = str(error)
                continue
            is_locked = found.row.lock_cause is not None or clip_id in protected_ids
            if is_locked and clip_id not in known_locked:
                failed[clip_id] = _LOCKED_MEANWHILE
                locked.append(clip_id)
            else:
                paths[found.path] = clip_id
        troubles = remove_clips(self._card, paths)
        failed |= {paths[path]: f"It cannot be deleted: {error.strerror}." for path, error in troubles.items()}
        done = tuple(clip_id for clip_id in paths.values() if clip_id not in failed)
        self._catalogue.remove(done)
        return ClipsDone(done=done, failed=failed, locked=tuple(locked))

    def is_known(self, clip_id: str) -> bool:
        """True for a finished clip."""
        return self._catalogue.get(clip_id) is not None

    def is_still_open(self, clip_ids: Iterable[str]) -> bool:
        """True while one of the clips is recorded or closed: it is known as soon as its sidecar is there."""
        return any(not self.is_known(clip_id) and self._is_growing_still(clip_id) for clip_id in clip_ids)

    def _is_growing_still(self, clip_id: str) -> bool:
        self._look_again([path.parent for path in self._growing(clip_id)])
        return not self.is_known(clip_id) and bool(self._growing(clip_id))

    def _growing(self, clip_id: str) -> list[Path]:
        """The unfinished files that have this id in their tag."""
        return [path for path in self._unfinished.paths() if _id_in(path) == clip_id]

    def _each(self, ids: Iterable[str], action: Callable[[_Found], None]) -> ClipsDone:
        done: list[str] = []
        failed: dict[str, str] = {}
        for clip_id in dict.fromkeys(ids):
            try:
                action(self._find(clip_id))
                done.append(clip_id)
            except DashcamError as error:
                failed[clip_id] = str(error)
            except OSError as error:
                log.warning("clip %s: %s", clip_id, error)
                failed[clip_id] = f"The card does not allow it: {error.strerror}."
        return ClipsDone(done=tuple(done), failed=failed)

    def _find(self, clip_id: str) -> _Found:
        ClipId.parse(clip_id)
        for attempt in (1, 2):
            row = self._catalogue.get(clip_id)
            path = file_of(self._card, row.path) if row is not None else None
            if row is not None and path is not None:
                return _Found(path, row)
            if attempt == 1:
                self._look_again([path.parent for path in self._growing(clip_id)])
        if self._growing(clip_id):
            raise ClipBusy("The clip is still being recorded or finished; try again once it is closed.")
        raise ClipNotFound(f"There is no clip {clip_id}; it may have been deleted.")

    def _give_back(self, found: _Found) -> None:
        self._withdraw([found.row.id])
        self._set_lock(found, None)

    def _set_lock(self, found: _Found, lock: Lock | None) -> None:
        kind = found.row.kind
        wanted = _kind_for(found.row, is_locked=lock is not None)
        if wanted == kind and (found.row.lock_cause is not None) == (lock is not None):
            return
        sidecar = self._sidecar(found)
        sidecar = msgspec.structs.replace(sidecar, kind=wanted, locked=lock)
        target = found.path
        if wanted == kind:
            self._catalogue.doubt(found.row.id)
            write_sidecar(sidecar_of(found.path), sidecar)
        else:
            path = found.path
            day, stem = path.parent.name, path.stem
            target = free_place(self._card, wanted, day, stem, path.suffix, own=path, clip_id=sidecar.id)
            move_clip(self._card, path, target, sidecar, keeps_thumbnail=True)
        facts = FileFacts.of(target.stat())
        self._catalogue.put([row_of(self._card, target, facts, sidecar, found.row.has_thumbnail)])

    def _sidecar(self, found: _Found) -> Sidecar:
        try:
            return read_sidecar(sidecar_of(found.path))
        except FileNotFoundError as error:
            raise CardError("Its sidecar is missing and made anew; try again in a minute.") from error


def _kind_for(row: ClipRow, *, is_locked: bool) -> ClipKind:
    """Where it is to lie. Only the loop's own clips go back to it."""
    if row.kind == "photo":
        return "photo"
    if is_locked:
        return "event"
    return "loop" if row.event is None else row.kind


def _id_in(path: Path) -> str | None:
    try:
        tag = tag_in(path)
    except OSError:
        return None
    return tag.id if tag else None
