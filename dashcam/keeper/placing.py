"""Gives a file its place, its sidecar and its row: from then on it is a clip."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec

from dashcam.clips.catalogue_writer import CatalogueWriter
from dashcam.clips.clip import ClipId, ClipKind
from dashcam.clips.links import unlink_if_ours
from dashcam.clips.names import NAMED_YEARS, PHOTO_SUFFIX, VIDEO_SUFFIX, CardFolders, is_day, sidecar_of
from dashcam.clips.sidecar import ClipTag, Sidecar, write_sidecar
from dashcam.clock import TRUSTED_SOURCES, ClockSource, local_time, utc_ns_of, utc_text
from dashcam.files import TEMPORARY_PREFIX
from dashcam.keeper.broken import plain_name
from dashcam.keeper.claim import Claim
from dashcam.keeper.digest import settled_kind
from dashcam.keeper.leftovers import Leftovers
from dashcam.keeper.listing import is_usable_name, media_suffix
from dashcam.keeper.moves import free_place, move_clip, place_for
from dashcam.keeper.numbers import Numbers
from dashcam.keeper.origin import origin_of
from dashcam.keeper.rows import FileFacts, row_of
from dashcam.keeper.unfinished import Waiting
from dashcam.keeper.verdict import born_as_event, sidecar_from_tag, sidecar_renewed
from dashcam.media.jobs import Inspected

_ADOPTED_CAMERA = "other"
_SIDECAR_LOST = "The sidecar was lost and made anew."


class Placing:
    """Used by the keeper's one working thread. Raises OSError and CatalogueLost."""

    def __init__(
        self,
        card: CardFolders,
        catalogue: CatalogueWriter,
        leftovers: Leftovers,
        numbers: Numbers,
        zone: ZoneInfo | None,
        zone_name: str,
        utc_now: Callable[[], str | None],
    ) -> None:
        self._card = card
        self._catalogue = catalogue
        self._leftovers = leftovers
        self._numbers = numbers
        self._zone = zone
        self._zone_name = zone_name
        self._utc_now = utc_now

    def take_zone(self, zone: ZoneInfo | None, name: str) -> None:
        """The time zone from now on."""
        self._zone, self._zone_name = zone, name

    def place(
        self, waiting: Waiting, claim: Claim, found: Inspected, *, is_repaired: bool = False, note: str = ""
    ) -> Path:
        """Makes a clip or photo of the file; gives where it lies now."""
        kind = self._kind_of(waiting.path)
        if claim.tag is None:
            sidecar, local = self._adopted(waiting, claim, found, kind)
        else:
            sidecar = self._recorded(claim, claim.tag, found, waiting.facts.bytes, kind, is_repaired, note)
            local = self._local_for_name(sidecar)
        sidecar = settled_kind(sidecar, kind, self._utc_now())
        target = self._target(waiting.path, kind, sidecar, local, is_adopted=claim.tag is None)
        if target == waiting.path:
            write_sidecar(sidecar_of(target), sidecar)
        else:
            move_clip(self._card, waiting.path, target, sidecar, keeps_thumbnail=True, was_ours=claim.has_sidecar)
        self._leftovers.came_back(sidecar.id, target)
        thumbnail = self._card.thumbnail_of(target)
        if claim.base is not None and claim.base.bytes != waiting.facts.bytes:
            unlink_if_ours(thumbnail)  # of what was there before
        has_thumbnail = thumbnail.exists()
        facts = FileFacts.of(target.stat())
        self._catalogue.put([row_of(self._card, target, facts, sidecar, has_thumbnail)])
        return target

    def place_made(self, path: Path, sidecar: Sidecar) -> Path:
        """Makes a clip of what the keeper has written itself, under a temporary name; gives where it lies now."""
        local = self._local_for_name(sidecar)
        target = place_for(self._card, sidecar.kind, ClipId.parse(sidecar.id), local, VIDEO_SUFFIX, own=path)
        move_clip(self._card, path, target, sidecar, keeps_thumbnail=False)
        facts = FileFacts.of(target.stat())
        self._catalogue.put([row_of(self._card, target, facts, sidecar, has_thumbnail=False)])
        return target

    def _kind_of(self, path: Path) -> ClipKind:
        if media_suffix(path.name) == PHOTO_SUFFIX:
            return "photo"
        return "event" if self._card.kind_of(path) == "event" else "loop"

    def _recorded(
        self,
        claim: Claim,
        tag: ClipTag,
        found: Inspected,
        size_bytes: int,
        kind: ClipKind,
        is_repaired: bool,
        note: str,
    ) -> Sidecar:
        if claim.base is not None:
            return sidecar_renewed(claim.base, found, size_bytes=size_bytes, is_repaired=is_repaired, note=note)
        sidecar = sidecar_from_tag(
            tag,
            found,
            # As the loop's: where it lies decides over the lock.
            kind="photo" if kind == "photo" else "loop",
            size_bytes=size_bytes,
            integrity="repaired" if is_repaired else "closed",
            note=note or _SIDECAR_LOST,
        )
        return born_as_event(sidecar, tag.locked) if kind == "event" and is_repaired else sidecar

    def _adopted(
        self, waiting: Waiting, claim: Claim, found: Inspected, kind: ClipKind
    ) -> tuple[Sidecar, datetime | None]:
        clip_id = self._numbers.next_id()
        notes = [f"Was called {plain_name(waiting.path.name)}."]
        if claim.copied is not None and _is_dated(claim.copied.started_utc, claim.copied.clock_source):
            tag = msgspec.structs.replace(claim.copied, id=str(clip_id), started_monotonic_ns=None)
        else:
            origin = origin_of(waiting.path.name, found.taken, waiting.facts.modified_ns, self._zone)
            notes.append(f"The time is from {origin.source}.")
            tag = ClipTag(
                id=str(clip_id),
                camera=_ADOPTED_CAMERA,
                started_utc=utc_text(origin.utc_ns),
                started_monotonic_ns=None,
                clock_source="saved",
                zone=self._zone_name,
            )
        if claim.copied is not None:
            notes.insert(0, f"A copy of {claim.copied.id}.")
        if found.is_damaged:
            notes.append(f"It is damaged; {found.frames} frames can be read.")
        sidecar = sidecar_from_tag(
            tag,
            found,
            kind="photo" if kind == "photo" else "loop",
            size_bytes=waiting.facts.bytes,
            integrity="adopted",
            note=" ".join(notes),
        )
        return sidecar, self._local(tag.started_utc)

    def _local_for_name(self, sidecar: Sidecar) -> datetime | None:
        """What a machine without a clock remembers makes no name; what is known of a file of people has to do."""
        is_known = sidecar.integrity == "adopted" or _is_dated(sidecar.started_utc, sidecar.clock_source)
        return self._local(sidecar.started_utc) if is_known else None

    def _local(self, utc: str | None) -> datetime | None:
        """None, too, for a time that no name can carry: somebody has written into the sidecar."""
        try:
            local = None if utc is None else local_time(utc_ns_of(utc), self._zone)
        except (ValueError, OverflowError):
            return None
        return local if local is not None and local.year in NAMED_YEARS else None

    def _target(
        self, path: Path, kind: ClipKind, sidecar: Sidecar, local: datetime | None, *, is_adopted: bool
    ) -> Path:
        suffix = PHOTO_SUFFIX if kind == "photo" else VIDEO_SUFFIX
        stem = path.stem.removeprefix(TEMPORARY_PREFIX)
        is_in_its_day = path.parent.parent == self._card.of_kind(kind) and is_day(path.parent.name)
        if is_adopted or not is_in_its_day or not is_usable_name(f"{stem}{suffix}"):
            return place_for(self._card, kind, ClipId.parse(sidecar.id), local, suffix, own=path)
        if path.name == f"{stem}{suffix}":
            return path
        return free_place(self._card, kind, path.parent.name, stem, suffix, own=path, clip_id=sidecar.id)


def _is_dated(started_utc: str | None, source: ClockSource) -> bool:
    return started_utc is not None and source in TRUSTED_SOURCES
