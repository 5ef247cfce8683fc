"""Gives earlier recordings their right time and name, once a better clock is known for their boot. Idempotent."""

from __future__ import annotations

import logging
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec

from dashcam.clips.anchors import ANCHORS_NAME, read_anchors
from dashcam.clips.catalogue_writer import CatalogueWriter
from dashcam.clips.clip import ClipId
from dashcam.clips.links import unlink_if_ours
from dashcam.clips.names import CardFolders, sidecar_of
from dashcam.clips.row import ClipRow
from dashcam.clips.sidecar import Sidecar, read_sidecar, write_sidecar
from dashcam.clock import Anchor, local_time, trust_in, utc_text
from dashcam.errors import BadMedia
from dashcam.keeper.moves import move_clip, place_for
from dashcam.keeper.rows import FileFacts, file_of, row_of

log = logging.getLogger(__name__)


class Dating:
    """Used by the keeper's one working thread."""

    def __init__(
        self, state: Path, card: CardFolders, catalogue: CatalogueWriter, zone: ZoneInfo | None, zone_name: str
    ) -> None:
        self._path = state / ANCHORS_NAME
        self._card = card
        self._catalogue = catalogue
        self._zone = zone
        self._zone_name = zone_name
        self._seen: tuple[int, int, int] | None = None
        self._waiting: list[tuple[str, Anchor]] = []
        self._undatable: set[str] = set()

    def take_zone(self, zone: ZoneInfo | None, name: str) -> None:
        """The time zone from now on."""
        self._zone, self._zone_name = zone, name

    def step(self) -> bool:
        """Corrects one recording; True when it did. Raises OSError."""
        if not self._waiting:
            self._look()
        if not self._waiting:
            return False
        clip_id, anchor = self._waiting.pop()
        row = self._catalogue.get(clip_id)  # as it is now: it may have been locked meanwhile
        path = file_of(self._card, row.path) if row is not None else None
        if row is not None and path is not None and not self._correct(path, row, anchor):
            # Its sidecar does not say when it began: not again before the next start.
            self._undatable.add(clip_id)
        return True

    def _look(self) -> None:
        """Looks for work only when the anchors or the catalogue have changed."""
        try:
            facts = self._path.stat()
        except OSError:
            return
        seen = (facts.st_size, facts.st_mtime_ns, self._catalogue.state().generation)
        if seen == self._seen:
            return
        self._seen = seen
        anchors = read_anchors(self._path)
        for boot, source in self._catalogue.clocks():
            anchor = anchors.get(boot)
            if anchor is not None and trust_in(source) < trust_in(anchor.source):
                rows = self._catalogue.timed_by(boot, source)
                self._waiting += [(row.id, anchor) for row in rows if row.id not in self._undatable]

    def _correct(self, path: Path, row: ClipRow, anchor: Anchor) -> bool:
        try:
            sidecar = read_sidecar(sidecar_of(path))
        except (FileNotFoundError, BadMedia):
            return False
        if sidecar.id != row.id or sidecar.started_monotonic_ns is None:
            return False
        utc_ns = anchor.utc_ns_at(sidecar.started_monotonic_ns)
        dated = msgspec.structs.replace(
            sidecar, started_utc=utc_text(utc_ns), clock_source=anchor.source, zone=self._zone_name
        )
        target = self._move(path, row, dated, utc_ns)
        self._catalogue.put([row_of(self._card, target, FileFacts.of(target.stat()), dated, has_thumbnail=False)])
        return True

    def _move(self, path: Path, row: ClipRow, dated: Sidecar, utc_ns: int) -> Path:
        local = local_time(utc_ns, self._zone)
        clip_id = ClipId.parse(row.id)
        wanted = place_for(self._card, row.kind, clip_id, local, path.suffix, own=path)
        # The words on the thumbnail are wrong now; another one is made.
        if wanted == path:
            write_sidecar(sidecar_of(path), dated)
            unlink_if_ours(self._card.thumbnail_of(path))
            return path
        move_clip(self._card, path, wanted, dated, keeps_thumbnail=False)
        log.info("%s is %s now", self._card.relative(path), self._card.relative(wanted))
        return wanted
