"""Whose is a file that lies there without a sidecar? Asked of its tag, its name, and the sidecars without a clip."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from dashcam.clips.catalogue_writer import CatalogueWriter
from dashcam.clips.clip import ClipId
from dashcam.clips.names import CardFolders, id_in_stem, sidecar_of
from dashcam.clips.sidecar import ClipTag, Sidecar, decode_tag, read_sidecar
from dashcam.errors import BadMedia, BadRequest
from dashcam.files import TEMPORARY_PREFIX
from dashcam.keeper.leftovers import Leftovers


@dataclass(frozen=True, slots=True)
class Claim:
    """What is known of a file's past."""

    tag: ClipTag | None
    """With the id that it keeps; None: it has none, or another clip has it."""
    base: Sidecar | None
    """The sidecar that belongs to that id."""
    copied: ClipTag | None
    """The tag, when another clip has its id: this is a copy of that."""
    is_recording: bool
    """Made by the recorder."""
    is_opening: bool
    """Still under the name that a clip has before its first fragment."""
    has_sidecar: bool
    """A sidecar lies beside it, its own or a copied one."""


class Claims:
    """Finds out. Used by the keeper's one working thread."""

    def __init__(self, card: CardFolders, catalogue: CatalogueWriter, leftovers: Leftovers) -> None:
        self._card = card
        self._catalogue = catalogue
        self._leftovers = leftovers

    def claim_of(self, path: Path, comment: str) -> Claim:
        """`comment`: of the MP4."""
        is_opening = path.name.startswith(TEMPORARY_PREFIX)
        beside = None if is_opening else _sidecar_at(sidecar_of(path))
        tag = _valid(decode_tag(comment))
        named = _tag_from_name(path.stem.removeprefix(TEMPORARY_PREFIX))
        known = tag or named or (_tag_of(beside) if beside else None)
        if beside is not None and known is not None and beside.id != known.id:
            # Somebody has put one clip's file under another clip's name.
            beside = None
        is_free = known is not None and not self._is_elsewhere(known.id, path)
        base = beside or (self._leftovers.sidecar_of(known.id) if known and is_free else None)
        return Claim(
            tag=known if is_free else None,
            base=base if is_free else None,
            copied=known if known is not None and not is_free else None,
            is_recording=tag is not None or named is not None,
            is_opening=is_opening,
            has_sidecar=beside is not None,
        )

    def _is_elsewhere(self, clip_id: str, path: Path) -> bool:
        row = self._catalogue.get(clip_id)
        return row is not None and row.path != self._relative(path) and os.path.lexists(self._card.dcim / row.path)

    def _relative(self, path: Path) -> str:
        return self._card.relative(path)


def _sidecar_at(path: Path) -> Sidecar | None:
    try:
        sidecar = read_sidecar(path)
        ClipId.parse(sidecar.id)
    except (OSError, BadMedia, BadRequest):
        return None
    return sidecar


def _valid(tag: ClipTag | None) -> ClipTag | None:
    try:
        return tag if tag is not None and ClipId.parse(tag.id) else None
    except BadRequest:
        return None


def _tag_from_name(stem: str) -> ClipTag | None:
    clip_id = id_in_stem(stem)
    if clip_id is None:
        return None
    return ClipTag(id=str(clip_id), camera="", started_utc=None, started_monotonic_ns=None, clock_source="none")


def _tag_of(sidecar: Sidecar) -> ClipTag:
    return ClipTag(
        id=sidecar.id,
        camera=sidecar.camera,
        started_utc=sidecar.started_utc,
        started_monotonic_ns=sidecar.started_monotonic_ns,
        clock_source=sidecar.clock_source,
        zone=sidecar.zone,
        media_start_ns=sidecar.media_start_ns,
    )
