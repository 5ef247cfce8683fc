"""Gives earlier recordings their right time and name, once a better clock is known for their boot.

Idempotent, and whatever ends it on the way, the next start finds the recording either as it was or dated: the sidecar
is what is written last where a name stays, and written before the rename where it does not (see `moves`).
"""

from __future__ import annotations

import logging
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec

from dashcam.clips.anchors import ANCHORS_NAME, BootTime, read_boot_times
from dashcam.clips.catalogue_writer import CatalogueWriter
from dashcam.clips.clip import ClipId
from dashcam.clips.names import UNDATED, CardFolders, day_of, is_own_stem, sidecar_of, stem_of
from dashcam.clips.removal import remove_thumbnail
from dashcam.clips.row import ClipRow
from dashcam.clips.sidecar import Sidecar, read_sidecar, write_sidecar
from dashcam.clock import NANOSECONDS, TRUSTED_SOURCES, local_time, trust_in, utc_ns_of, utc_text
from dashcam.errors import BadMedia
from dashcam.keeper.moves import free_place, move_clip
from dashcam.keeper.rows import FileFacts, file_of, row_of

log = logging.getLogger(__name__)

# Before it and after it no dashcam recorded: somebody has written into a sidecar, or an anchor is damaged.
_EARLIEST_NS, _LATEST_NS = utc_ns_of("1990-01-01T00:00:00.000Z"), utc_ns_of("2099-01-01T00:00:00.000Z")


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
        self._waiting: list[tuple[str, BootTime]] = []
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
        clip_id, time = self._waiting.pop()
        row = self._catalogue.get(clip_id)  # as it is now: it may have been locked meanwhile
        path = file_of(self._card, row.path) if row is not None else None
        if row is not None and path is not None and not self._correct(path, row, time):
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
        times = read_boot_times(self._path)
        for boot, source in self._catalogue.clocks():
            time = times.get(boot)
            if time is not None and trust_in(source) < trust_in(time.source):
                rows = self._catalogue.timed_by(boot, source)
                self._waiting += [(row.id, time) for row in rows if row.id not in self._undatable]
        # The oldest is the next: of several in one second it gets the name without a number.
        self._waiting.sort(key=lambda waiting: ClipId.parse(waiting[0]), reverse=True)

    def _correct(self, path: Path, row: ClipRow, time: BootTime) -> bool:
        """False when the recording cannot be dated."""
        try:
            sidecar = read_sidecar(sidecar_of(path))
        except (FileNotFoundError, BadMedia):
            return False
        if sidecar.id != row.id or sidecar.started_monotonic_ns is None:
            return False
        utc_ns = time.utc_ns_at(sidecar.started_monotonic_ns)
        if not _EARLIEST_NS <= utc_ns < _LATEST_NS:
            log.warning("%s cannot be dated: its sidecar says no moment of its boot", row.path)
            return False
        dated, target, has_thumbnail = sidecar, path, row.has_thumbnail
        if trust_in(sidecar.clock_source) < trust_in(time.source):
            keeps_words = is_same_second(sidecar, utc_ns)
            dated = msgspec.structs.replace(
                sidecar,
                started_utc=utc_text(utc_ns),
                clock_source=time.source,
                zone=sidecar.zone if keeps_words else self._zone_name,
                track=None,  # it has the times of before, and is made anew
            )
            target = path if keeps_words and row.day != UNDATED else self._place_for(path, row, utc_ns)
            has_thumbnail = self._move(path, target, dated, keeps_thumbnail=keeps_words)
        self._catalogue.put([row_of(self._card, target, FileFacts.of(target.stat()), dated, has_thumbnail)])
        return True

    def _place_for(self, path: Path, row: ClipRow, utc_ns: int) -> Path:
        """A name that people have given stays, in the right day."""
        clip_id, local = ClipId.parse(row.id), local_time(utc_ns, self._zone)
        stem = stem_of(clip_id, local) if is_own_stem(path.stem) else path.stem
        return free_place(self._card, row.kind, day_of(local), stem, path.suffix, own=path, clip_id=row.id)

    def _move(self, path: Path, target: Path, dated: Sidecar, *, keeps_thumbnail: bool) -> bool:
        """True when there is a thumbnail then. One with other words goes first: it never stands beside the new time."""
        if not keeps_thumbnail:
            remove_thumbnail(self._card, path)
        if target == path:
            write_sidecar(sidecar_of(path), dated)
        else:
            move_clip(self._card, path, target, dated, keeps_thumbnail=keeps_thumbnail)
            log.info("%s is %s now", self._card.relative(path), self._card.relative(target))
        return keeps_thumbnail and self._card.thumbnail_of(target).is_file()


def is_same_second(sidecar: Sidecar, utc_ns: int) -> bool:
    """True when a recording is named by the second of this moment already: name and words on pictures stay right."""
    if sidecar.clock_source not in TRUSTED_SOURCES or sidecar.started_utc is None:
        return False
    try:
        return utc_ns_of(sidecar.started_utc) // NANOSECONDS == utc_ns // NANOSECONDS
    except (ValueError, OverflowError):
        return False  # somebody has written into the sidecar
