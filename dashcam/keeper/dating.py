"""Gives earlier recordings their right time and name, once a better clock is known for their boot, or its own better.

Idempotent, and whatever ends it on the way, the next start finds the recording either as it was or dated: the sidecar
is what is written last where a name stays, and written before the rename where it does not (see `moves`). Photos get
the time into their EXIF first (see `photo_times`). A source that takes back what it has said is followed: what it has
dated by that is found by comparing.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec

from dashcam.clips.anchors import ANCHORS_NAME, AnchorLine, BootTime, read_boot_times
from dashcam.clips.catalogue_writer import CatalogueWriter
from dashcam.clips.clip import ClipId
from dashcam.clips.names import UNDATED, CardFolders, day_of, is_own_stem, sidecar_of, stem_of
from dashcam.clips.removal import remove_thumbnail
from dashcam.clips.row import ClipRow
from dashcam.clips.sidecar import Sidecar, read_sidecar, write_sidecar
from dashcam.clock import NANOSECONDS, TRUSTED_SOURCES, ClockSource, local_time, trust_in, utc_ns_of, utc_text
from dashcam.errors import BadMedia
from dashcam.keeper.desk import Desk
from dashcam.keeper.moves import free_place, move_clip
from dashcam.keeper.photo_times import PhotoTimes
from dashcam.keeper.rows import FileFacts, file_of, row_of

log = logging.getLogger(__name__)

# Before it and after it no dashcam recorded: somebody has written into a sidecar, or an anchor is damaged.
_EARLIEST_NS, _LATEST_NS = utc_ns_of("1990-01-01T00:00:00.000Z"), utc_ns_of("2099-01-01T00:00:00.000Z")


class Dating:
    """Used by the keeper's one working thread."""

    def __init__(
        self,
        state: Path,
        card: CardFolders,
        catalogue: CatalogueWriter,
        desk: Desk,
        zone: ZoneInfo | None,
        zone_name: str,
        *,
        again: Callable[[], None],
        look_again: Callable[[Path], None],
    ) -> None:
        """`again` is called when there may be more to do at once; `look_again` with a folder that has changed."""
        self._path = state / ANCHORS_NAME
        self._card = card
        self._catalogue = catalogue
        self._desk = desk
        self._photo_times = PhotoTimes(desk)
        self._zone = zone
        self._zone_name = zone_name
        self._again = again
        self._look_again = look_again
        self._seen: tuple[int, int, int] | None = None
        self._read_last: tuple[tuple[frozenset[int], tuple[int, int]], dict[int, BootTime]] | None = None
        self._clips: list[tuple[str, BootTime]] = []
        self._photos: list[tuple[str, BootTime]] = []
        self._undatable: set[str] = set()
        # What was found to agree with the last word of a source that has corrected itself: nobody reads it again.
        self._agreed: dict[str, tuple[AnchorLine, int | None]] = {}

    @property
    def waits_for_desk(self) -> bool:
        """Photos wait to be written anew: a thumbnail made now has words of before."""
        return bool(self._photos)

    def take_zone(self, zone: ZoneInfo | None, name: str) -> None:
        """The time zone from now on."""
        self._zone, self._zone_name = zone, name

    def step(self) -> bool:
        """Corrects one recording, or begins with it; True when it did. Raises OSError and DashcamError."""
        self._photo_times.check()
        if not (self._clips or self._photos or self._photo_times.is_busy):
            self._look()
        waiting = self._photos if self._photos and not self._desk.is_busy else self._clips
        if not waiting:
            return False
        clip_id, time = waiting.pop()
        try:
            self._correct(clip_id, time, may_write_anew=True)
        except OSError:
            self._seen = None  # it waits still
            raise
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
        clocks = self._catalogue.clocks()
        times = self._times_of(frozenset(boot for boot, _ in clocks), seen[:2])
        for boot, source in clocks:
            time = times.get(boot)
            if time is None or not _may_correct(time, source):
                continue
            for row in self._catalogue.timed_by(boot, source):
                is_done = self._agreed.get(row.id) == (time.best, row.started_utc_ms)
                if row.id not in self._undatable and not is_done:
                    (self._photos if row.kind == "photo" else self._clips).append((row.id, time))
        for waiting in (self._clips, self._photos):
            # The oldest is the next: of several in one second it gets the name without a number.
            waiting.sort(key=lambda found: ClipId.parse(found[0]), reverse=True)

    def _times_of(self, boots: frozenset[int], facts: tuple[int, int]) -> dict[int, BootTime]:
        """Read again only when they have changed: a dashcam that is started often has thousands of lines."""
        if self._read_last is None or self._read_last[0] != (boots, facts):
            times = read_boot_times(self._path) if boots else {}
            self._read_last = ((boots, facts), {boot: times[boot] for boot in boots & times.keys()})
        return self._read_last[1]

    def _correct(self, clip_id: str, time: BootTime, *, may_write_anew: bool) -> None:
        row = self._catalogue.get(clip_id)  # as it is now: it may have been locked meanwhile
        path = file_of(self._card, row.path) if row is not None else None
        if row is None or path is None:
            return
        sidecar = _sidecar_beside(path, clip_id)
        if sidecar is None or sidecar.bytes != path.stat().st_size:
            self._look_again(path.parent)  # somebody has changed it: first it gets its sidecar anew
            return
        utc_ns = _utc_ns_of_start(sidecar, time)
        if utc_ns is None:
            # Its sidecar does not say when it began: not again before the next start.
            self._undatable.add(clip_id)
            return
        is_wrong = trust_in(sidecar.clock_source) < trust_in(time.source) or _is_refuted(sidecar, time)
        if is_wrong and may_write_anew and self._photo_times.is_due(path, row, sidecar, utc_ns):
            self._photo_times.begin(path, row, utc_ns, self._zone_name, partial(self._photo_written, clip_id, time))
            return
        dated, target, has_thumbnail = sidecar, path, row.has_thumbnail
        if is_wrong:
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
        known = row_of(self._card, target, FileFacts.of(target.stat()), dated, has_thumbnail)
        if known != row:
            self._catalogue.put([known])
        if time.is_corrected:
            self._agreed[clip_id] = (time.best, known.started_utc_ms)

    def _photo_written(self, clip_id: str, time: BootTime, is_ready: bool) -> None:
        self._again()
        self._seen = None  # if it is not ready, it is as it was or another one now
        if is_ready:
            self._correct(clip_id, time, may_write_anew=False)

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


