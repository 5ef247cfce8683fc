"""Looks at folders that have changed, and at all of them when that is asked for."""

from __future__ import annotations

import errno
import logging
import time
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from pathlib import Path

from dashcam.clips.catalogue_writer import CatalogueWriter
from dashcam.clips.links import unlink_if_ours
from dashcam.clips.names import TRACK_SUFFIX, CardFolders, is_day, is_own_stem
from dashcam.clips.row import ClipRow
from dashcam.keeper.digest import KINDS, Digest
from dashcam.keeper.dirty import DirtyFolders
from dashcam.keeper.folder_watch import FolderDates
from dashcam.keeper.listing import list_folder

log = logging.getLogger(__name__)

# The net under the kernel's messages; without them it is the only way to notice anything.
NET_SECONDS, NET_SECONDS_UNWATCHED = 60.0, 10.0
# Thumbnails of photos and of videos.
_OWN_PREFIXES = ("dcp_", "dcpvid_", "boot")
# The recorder is not about to put a clip into a day folder in which nothing has changed for a day.
_EMPTY_SECONDS = 24 * 3600.0
# Asked for a clip that is not where it was, only what has just changed is looked at.
_MOST_FOLDERS_AT_ONCE = 50


def remove_if_empty(folder: Path) -> None:
    """Removes a folder that has nothing in it; any other stays."""
    try:
        folder.rmdir()
    except OSError as error:
        if error.errno not in (errno.ENOTEMPTY, errno.EEXIST, errno.ENOENT, errno.ENOTDIR):
            raise


class Scan:
    """Used by the keeper's one working thread."""

    def __init__(
        self,
        card: CardFolders,
        catalogue: CatalogueWriter,
        digest: Digest,
        dirty: DirtyFolders,
        *,
        is_watched: Callable[[], bool],
        looked: Callable[[], None],
        monotonic: Callable[[], float] = time.monotonic,
        wall_clock: Callable[[], float] = time.time,
    ) -> None:
        """`looked` is called after each folder: there may be new clips."""
        self._card = card
        self._catalogue = catalogue
        self._digest = digest
        self._dirty = dirty
        self._dates = FolderDates()
        self._is_watched = is_watched
        self._looked = looked
        self._monotonic = monotonic
        self._wall_clock = wall_clock
        self._net_at = 0.0
        self._left: set[Path] = set()
        self._asked: list[Future[None]] = []
        self._days_to_sweep: list[str] = []
        self.is_complete = False
        """All folders were looked at since the start."""

    @property
    def is_scanning(self) -> bool:
        """A look at the whole card is under way."""
        return bool(self._left)

    def ask(self) -> Future[None]:
        """Looks at the whole card; the future is done when that is."""
        self._dirty.mark_everything()
        self._asked.append(Future())
        return self._asked[-1]

    def cancel(self) -> None:
        """Nobody will look any more."""
        for future in self._asked:
            future.cancel()
        self._asked.clear()

    def step(self) -> bool:
        """Looks at one folder; True when there was one. Raises OSError and CatalogueLost."""
        if self._dirty.take_everything():
            folders = self._digest.folders()
            self._left = set(folders)
            self._dirty.mark_now(folders)
        folder = self._dirty.take_due()
        if folder is not None:
            self._look_at(folder)
            return True
        self._spread_net()
        return False

    def look_again(self, folders: Iterable[Path]) -> None:
        """Looks at what has changed, and at `folders`, without waiting for calm."""
        self._dirty.mark_now(folders)
        self._dirty.make_due()
        for _ in range(_MOST_FOLDERS_AT_ONCE):
            folder = self._dirty.take_due()
            if folder is None:
                return
            self._look_at(folder)

    def _look_at(self, folder: Path) -> None:
        try:
            self._dates.note(folder)
            self._digest.digest(folder)
        except OSError as error:
            log.warning("%s cannot be looked at: %s", self._card.relative(folder), error)
        finally:
            self._left.discard(folder)
        if not self._left:
            self._finish()
        self._looked()

    def _finish(self) -> None:
        if not self.is_complete:
            tops = (self._card.thumbnails, self._card.tracks, *(self._card.of_kind(kind) for kind in KINDS))
            self._days_to_sweep = sorted({day for top in tops for day in list_folder(top).folders if is_day(day)})
        self.is_complete = True
        self._catalogue.mark_complete(True)
        for future in self._asked:
            future.set_result(None)
        self._asked.clear()

    def _spread_net(self) -> None:
        now = self._monotonic()
        if now < self._net_at:
            return
        self._net_at = now + (NET_SECONDS if self._is_watched() else NET_SECONDS_UNWATCHED)
        self._dirty.mark_now(self._dates.changed(self._digest.folders()))

    def sweep(self) -> bool:
        """Tidies one day; True when there was one left.

        Removes half-written files, pictures and tracks whose clips are gone, and folders that were empty for long.

        Every day comes once after a start, before any picture is made. Raises OSError and CatalogueLost.
        """
        if not self._days_to_sweep:
            return False
        day = self._days_to_sweep.pop()
        rows = [row for kind in KINDS for row in self._catalogue.rows_in(kind, day)]
        wanted = {self._card.thumbnail_of(self._card.dcim / row.path).name for row in rows}
        pictures = list_folder(self._card.thumbnails / day)
        lonely = [name for name in pictures.media.keys() - wanted if name.startswith(_OWN_PREFIXES)]
        for name in (*lonely, *pictures.temporary):
            unlink_if_ours(self._card.thumbnails / day / name)
        for name in (*list_folder(self._card.tracks / day).temporary, *self._lonely_tracks(day, rows)):
            unlink_if_ours(self._card.tracks / day / name)
        self._remove_empty(day)
        return True

    def _lonely_tracks(self, day: str, rows: Iterable[ClipRow]) -> list[str]:
        """Copied for a clip that, because the power went, came to lie elsewhere."""
        wanted = {self._card.track_of(self._card.dcim / row.path).name for row in rows}
        there = {path.name for path in (self._card.tracks / day).glob(f"*{TRACK_SUFFIX}")}
        return [name for name in there - wanted if is_own_stem(name.removesuffix(TRACK_SUFFIX))]

    def _remove_empty(self, day: str) -> None:
        folders = [self._card.of_kind(kind) / day for kind in KINDS]
        for folder in folders:
            if folder.is_dir() and self._wall_clock() - folder.stat().st_mtime > _EMPTY_SECONDS:
                remove_if_empty(folder)
        if not any(folder.exists() for folder in folders):
            remove_if_empty(self._card.thumbnails / day)
            remove_if_empty(self._card.tracks / day)
