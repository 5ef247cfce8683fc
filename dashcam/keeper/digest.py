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
    sidecar_of,
)
from dashcam.clips.row import ClipRow
from dashcam.clips.sidecar import Lock, Sidecar, read_sidecar, write_sidecar
from dashcam.errors import BadMedia, BadRequest
from dashcam.keeper.leftovers import Leftovers
from dashcam.keeper.listing import Listing, is_usable_name, list_folder, split_name
from dashcam.keeper.moves import move_belongings
from dashcam.keeper.rows import make_row
from dashcam.keeper.unfinished import Unfinished

log = logging.getLogger(__name__)

# What the recorder and the keeper call their files.
_OWN_PREFIXES = ("dcp_", "boot")
KINDS: tuple[ClipKind, ...] = ("loop", "event", "photo")


@dataclass(frozen=True, slots=True)
class Place:
    """A day folder of one kind."""

    kind: ClipKind
    day: str


@dataclass(slots=True)
class _Look:
    """One look at a day folder: what lies there, what was known, and what is new. Names, not paths: they are many."""

    place: Place
    folder: Path
    suffix: str
    listing: Listing
    known: dict[str, ClipRow]
    pictures: set[str]
    read: dict[str, Sidecar] = field(default_factory=dict)
    fresh: dict[str, ClipRow] = field(default_factory=dict)
    unfinished: list[str] = field(default_factory=list)
    moved_from: dict[str, Path] = field(default_factory=dict)

    def has_thumbnail(self, stem: str) -> bool:
        """Whether there is a picture for a name."""
        return thumbnail_name(stem, self.suffix) in self.pictures


class Digest:
    """Used by the keeper's one working thread. Every method raises OSError, CardError and CatalogueLost."""

    def __init__(
        self,
        card: CardFolders,
        catalogue: CatalogueWriter,
        unfinished: Unfinished,
        leftovers: Leftovers,
        *,
        utc_now: Callable[[], str | None],
        may_write: Callable[[], bool],
        check_card: Callable[[], None],
    ) -> None:
        """`check_card` raises CardError when the card is gone: then a folder that is missing means nothing."""
        self._card = card
        self._catalogue = catalogue
        self._unfinished = unfinished
        self._leftovers = leftovers
        self._utc_now = utc_now
        self._may_write = may_write
        self._check_card = check_card

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
        if not folder.is_dir():
            self._check_card()
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
            place=place,
            folder=folder,
            suffix=PHOTO_SUFFIX if place.kind == "photo" else VIDEO_SUFFIX,
            listing=listing,
            known={row.path.rpartition("/")[2]: row for row in rows},
            pictures=_names_in(self._card.thumbnails / place.day),
        )
        # Our own names first: of two files with one id the other is the copy.
        for name in sorted(listing.media, key=lambda name: (not name.startswith(_OWN_PREFIXES), name)):
            self._look_at(look, name)
        self._make_rows(look)
        waiting = set(look.unfinished)
        gone = [
            row
            for name, row in look.known.items()
            if row.id not in look.fresh and (name in waiting or name not in listing.media)
        ]
        self._catalogue.change(put=look.fresh.values(), remove=[row.id for row in gone])
        self._note_others(look, gone)
        if self._may_write():
            self._bring_belongings(look)

    def _look_at(self, look: _Look, name: str) -> None:
        """Sorts one video or photo: unchanged, with a sidecar that has to be read, or to be finished."""
        facts, known = look.listing.media[name], look.known.get(name)
        stem, suffix = split_name(name)
        if stem not in look.listing.sidecars or suffix != look.suffix or not is_usable_name(name):
            look.unfinished.append(name)
        elif known is not None and (known.bytes, known.modified_ns) == (facts.bytes, facts.modified_ns):
            has_thumbnail = look.has_thumbnail(stem)
            if known.has_thumbnail != has_thumbnail:
                look.fresh[known.id] = msgspec.structs.replace(known, has_thumbnail=has_thumbnail)
        else:
            try:
                sidecar = read_sidecar(look.folder / f"{stem}{SIDECAR_SUFFIX}")
                ClipId.parse(sidecar.id)
            except (FileNotFoundError, BadMedia, BadRequest):
                look.unfinished.append(name)
                return
            if sidecar.bytes == facts.bytes:
                look.read[name] = sidecar
            else:
                look.unfinished.append(name)

    def _make_rows(self, look: _Look) -> None:
        """Rows of the clips whose sidecars were read, unless they are copies of others."""
        paths = self._catalogue.paths_of([sidecar.id for sidecar in look.read.values()])
        for name, sidecar in look.read.items():
            path = f"{self._card.of_kind(look.place.kind).name}/{look.place.day}/{name}"
            before = paths.get(sidecar.id, path)
            if sidecar.id in look.fresh or (before != path and self._is_whole(before, sidecar.id)):
                look.unfinished.append(name)
                continue
            if before != path:
                look.moved_from[sidecar.id] = self._card.dcim / before
            settled = self._settled(look, name, sidecar)
            has_thumbnail = look.has_thumbnail(split_name(name)[0])
            facts = look.listing.media[name]
            look.fresh[sidecar.id] = make_row(look.place.kind, look.place.day, path, facts, settled, has_thumbnail)

    def _is_whole(self, relative_path: str, clip_id: str) -> bool:
        """Whether the clip that was known there still lies there with its sidecar."""
        path = self._card.dcim / relative_path
        try:
            return os.path.lexists(path) and read_sidecar(sidecar_of(path)).id == clip_id
        except (OSError, BadMedia):
            return False

    def _settled(self, look: _Look, name: str, sidecar: Sidecar) -> Sidecar:
        """People lock a clip by moving it to EVENT, and give it back by moving it to VIDEO."""
        if sidecar.kind == look.place.kind:
            return sidecar
        settled = settled_kind(sidecar, look.place.kind, self._utc_now())
        if self._may_write():
            write_sidecar(sidecar_of(look.folder / name), settled)
        return settled

    def _note_others(self, look: _Look, gone: list[ClipRow]) -> None:
        folder, listing = look.folder, look.listing
        for row in gone:
            # A clip that waits to be finished is not gone.
            if not os.path.lexists(self._card.dcim / row.path):
                self._leftovers.note_gone(row)
        for stem in listing.sidecars - {split_name(name)[0] for name in listing.media}:
            self._leftovers.note_sidecar(folder / f"{stem}{SIDECAR_SUFFIX}")
        for name, facts in listing.temporary.items():
            self._leftovers.note_temporary(folder / name, facts)
        for name in look.unfinished:
            self._unfinished.note(folder / name, listing.media[name])
        for name, facts in listing.opening.items():
            self._unfinished.note(folder / name, facts)
        self._unfinished.keep_only(folder, [*look.unfinished, *listing.opening])

    def _bring_belongings(self, look: _Look) -> None:
        """What belongs to a clip follows it to where people have moved it."""
        for clip_id, before in look.moved_from.items():
            if not os.path.lexists(before):
                move_belongings(self._card, before, self._card.dcim / look.fresh[clip_id].path)
        if len(self._leftovers):
            for row in look.fresh.values():
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


def thumbnail_name(stem: str, suffix: str) -> str:
    """What `CardFolders.thumbnail_of` calls the picture of a name, without a path in between."""
    return f"{stem}.jpg" if suffix == PHOTO_SUFFIX else f"dcpvid_{stem.removeprefix('dcp_')}.jpg"


def _names_in(folder: Path) -> set[str]:
    try:
        with os.scandir(folder) as entries:
            return {entry.name for entry in entries}
    except (FileNotFoundError, NotADirectoryError):
        return set()
