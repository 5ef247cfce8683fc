"""Puts the catalogue right: compares one folder with what the catalogue believes to lie in it."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import msgspec

from dashcam.clips.catalogue_writer import CatalogueWriter
from dashcam.clips.clip import ClipId, ClipKind
from dashcam.clips.names import (
    PHOTO_SUFFIX,
    VIDEO_SUFFIX,
    CardFolders,
    is_day,
    local_time_in_stem,
    sidecar_of,
)
from dashcam.clips.row import ClipRow
from dashcam.clips.sidecar import Lock, Sidecar, read_sidecar, write_sidecar
from dashcam.errors import BadMedia, BadRequest
from dashcam.keeper.leftovers import Leftovers
from dashcam.keeper.listing import Listing, is_usable_name, list_folder
from dashcam.keeper.rows import FileFacts, row_of
from dashcam.keeper.unfinished import Unfinished

log = logging.getLogger(__name__)

KINDS: tuple[ClipKind, ...] = ("loop", "event", "photo")


@dataclass(frozen=True, slots=True)
class Place:
    """A day folder of one kind."""

    kind: ClipKind
    day: str


class Digest:
    """Used by the keeper's one working thread. Every method raises OSError and CatalogueLost."""

    def __init__(
        self,
        card: CardFolders,
        catalogue: CatalogueWriter,
        unfinished: Unfinished,
        leftovers: Leftovers,
        *,
        utc_now: Callable[[], str | None],
        may_write: Callable[[], bool],
    ) -> None:
        self._card = card
        self._catalogue = catalogue
        self._unfinished = unfinished
        self._leftovers = leftovers
        self._utc_now = utc_now
        self._may_write = may_write

    def folders(self) -> list[Path]:
        """Every folder that matters: DCIM and the three kinds for loose files, what is in them, and what was."""
        found = [self._card.dcim]
        for kind in KINDS:
            top = self._card.of_kind(kind)
            found += [top, *(top / name for name in sorted(list_folder(top).folders, reverse=True))]
        known = [self._card.of_kind(kind) / day for kind, day in self._catalogue.folders()]
        return [*found, *sorted(set(known) - set(found))]

    def place_of(self, folder: Path) -> Place | None:
        """The place that a folder is; None for one that can only hold loose files."""
        kind = self._card.kind_of(folder)
        is_place = kind is not None and folder.parent == self._card.of_kind(kind) and is_day(folder.name)
        return Place(kind, folder.name) if is_place and kind is not None else None

    def digest(self, folder: Path) -> None:
        """Puts the catalogue right about one folder."""
        if folder.is_symlink():
            return
        place = self.place_of(folder)
        listing = list_folder(folder)
        if place is None:
            self._digest_loose(folder, listing)
        else:
            self._digest_place(place, folder, listing)

    def _digest_loose(self, folder: Path, listing: Listing) -> None:
        for name, facts in listing.media.items():
            self._unfinished.note(folder / name, facts)
        self._unfinished.keep_only(folder, listing.media)

    def _digest_place(self, place: Place, folder: Path, listing: Listing) -> None:
        known = {Path(row.path).name: row for row in self._catalogue.rows_in(place.kind, place.day)}
        pictures = _names_in(self._card.thumbnails / place.day)
        confirmed: set[str] = set()
        fresh: dict[str, ClipRow] = {}
        # Our own names first: of two files with one id the other is the copy.
        for name in sorted(listing.media, key=lambda name: (local_time_in_stem(Path(name).stem) is None, name)):
            path, facts = folder / name, listing.media[name]
            row = self._row(path, facts, known.get(name), listing, pictures, fresh)
            if row is None:
                self._unfinished.note(path, facts)
                continue
            self._unfinished.forget(path)
            confirmed.add(name)
            if row is not known.get(name):
                fresh[row.id] = row
        gone = [row for name, row in known.items() if name not in confirmed and row.id not in fresh]
        self._catalogue.change(put=fresh.values(), remove=[row.id for row in gone])
        self._note_others(folder, listing, gone, fresh)

    def _row(
        self,
        path: Path,
        facts: FileFacts,
        known: ClipRow | None,
        listing: Listing,
        pictures: set[str],
        fresh: dict[str, ClipRow],
    ) -> ClipRow | None:
        """The row of a finished clip, the very `known` one if nothing has changed; None for what is to be finished."""
        suffix = PHOTO_SUFFIX if self._card.kind_of(path) == "photo" else VIDEO_SUFFIX
        if path.stem not in listing.sidecars or not is_usable_name(path.name) or path.suffix != suffix:
            return None
        has_thumbnail = self._card.thumbnail_of(path).name in pictures
        if known is not None and (known.bytes, known.modified_ns) == (facts.bytes, facts.modified_ns):
            if known.has_thumbnail == has_thumbnail:
                return known
            return msgspec.structs.replace(known, has_thumbnail=has_thumbnail)
        try:
            sidecar = read_sidecar(sidecar_of(path))
            ClipId.parse(sidecar.id)
        except (FileNotFoundError, BadMedia, BadRequest):
            return None
        if sidecar.bytes != facts.bytes or sidecar.id in fresh or self._is_copy(path, sidecar):
            return None
        return row_of(self._card, path, facts, self._settled(path, sidecar), has_thumbnail)

    def _is_copy(self, path: Path, sidecar: Sidecar) -> bool:
        """Whether the clip with this id still lies, as a whole, in another place."""
        row = self._catalogue.get(sidecar.id)
        if row is None or row.path == self._card.relative(path):
            return False
        other = self._card.dcim / row.path
        try:
            return os.path.lexists(other) and read_sidecar(sidecar_of(other)).id == sidecar.id
        except (OSError, BadMedia):
            return False

    def _settled(self, path: Path, sidecar: Sidecar) -> Sidecar:
        """People lock a clip by moving it to EVENT, and give it back by moving it to VIDEO."""
        settled = settled_kind(sidecar, self._card.kind_of(path), self._utc_now())
        if settled != sidecar and self._may_write():
            write_sidecar(sidecar_of(path), settled)
        return settled

    def _note_others(self, folder: Path, listing: Listing, gone: list[ClipRow], fresh: dict[str, ClipRow]) -> None:
        for row in gone:
            # A clip that waits to be finished is not gone.
            if not os.path.lexists(self._card.dcim / row.path):
                self._leftovers.note_gone(row)
        stems = {Path(name).stem for name in listing.media}
        for stem in listing.sidecars - stems:
            self._leftovers.note_sidecar(folder / f"{stem}.json")
        for name, facts in listing.opening.items():
            self._unfinished.note(folder / name, facts)
        for name, facts in listing.temporary.items():
            self._leftovers.note_temporary(folder / name, facts)
        self._unfinished.keep_only(folder, [*listing.media, *listing.opening])
        if self._may_write():
            for row in fresh.values():
                self._leftovers.came_back(row.id, self._card.dcim / row.path)


def settled_kind(sidecar: Sidecar, kind: ClipKind | None, utc: str | None) -> Sidecar:
    """The sidecar of a clip that lies in the folder of `kind`: the folder is right, whatever the sidecar says."""
    if kind is None or sidecar.kind == kind:
        return sidecar
    locked = sidecar.locked
    if kind == "event":
        locked = locked or Lock(cause="hand", utc=utc)
    elif kind == "loop":
        locked = None
    return msgspec.structs.replace(sidecar, kind=kind, locked=locked)


def _names_in(folder: Path) -> set[str]:
    try:
        with os.scandir(folder) as entries:
            return {entry.name for entry in entries}
    except (FileNotFoundError, NotADirectoryError):
        return set()
