"""The card as the recorder sees it: is it there, where does the next clip go, and what is wrong in words."""

from __future__ import annotations

import contextlib
import errno
import logging
import os
import threading
from collections import deque
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from dashcam.clips.clip import ClipId, ClipKind
from dashcam.clips.names import (
    PHOTO_SUFFIX,
    UNDATED,
    VIDEO_SUFFIX,
    CardFolders,
    day_of,
    sidecar_of,
    stem_of,
    temporary_of,
)
from dashcam.clock import Anchor, WallClock, local_time, zone_of
from dashcam.errors import CardError, CardFull
from dashcam.files import TEMPORARY_PREFIX, Space, make_folders, space_of, unused_stem
from dashcam.recorder.numbering import Numbering
from dashcam.system.folder_lock import FolderLock

log = logging.getLogger(__name__)

_SHARE_NAMES: tuple[ClipKind, ...] = ("loop", "event")
# Names whose files may not be there yet: of the two writers, and of photos.
_GIVEN_NAMES = 8
# A trial writes little, for the card's sake; with less room than this a clip would end as it begins.
_TRIAL_BYTES, _LEAST_FREE_BYTES = 4096, 1_000_000


@dataclass(frozen=True, slots=True)
class NewPlace:
    """Where a new clip or photo goes and what is known of its start."""

    id: ClipId
    temporary: Path
    final: Path
    anchor: Anchor
    zone_name: str
    """The setting that its name was made with."""


