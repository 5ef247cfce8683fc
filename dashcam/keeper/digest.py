"""Puts the catalogue right: compares one folder with what the catalogue believes to lie in it."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from dashcam.clips.catalogue_writer import CatalogueWriter
from dashcam.clips.clip import ClipId, ClipKind
from dashcam.clips.names import (
    PHOTO_SUFFIX,
    SIDECAR_SUFFIX,
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
from dashcam.keeper.moves import move_belongings
from dashcam.keeper.rows import row_of
from dashcam.keeper.unfinished import Unfinished

log = logging.getLogger(__name__)

KINDS: tuple[ClipKind, ...] = ("loop", "event", "photo")


@dataclass(frozen=True, slots=True)
class Place:
    """A day folder of one kind."""

    kind: ClipKind
    day: str


@dataclass(slots=True)
class _Look:
    """One look at a day folder: what lies there, what was known, and what is new."""

    folder: Path
    suffix: str
    listing: Listing
    known: dict[str, ClipRow]
    pictures: set[str]
    fresh: dict[str, ClipRow] = field(default_factory=dict)
    moved_from: dict[str, Path] = field(default_factory=dict)


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
        rows = self._catalogue.rows_in(place.kind, place.day)
        look = _Look(
            folder=folder,
            suffix=PHOTO_SUFFIX if place.kind == "photo" else VIDEO_SUFFIX,
            listing=listing,
            known={Path(row.path).name: row for row in rows},
            pictures=_names_in(self._card.thumbnails / place.day),
        )
        confirmed: set[str] = set()
        # Our own names first: of two files with one id the other is the copy.
        for name in sorted(listing.media, key=lambda name: (local_time_in_stem(Path(name).stem) is None, name)):
            row = self._row(look, name)
            if row is None:
                self._unfinished.note(folder / name, listing.media[name])
                continue
            self._unfinished.forget(folder / name)
            confirmed.add(name)
            if row is not look.known.get(name):
                look.fresh[row.id] = row
        gone = [row for name, row in look.known.items() if name not in confirmed and row.id not in look.fresh]
        self._catalogue.change(put=look.fresh.values(), remove=[row.id for row in gone])
        self._note_others(look, gone)
        if self._may_write():
            self._bring_belongings(look)

    def _row(self, look: _Look, name: str) -> ClipRow | None:
        """The row of a finished clip, the very known one if nothing has changed; None for what is to be finished."""
        path, facts, known = look.folder / name, look.listing.media[name], look.known.get(name)
        if path.stem not in look.listing.sidecars or not is_usable_name(name) or path.suffix != look.suffix:
            return None
        has_thumbnail = self._card.thumbnail_of(path).name in look.pictures
        if known is not None and (known.bytes, known.modified_ns) == (facts.bytes, facts.modified_ns):
            if known.has_thumbnail == has_thumbnail:
                return known
            return msgspec.structs.replace(known, has_thumbnail=has_thumbnail)
        try:
            sidecar = read_sidecar(sidecar_of(path))
            ClipId.parse(sidecar.id)
        except (FileNotFoundError, BadMedia, BadRequest):
            return None
        if sidecar.bytes != facts.bytes or sidecar.id in look.fresh:
            return None
        row = row_of(self._card, path, facts, self._settled(path, sidecar), has_thumbnail)
        before = self._catalogue.get(sidecar.id)
        if before is not None and before.path != row.path:
            if self._is_whole(before):
                return None  # this is the copy
            look.moved_from[row.id] = self._card.dcim / before.path
        return row

    def _is_whole(self, row: ClipRow) -> bool:
        """Whether the clip of a row still lies there with its sidecar."""
        path = self._card.dcim / row.path
        try:
            return os.path.lexists(path) and read_sidecar(sidecar_of(path)).id == row.id
        except (OSError, BadMedia):
            return False

    def _settled(self, path: Path, sidecar: Sidecar) -> Sidecar:
        """People lock a clip by moving it to EVENT, and give it back by moving it to VIDEO."""
        settled = settled_kind(sidecar, self._card.kind_of(path), self._utc_now())
        if settled != sidecar and self._may_write():
            write_sidecar(sidecar_of(path), settled)
        return settled

    def _note_others(self, look: _Look, gone: list[ClipRow]) -> None:
        folder, listing = look.folder, look.listing
        for row in gone:
            # A clip that waits to be finished is not gone.
            if not os.path.lexists(self._card.dcim / row.path):
                self._leftovers.note_gone(row)
        stems = {Path(name).stem for name in listing.media}
        for stem in listing.sidecars - stems:
            self._leftovers.note_sidecar(folder / f"{stem}{SIDECAR_SUFFIX}")
        for name, facts in listing.opening.items():
            self._unfinished.note(folder / name, facts)
        for name, facts in listing.temporary.items():
            self._leftovers.note_temporary(folder / name, facts)
        self._unfinished.keep_only(folder, [*listing.media, *listing.opening])

    def _bring_belongings(self, look: _Look) -> None:
        """What belongs to a clip follows it to where people have moved it."""
        for row in look.fresh.values():
            path, before = self._card.dcim / row.path, look.moved_from.get(row.id)
            if before is not None and not os.path.lexists(before):
                move_belongings(self._card, before, path)
            self._leftovers.came_back(row.id, path)


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