def _sidecar_beside(path: Path, clip_id: str) -> Sidecar | None:
    try:
        sidecar = read_sidecar(sidecar_of(path))
    except (FileNotFoundError, BadMedia):
        return None
    return sidecar if sidecar.id == clip_id else None


def _utc_ns_of_start(sidecar: Sidecar, time: BootTime) -> int | None:
    """None when it is not known, or cannot be."""
    if sidecar.started_monotonic_ns is None:
        return None
    utc_ns = time.utc_ns_at(sidecar.started_monotonic_ns)
    if not _EARLIEST_NS <= utc_ns < _LATEST_NS:
        log.warning("%s cannot be dated: its sidecar says no moment of its boot", sidecar.id)
        return None
    return utc_ns


def _may_correct(time: BootTime, source: ClockSource) -> bool:
    """Whether anything that was dated by `source` in the boot may have to be dated anew."""
    return trust_in(source) < trust_in(time.source) or (source == time.source and time.is_corrected)


def _is_refuted(sidecar: Sidecar, time: BootTime) -> bool:
    """True when the source of its time has taken that back."""
    if sidecar.clock_source != time.source or sidecar.started_utc is None or sidecar.started_monotonic_ns is None:
        return False
    try:
        return time.refutes(sidecar.started_monotonic_ns, utc_ns_of(sidecar.started_utc))
    except (ValueError, OverflowError):
        return False  # somebody has written into the sidecar


def is_same_second(sidecar: Sidecar, utc_ns: int) -> bool:
    """True when a recording is named by the second of this moment already: name and words on pictures stay right."""
    if sidecar.clock_source not in TRUSTED_SOURCES or sidecar.started_utc is None:
        return False
    try:
        return utc_ns_of(sidecar.started_utc) // NANOSECONDS == utc_ns // NANOSECONDS
    except (ValueError, OverflowError):
        return False  # somebody has written into the sidecar