class Card:
    """Opens, names and checks. Called by the writers' threads and, for photos, by others; a lock guards opening."""

    def __init__(self, data: Path, numbering: Numbering, clock: WallClock, zone: str) -> None:
        self.data = data
        self.folders = CardFolders(data)
        self._numbering = numbering
        self._clock = clock
        self._zone = (zone, zone_of(zone))
        self._lock = FolderLock(self.folders.of_kind("loop"))
        self._opening = threading.Lock()
        self._naming = threading.Lock()
        self._given: deque[tuple[str, str, str]] = deque(maxlen=_GIVEN_NAMES)
        self._opened_folder: os.stat_result | None = None
        self._mount_point: Path | None = None

    def open(self) -> None:
        """Makes the folders, takes the lock and the boot number of this card. Raises OSError or AlreadyRunning."""
        with self._opening:
            if self._is_open_still():
                return
            self._let_go()
            self._check_mount()
            for folder in (self.folders.of_kind("loop"), self.folders.of_kind("event"), self.folders.of_kind("photo")):
                make_folders(folder)
            self._lock.acquire()
            try:
                self._numbering.meet_card(self.folders)
            except BaseException:
                self._lock.close()
                raise
            self._mount_point = mount_point_of(self.data)
            self._opened_folder = self.folders.of_kind("loop").stat()

    def close(self) -> None:
        """Lets go of the card, so that it can be unmounted; the next `open()` looks at it anew."""
        with self._opening:
            self._let_go()

    def claim(self) -> None:
        """Takes the lock if the folder is there already. Raises AlreadyRunning when another dashcam has it.

        For the start: what else may be wrong with a card is a state and shows itself at `open()`.
        """
        with self._opening, contextlib.suppress(OSError):
            self._lock.acquire()

    @property
    def is_present(self) -> bool:
        """False when the card is gone: what is written to its folder now would lie below an empty mount point."""
        try:
            self._check_mount()
        except (OSError, CardError):
            return False
        return True

    def space(self) -> Space:
        """Space on the card; zero when it is gone."""
        try:
            self._check_mount()
            return space_of(self.data)
        except (OSError, CardError):
            return Space(0, 0)

    def try_out(self) -> None:
        """Sees whether a clip could be written now. Raises OSError, CardError or AlreadyRunning when not."""
        self.open()
        if self.space().free_bytes < _LEAST_FREE_BYTES:
            raise CardFull(f"less than a megabyte is free at {self.data}; delete clips")
        path = self.folders.of_kind("event") / f"{TEMPORARY_PREFIX}trial"
        try:
            with path.open("wb") as file:
                file.write(bytes(_TRIAL_BYTES))
                file.flush()
                os.fsync(file.fileno())
        finally:
            path.unlink(missing_ok=True)

    def place_for_clip(self, captured_monotonic_ns: int) -> NewPlace:
        """Where the clip that starts at this moment goes. Raises OSError."""
        return self._place("loop", captured_monotonic_ns)

    def place_for_event(self, captured_monotonic_ns: int, clip_id: ClipId | None) -> NewPlace:
        """Where an event's clip that starts at this moment goes, with the id that it has been promised. Raises OSError.

        A promise of before the card was met may be one of another boot; then there is another id.
        """
        return self._place("event", captured_monotonic_ns, clip_id)

    def place_for_photo(self, captured_monotonic_ns: int) -> NewPlace:
        """Where the photo taken at this moment goes. Raises OSError."""
        return self._place("photo", captured_monotonic_ns)

    def take_zone(self, name: str) -> None:
        """The time zone of the names that are made from now on; any thread may call it. Raises SettingsError."""
        self._zone = (name, zone_of(name))

    def _place(self, kind: ClipKind, captured_monotonic_ns: int, promised: ClipId | None = None) -> NewPlace:
        self.open()
        anchor = self._clock.anchor()
        utc_ns = anchor.utc_ns_at(captured_monotonic_ns)
        zone_name, zone = self._zone
        local = local_time(utc_ns, zone) if anchor.is_trusted else None
        is_kept = promised is not None and promised.boot == self._numbering.boot
        clip_id = promised if promised is not None and is_kept else self._numbering.next_id()
        day, local = self._real_day(self.folders.of_kind(kind), local)
        stem = self._unused_stem(kind, day, stem_of(clip_id, local))
        final = self.folders.of_kind(kind) / day / f"{stem}{PHOTO_SUFFIX if kind == 'photo' else VIDEO_SUFFIX}"
        make_folders(final.parent)
        return NewPlace(clip_id, temporary_of(final), final, anchor, zone_name)

    def _unused_stem(self, kind: ClipKind, day: str, wished: str) -> str:
        """A name that nothing has: clips of VIDEO and EVENT share their pictures' names, and move between them."""
        parents = [self.folders.of_kind(other) for other in (_SHARE_NAMES if kind in _SHARE_NAMES else (kind,))]
        suffix = PHOTO_SUFFIX if kind == "photo" else VIDEO_SUFFIX

        def is_taken(stem: str) -> bool:
            with self._naming:
                if (day, stem, suffix) in self._given:
                    return True
            paths = [parent / day / f"{stem}{suffix}" for parent in parents]
            return any(os.path.lexists(name) for path in paths for name in (path, temporary_of(path), sidecar_of(path)))

        while True:
            stem = unused_stem(wished, is_taken)
            with self._naming:
                # Two writers may have asked at the same time, and neither has made its file yet.
                if (day, stem, suffix) not in self._given:
                    self._given.append((day, stem, suffix))
                    return stem

    def _real_day(self, parent: Path, local: datetime | None) -> tuple[str, datetime | None]:
        """The day folder and the time for the name: without a time where the day is a link to elsewhere.

        Raises CardError when that is no way out.
        """
        for moment in (local, None):
            day = day_of(moment)
            if not (parent / day).is_symlink():
                return day, moment
            log.warning("%s is a link; nothing is recorded into it", parent / day)
        raise CardError(f"{parent / UNDATED} is a link; put a folder in its place")

    def _is_open_still(self) -> bool:
        """False, too, when the folder is another one now: a card that was unmounted lazily gives no error."""
        try:
            return self._opened_folder is not None and os.path.samestat(
                self._opened_folder, self.folders.of_kind("loop").stat()
            )
        except OSError:
            return False

    def _let_go(self) -> None:
        self._opened_folder = None
        self._lock.close()

    def _check_mount(self) -> None:
        """A card that was mounted and is not now is gone: writing on would fill what lies below its mount point."""
        if self._mount_point is not None and not self._mount_point.is_mount():
            raise CardError(f"{self._mount_point} is not mounted any more")
        if not self.data.exists() and not self.data.parent.is_dir():
            raise FileNotFoundError(errno.ENOENT, "the folder above it is missing", str(self.data))


def mount_point_of(folder: Path) -> Path:
    """Where the file system that holds `folder` is mounted; the folder need not exist."""
    place = folder.resolve()
    while not place.is_mount() and place != place.parent:
        place = place.parent
    return place
