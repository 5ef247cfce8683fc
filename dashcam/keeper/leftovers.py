"""What is left when a clip has gone: its sidecar, thumbnail and track, and half-written files.

They are removed once they have been lonely for a while. Until then they wait for their clip: people rename a clip and
its sidecar one after the other, or move a clip from one window to another.
"""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from dashcam.clips.catalogue_writer import CatalogueWriter
from dashcam.clips.links import unlink_if_ours
from dashcam.clips.names import (
    PHOTO_SUFFIX,
    VIDEO_SUFFIX,
    CardFolders,
    is_own_stem,
    sidecar_of,
)
from dashcam.clips.removal import remove_belongings
from dashcam.clips.row import ClipRow
from dashcam.clips.sidecar import Sidecar, read_sidecar
from dashcam.errors import BadMedia
from dashcam.keeper.moves import move_belongings
from dashcam.keeper.rows import FileFacts

log = logging.getLogger(__name__)

# Half-written files wait longer: whoever writes one may be held up by a card that stalls.
_TEMPORARY_PATIENCE = 10.0
# Longer than a file waits to be quiet, so that a renamed clip has found its sidecar by then.
LONELY_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class _Lonely:
    """What lies around without its clip: the clip's path as it was, its id if known, and since when."""

    clip_path: Path
    clip_id: str
    since: float


class Leftovers:
    """Used by the keeper's one working thread."""

    def __init__(
        self,
        card: CardFolders,
        catalogue: CatalogueWriter,
        lonely_seconds: float = LONELY_SECONDS,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._card = card
        self._catalogue = catalogue
        self._lonely_seconds = lonely_seconds
        self._monotonic = monotonic
        self._lonely: dict[Path, _Lonely] = {}
        self._paths: dict[str, Path] = {}
        self._temporary: dict[Path, tuple[FileFacts, float]] = {}

    def __len__(self) -> int:
        return len(self._lonely) + len(self._temporary)

    def note_gone(self, row: ClipRow) -> None:
        """A clip that was known is not where it was."""
        self._add(self._card.dcim / row.path, row.id)

    def note_sidecar(self, sidecar_path: Path) -> None:
        """A sidecar lies there without its clip."""
        suffix = PHOTO_SUFFIX if self._card.kind_of(sidecar_path) == "photo" else VIDEO_SUFFIX
        path = sidecar_path.with_suffix(suffix)
        if path in self._lonely:
            return
        sidecar = _read(sidecar_path)
        if sidecar is None and not is_own_stem(path.stem):
            return  # somebody's own file
        self._add(path, sidecar.id if sidecar else "")

    def note_temporary(self, path: Path, facts: FileFacts) -> None:
        """A half-written file of ours lies there."""
        known = self._temporary.get(path)
        if known is None or known[0] != facts:
            self._temporary[path] = (facts, self._monotonic())

    def sidecar_of(self, clip_id: str) -> Sidecar | None:
        """The sidecar of a clip that has been renamed without it."""
        path = self._paths.get(clip_id)
        return None if path is None else _read(sidecar_of(path))

    def came_back(self, clip_id: str, path: Path) -> None:
        """A clip lies at `path` now: what was left where it used to be follows it. Raises OSError."""
        self._drop(path)
        old_path = self._paths.get(clip_id)
        if old_path is not None:
            self._drop(old_path)
            if not os.path.lexists(old_path):
                move_belongings(self._card, old_path, path)

    def step(self) -> bool:
        """Removes what has been lonely for long enough; True when there was something. Raises OSError."""
        before = self._monotonic() - self._lonely_seconds
        ripe = [lonely for lonely in self._lonely.values() if lonely.since <= before]
        for lonely in ripe[:50]:
            self._drop(lonely.clip_path)
            self._settle(lonely)
        long_before = self._monotonic() - self._lonely_seconds * _TEMPORARY_PATIENCE
        stale = [path for path, (_, since) in self._temporary.items() if since <= long_before]
        for path in stale[:50]:
            facts, _ = self._temporary.pop(path)
            _remove_unchanged(path, facts)
        return bool(ripe or stale)

    def _add(self, path: Path, clip_id: str) -> None:
        self._lonely[path] = _Lonely(path, clip_id, self._monotonic())
        if clip_id:
            self._paths[clip_id] = path

    def _drop(self, path: Path) -> None:
        lonely = self._lonely.pop(path, None)
        if lonely is not None and self._paths.get(lonely.clip_id) == path:
            del self._paths[lonely.clip_id]

    def _settle(self, lonely: _Lonely) -> None:
        if os.path.lexists(lonely.clip_path):
            return
        row = self._catalogue.get(lonely.clip_id) if lonely.clip_id else None
        if row is not None:
            move_belongings(self._card, lonely.clip_path, self._card.dcim / row.path)
            return
        if sidecar_of(lonely.clip_path).exists():
            log.info("%s is gone; what belonged to it is removed", self._card.relative(lonely.clip_path))
        remove_belongings(self._card, lonely.clip_path)


def _read(path: Path) -> Sidecar | None:
    try:
        return read_sidecar(path)
    except (OSError, BadMedia):
        return None


def _remove_unchanged(path: Path, facts: FileFacts) -> None:
    try:
        if FileFacts.of(path.lstat()) == facts:
            unlink_if_ours(path)
    except FileNotFoundError:
        return
