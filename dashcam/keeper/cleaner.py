"""Keeps the card from filling up: deletes the oldest by quota, before the room is needed, and warns in time."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from dashcam.clips.catalogue_questions import Total
from dashcam.clips.catalogue_writer import CatalogueWriter
from dashcam.clips.clip import ClipKind
from dashcam.clips.names import CardFolders, sidecar_of
from dashcam.clips.removal import remove_clips
from dashcam.clips.retention import Candidate, Choice, Limits, choose_victims, limits_of
from dashcam.clips.sidecar import read_sidecar
from dashcam.errors import BadMedia
from dashcam.files import Space
from dashcam.keeper.announcements import MOST_ANNOUNCED, Announcements
from dashcam.keeper.rows import file_of
from dashcam.settings import readable
from dashcam.settings.schema import StorageSettings

log = logging.getLogger(__name__)

# In one round; there is another one at once when these did not suffice.
_MOST_VICTIMS = 200
# The next clip is about as large as the largest of the last few, and two may be open at a change.
_LAST_CLIPS, _OPEN_CLIPS = 5, 2

_KINDS: tuple[ClipKind, ...] = ("loop", "event", "photo")
_WHICH_GO = ", or the oldest go a day after you have read which"
_LOCKABLE: dict[ClipKind, str] = {"event": "Locked clips", "photo": "Locked photos"}


@dataclass(frozen=True, slots=True)
class Report:
    """How the card stands after a round."""

    totals: dict[ClipKind, Total]
    limits: Limits
    warnings: tuple[str, ...] = ()


class Cleaner:
    """Used by the keeper's one working thread."""

    def __init__(
        self,
        card: CardFolders,
        catalogue: CatalogueWriter,
        storage: StorageSettings,
        *,
        space: Callable[[], Space],
        protected_ids: Callable[[], frozenset[str]],
        announcements: Announcements,
        wanted_bytes: Callable[[], int] = lambda: 0,
        look_again: Callable[[Path], None],
    ) -> None:
        """`protected_ids` count as locked; waiting save requests name them. `announcements`: of saved clips.

        `wanted_bytes`: what a save lacks room for. `look_again` has a folder compared with the catalogue, where a row
        turned out not to be true.
        """
        self._card = card
        self._catalogue = catalogue
        self._storage = storage
        self._space = space
        self._protected_ids = protected_ids
        self._announcements = announcements
        self._wanted_bytes = wanted_bytes
        self._look_again = look_again
        self.report = Report({kind: Total() for kind in _KINDS}, Limits({}, 0))
        self.deleted = 0

    def take(self, storage: StorageSettings) -> None:
        """Other quotas and limits from the next round on."""
        self._storage = storage

    def step(self) -> bool:
        """One round; True when something was deleted. Raises OSError and CatalogueLost."""
        space, totals = self._space(), self._catalogue.totals()
        limits = limits_of(self._storage, space.free_bytes + sum(total.bytes for total in totals.values()))
        choice = self._choose(space, totals, limits)
        deleted = self._delete(choice)
        self._announce(choice)
        self.report = Report(totals, limits, tuple(warnings_for(self._storage, space, totals, limits, choice)))
        return deleted > 0

    def _choose(self, space: Space, totals: dict[ClipKind, Total], limits: Limits) -> Choice:
        used = {kind: total.bytes for kind, total in totals.items()}
        needed = _OPEN_CLIPS * max(self._catalogue.newest_sizes(_LAST_CLIPS), default=0)
        wanted = self._wanted_bytes()
        has_room = space.free_bytes >= limits.free_floor_bytes + needed + wanted
        if has_room and all(
            used[kind] + (needed if kind == "loop" else 0) <= limits.quota_bytes[kind] for kind in used
        ):
            return Choice()
        protected = self._protected_ids()
        released = self._released()
        clips = [clip for kind in _KINDS for clip in self._catalogue.oldest_unlocked(kind, _MOST_VICTIMS)]
        clips += [
            replace(clip, is_released=str(clip.id) in released) for clip in self._catalogue.oldest_saved(_MOST_VICTIMS)
        ]
        return choose_victims(
            [replace(clip, is_locked=True, is_open=True) if str(clip.id) in protected else clip for clip in clips],
            free_bytes=space.free_bytes,
            limits=limits,
            needed_bytes=needed,
            wanted_bytes=wanted,
            used_bytes=used,
            saved_may_go=self._storage.saved_may_go,
        )

    def _released(self) -> frozenset[str]:
        """The saved clips that may go; none while it cannot be kept what was announced."""
        try:
            return self._announcements.released() if self._storage.saved_may_go else frozenset()
        except OSError as error:
            log.warning("nobody can be told which saved clips have to go: %s", error)
            return frozenset()

    def _announce(self, choice: Choice) -> None:
        rows = [self._catalogue.get(str(clip.id)) for clip in choice.to_announce[:MOST_ANNOUNCED]]
        going = [str(clip.id) for clip in choice.victims if clip.is_released]
        try:
            self._announcements.need([row for row in rows if row is not None], going)
        except OSError as error:
            log.warning("nobody can be told which saved clips have to go: %s", error)

    def _delete(self, choice: Choice) -> int:
        victims = {clip.path: clip for clip in choice.victims[:_MOST_VICTIMS] if self._may_go(clip)}
        if not victims:
            return 0
        failed = remove_clips(self._card, [self._card.dcim / path for path in victims])
        for path, error in failed.items():
            log.warning("%s cannot be deleted: %s", path.name, error)
        kept = {self._card.relative(path) for path in failed}
        gone = [str(clip.id) for path, clip in victims.items() if path not in kept]
        self._catalogue.remove(gone)
        self.deleted += len(gone)
        for clip in victims.values():
            if clip.is_released and clip.path not in kept:
                log.warning("%s was saved, and had to go as announced", clip.path)
        log.debug("made room: %d deleted, the oldest %s", len(gone), next(iter(victims)))
        return len(gone)

    def _may_go(self, clip: Candidate) -> bool:
        """The sidecar has the last word: a power cut may have cost the catalogue its newest rows, a lock among them."""
        path = file_of(self._card, clip.path)
        try:
            sidecar = read_sidecar(sidecar_of(path)) if path else None
        except (FileNotFoundError, BadMedia):
            sidecar = None
        if sidecar is not None and sidecar.id == str(clip.id) and (sidecar.locked is None or clip.is_released):
            return True
        self._catalogue.remove([str(clip.id)])
        self._look_again((self._card.dcim / clip.path).parent)
        return False


