"""Makes the pictures that are missing, newest first, whenever there is nothing better to do."""

from __future__ import annotations

import logging
import os
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec

from dashcam.clips.catalogue_writer import CatalogueWriter
from dashcam.clips.links import lies_behind_link, unlink_if_ours
from dashcam.clips.names import CardFolders
from dashcam.clips.row import ClipRow
from dashcam.clips.thumbnail import caption_of, peak_seconds
from dashcam.errors import CardError, DashcamError
from dashcam.files import TEMPORARY_PREFIX, make_folders
from dashcam.keeper.desk import Desk
from dashcam.keeper.rows import file_of
from dashcam.keeper.unfinished import MAX_FAILURES
from dashcam.media.jobs import Caption, MakeThumbnail, ThumbnailMade
from dashcam.media.media_child import ChildCameToGrief
from dashcam.moment import SpeedUnit

log = logging.getLogger(__name__)


class Thumbnails:
    """One at a time. Used by the keeper's one working thread."""

    def __init__(
        self, card: CardFolders, catalogue: CatalogueWriter, desk: Desk, zone: ZoneInfo | None, unit: SpeedUnit
    ) -> None:
        self._card = card
        self._catalogue = catalogue
        self._desk = desk
        self._zone = zone
        self._unit: SpeedUnit = unit
        self._failures: dict[str, int] = {}

    def take(self, zone: ZoneInfo | None, unit: SpeedUnit) -> None:
        """The time zone and the unit of speeds from now on; pictures that are there stay as they are."""
        self._zone, self._unit = zone, unit

    def step(self) -> bool:
        """Begins with the next picture; True when it did. Raises OSError."""
        if self._desk.is_busy:
            return False
        row = self._catalogue.next_without_thumbnail()
        if row is None:
            return False
        path = file_of(self._card, row.path)
        target = self._card.thumbnail_of(self._card.dcim / row.path)
        if path is None or lies_behind_link(target):
            self._catalogue.give_up_thumbnail(row.id, for_good=False)
            return True
        making = target.with_name(f"{TEMPORARY_PREFIX}{target.name}")
        make_folders(target.parent)
        making.unlink(missing_ok=True)  # it may be a link: the picture would be written where that leads
        job = MakeThumbnail(
            path=os.fsencode(path),
            target=os.fsencode(making),
            kind="photo" if row.kind == "photo" else "video",
            caption=caption_of(row, self._zone, self._unit),
            at_seconds=peak_seconds(row),
        )
        self._desk.submit(job, ThumbnailMade, partial(self._made, row, job.caption, making))
        return True

    def _made(self, row: ClipRow, caption: Caption, making: Path, outcome: ThumbnailMade | DashcamError) -> None:
        if not isinstance(outcome, ThumbnailMade):
            unlink_if_ours(making)
            self._count_failure(row, outcome)
            return
        # It may have been moved, dated or deleted while its picture was made.
        now = self._catalogue.get(row.id)
        if now is None or caption_of(now, self._zone, self._unit) != caption:
            unlink_if_ours(making)
            return
        target = self._card.thumbnail_of(self._card.dcim / now.path)
        if lies_behind_link(making) or lies_behind_link(target):
            unlink_if_ours(making)
            return
        make_folders(target.parent)
        os.replace(making, target)
        self._catalogue.put([msgspec.structs.replace(now, has_thumbnail=True)])

    def _count_failure(self, row: ClipRow, error: DashcamError) -> None:
        failures = self._failures.pop(row.id, 0) + 1
        if isinstance(error, CardError | ChildCameToGrief) and failures < MAX_FAILURES:
            self._failures[row.id] = failures
            return
        log.info("no picture of %s: %s", row.path, error)
        # The file is to blame, or the card: then it is worth another try at the next start.
        self._catalogue.give_up_thumbnail(row.id, for_good=not isinstance(error, CardError))
