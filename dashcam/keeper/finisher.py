"""Makes clips of what lies on the card without a sidecar: repairs what was cut off, adopts what people dropped in."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from functools import partial
from pathlib import Path

import msgspec

from dashcam.clips.catalogue_writer import CatalogueWriter
from dashcam.clips.links import lies_behind_link, unlink_if_ours
from dashcam.clips.names import PHOTO_SUFFIX, CardFolders
from dashcam.errors import BadMedia, CardError, DashcamError
from dashcam.files import sync_folder
from dashcam.keeper.broken import move_to_broken, plain_name
from dashcam.keeper.claim import Claim, Claims
from dashcam.keeper.desk import Desk
from dashcam.keeper.leftovers import Leftovers
from dashcam.keeper.listing import REPAIR_PREFIX, media_suffix
from dashcam.keeper.placing import Placing
from dashcam.keeper.rows import FileFacts
from dashcam.keeper.unfinished import MAX_FAILURES, Unfinished, Waiting
from dashcam.keeper.verdict import verdict_on
from dashcam.media.jobs import Inspect, Inspected, MediaKind, Repair, Repaired
from dashcam.media.media_child import ChildCameToGrief

log = logging.getLogger(__name__)


class Finisher:
    """One file at a time: look into it, decide, and act. Used by the keeper's one working thread."""

    def __init__(
        self,
        card: CardFolders,
        catalogue: CatalogueWriter,
        unfinished: Unfinished,
        leftovers: Leftovers,
        desk: Desk,
        placing: Placing,
        utc_now: Callable[[], str | None],
    ) -> None:
        self._card = card
        self._unfinished = unfinished
        self._desk = desk
        self._placing = placing
        self._claims = Claims(card, catalogue, leftovers)
        self._utc_now = utc_now
        self.repaired = 0
        self.broken = 0

    def step(self) -> bool:
        """Begins with the next file that is quiet; True when it did. Only for a catalogue that is complete."""
        if self._desk.is_busy:
            return False
        waiting = self._unfinished.next_ready()
        if waiting is None:
            return False
        kind: MediaKind = "photo" if media_suffix(waiting.path.name) == PHOTO_SUFFIX else "video"
        job = Inspect(path=os.fsencode(waiting.path), kind=kind)
        self._desk.submit(job, Inspected, partial(self._inspected, waiting))
        return True

    def _inspected(self, waiting: Waiting, found: Inspected | DashcamError) -> None:
        if not self._is_as_it_was(waiting) or self._is_put_off(waiting, found):
            return
        assert isinstance(found, Inspected | BadMedia)
        claim = self._claims.claim_of(waiting.path, found.comment if isinstance(found, Inspected) else "")
        verdict = verdict_on(
            found,
            is_opening=claim.is_opening,
            size_bytes=waiting.facts.bytes,
            has_id=claim.tag is not None,
            is_recording=claim.is_recording,
        )
        log.debug("%s: %s", plain_name(waiting.path.name), verdict)
        if verdict == "remove":
            waiting.path.unlink(missing_ok=True)
            self._unfinished.forget(waiting.path)
        elif verdict == "broken" or isinstance(found, BadMedia):
            reason = str(found) if isinstance(found, BadMedia) else "not one picture in it can be read"
            move_to_broken(self._card, waiting.path, reason, self._utc_now())
            self.broken += 1
            self._unfinished.forget(waiting.path)
        elif verdict == "repair":
            target = waiting.path.with_name(f"{REPAIR_PREFIX}{waiting.path.name}")
            job = Repair(path=os.fsencode(waiting.path), target=os.fsencode(target))
            self._desk.submit(job, Repaired, partial(self._repaired, waiting, claim, found, target))
        else:
            self._placing.place(waiting, claim, found)
            self._unfinished.forget(waiting.path)

    def _repaired(
        self, waiting: Waiting, claim: Claim, found: Inspected, target: Path, outcome: Repaired | DashcamError
    ) -> None:
        if not self._is_as_it_was(waiting):
            unlink_if_ours(target)
            return
        if self._is_put_off(waiting, outcome):
            return
        if not isinstance(outcome, Repaired):
            # It plays as far as it goes, so it is better kept as it is.
            log.warning("%s could not be made an ordinary MP4: %s", waiting.path.name, outcome)
            note = f"Cut off, and could not be made an ordinary MP4: {outcome}."
            self._placing.place(waiting, claim, found, is_repaired=True, note=note)
            self._unfinished.forget(waiting.path)
            return
        os.replace(target, waiting.path)
        sync_folder(waiting.path.parent)
        now = Waiting(waiting.path, FileFacts.of(waiting.path.stat()), waiting.look_at)
        found = msgspec.structs.replace(found, frames=outcome.frames, duration_seconds=outcome.duration_seconds)
        note = f"Cut off; {outcome.frames} frames were kept."
        place = self._placing.place(now, claim, found, is_repaired=True, note=note)
        self._unfinished.forget(waiting.path)
        self.repaired += 1
        log.info("%s was cut off and is whole again: %.1f s", place.name, outcome.duration_seconds)

    def _is_as_it_was(self, waiting: Waiting) -> bool:
        """False, and the file waits anew, when it was changed while somebody looked into it."""
        if lies_behind_link(waiting.path):
            self._unfinished.forget(waiting.path)
            return False
        try:
            facts = FileFacts.of(waiting.path.lstat())
        except FileNotFoundError:
            self._unfinished.forget(waiting.path)
            return False
        if facts != waiting.facts:
            self._unfinished.note(waiting.path, facts)
        return facts == waiting.facts

    def _is_put_off(self, waiting: Waiting, outcome: object) -> bool:
        """True when it went wrong for other reasons than the file, or may have: it is tried again later."""
        if not isinstance(outcome, CardError | ChildCameToGrief):
            return False
        failures = self._unfinished.postpone(waiting.path)
        log.info("%s: %s", plain_name(waiting.path.name), outcome)
        return isinstance(outcome, CardError) or failures < MAX_FAILURES