def warnings_for(
    storage: StorageSettings, space: Space, totals: dict[ClipKind, Total], limits: Limits, choice: Choice
) -> list[str]:
    """What the driver should know, in words, most urgent first."""
    found: list[str] = []
    is_settled = not choice.victims  # else the next round tells
    if choice.missing_bytes and is_settled:
        found.append(
            f"Only {readable(space.free_bytes)} are free and nothing may be deleted: recording stops when the card is "
            "full. Unlock or delete clips, or remove other files from the card."
        )
    for kind, what in _LOCKABLE.items():
        beyond = choice.beyond_quota_bytes.get(kind, 0)
        if beyond > 0 and is_settled:
            quota = limits.quota_bytes[kind]
            more = _WHICH_GO if choice.to_announce else ""
            found.append(f"{what} take {readable(quota + beyond)} of {readable(quota)}; unlock or delete some{more}.")
    share = 100 * space.free_bytes / space.total_bytes if space.total_bytes else 100.0
    loop_quota = limits.quota_bytes.get("loop", 0)
    loop_room = totals["loop"].bytes + space.free_bytes - limits.free_floor_bytes
    if share < storage.warn_free_percent and loop_room < loop_quota:
        found.append(
            f"Only {share:.0f} % of the card is free, and the loop gets {readable(max(loop_room, 0))} of its "
            f"{readable(loop_quota)}; unlock or delete clips, or remove other files from the card."
        )
    return found
