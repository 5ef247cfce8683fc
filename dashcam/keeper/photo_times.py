"""Gives photos that the recorder took before the time was known their time in EXIF: each is written anew beside itself.

Only EXIF changes: "time not set" was true when it was burned into the picture, and stays there. The new file is whole
and durable when it replaces the old one, then the sidecar says its size. Whatever ends that on the way, the next start
finds a photo that is not dated yet, and begins again; one whose sidecar lags behind is renewed first (`finisher`).
"""

from __future__ import annotations

import logging
import os
import stat
from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path

import msgspec

from dashcam.clips.links import lies_behind_link, refuse_link, unlink_if_ours
from dashcam.clips.names import sidecar_of, temporary_of
from dashcam.clips.row import ClipRow
from dashcam.clips.sidecar import Sidecar, read_sidecar, write_sidecar
from dashcam.clock import NANOSECONDS, TRUSTED_SOURCES, utc_ns_of
from dashcam.errors import BadMedia, CardError, DashcamError
from dashcam.files import sync_folder
from dashcam.keeper.desk import Desk
from dashcam.keeper.rows import FileFacts
from dashcam.keeper.unfinished import MAX_FAILURES
from dashcam.media.jobs import DatePhoto, PhotoDated
from dashcam.media.media_child import ChildCameToGrief

log = logging.getLogger(__name__)

# Less is not worth writing a photo anew.
_LEAST_CORRECTION_NS = NANOSECONDS
# Told whether the photo is to be dated now, with or without the time in its EXIF.
Done = Callable[[bool], None]


class PhotoTimes:
    """One photo at a time. Used by the keeper's one working thread."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._failures: Counter[str] = Counter()
        self.is_busy = False
        """A photo is being written."""
        self._trouble: DashcamError | None = None

    def check(self) -> None:
        """Raises DashcamError once after a photo met a trouble that may pass."""
        trouble, self._trouble = self._trouble, None
        if trouble is not None:
            raise trouble

    def is_due(self, path: Path, row: ClipRow, sidecar: Sidecar, utc_ns: int) -> bool:
        """Whether it is to be written anew before it is dated; never what people have brought or changed."""
        return (
            row.kind == "photo"
            and sidecar.integrity == "closed"
            and self._failures[row.id] < MAX_FAILURES
            and abs(_known_ns(sidecar) - utc_ns) >= _LEAST_CORRECTION_NS
            and sidecar.bytes == row.bytes
            and _is_still(path, row)
        )

    def begin(self, path: Path, row: ClipRow, utc_ns: int, zone: str, done: Done) -> None:
        """Writes the photo with this time in its EXIF; only while nobody is at the desk. Raises OSError."""
        making = temporary_of(path)
        refuse_link(path)
        making.unlink(missing_ok=True)
        job = DatePhoto(path=os.fsencode(path), target=os.fsencode(making), utc_ns=utc_ns, zone=zone)
        self._desk.submit(job, PhotoDated, partial(self._written, path, row, done))
        self.is_busy = True

    def _written(self, path: Path, row: ClipRow, done: Done, outcome: PhotoDated | DashcamError) -> None:
        self.is_busy = False
        try:
            is_ready = self._take_over(path, row, outcome)
        except OSError:
            self._failures[row.id] += 1
            done(False)
            raise
        finally:
            unlink_if_ours(temporary_of(path))
        done(is_ready)

    def _take_over(self, path: Path, row: ClipRow, outcome: PhotoDated | DashcamError) -> bool:
        making = temporary_of(path)
        sidecar = _sidecar_beside(path, row)  # as it is now: it may have been locked meanwhile
        if sidecar is None or not _is_still(path, row):
            return False  # moved, changed or deleted meanwhile
        if not isinstance(outcome, PhotoDated):
            return self._is_given_up(row, outcome)
        if making.is_symlink() or not making.is_file() or making.stat().st_size != outcome.bytes:
            self._failures[row.id] += 1
            return False  # somebody has tidied it away: again, or else without
        os.replace(making, path)
        sync_folder(path.parent)
        write_sidecar(sidecar_of(path), msgspec.structs.replace(sidecar, bytes=outcome.bytes))
        del self._failures[row.id]
        return True

    def _is_given_up(self, row: ClipRow, error: DashcamError) -> bool:
        """What cannot be written anew is dated all the same, but not before a card in trouble had its chances."""
        self._failures[row.id] += 1
        if isinstance(error, CardError | ChildCameToGrief) and self._failures[row.id] < MAX_FAILURES:
            self._trouble = error
            return False
        self._failures[row.id] = MAX_FAILURES
        log.info("%s has no time in its EXIF: %s", row.path, error)
        return True


def _known_ns(sidecar: Sidecar) -> int:
    """What stands in its EXIF; an age away where that is nothing."""
    if sidecar.clock_source not in TRUSTED_SOURCES or sidecar.started_utc is None:
        return -(2**63)
    try:
        return utc_ns_of(sidecar.started_utc)
    except (ValueError, OverflowError):
        return -(2**63)  # somebody has written into the sidecar


def _is_still(path: Path, row: ClipRow) -> bool:
    """Whether the very file lies there that the catalogue knows, and no link."""
    try:
        facts = path.lstat()
    except OSError:
        return False
    is_file = stat.S_ISREG(facts.st_mode) and not lies_behind_link(path)
    return is_file and FileFacts.of(facts) == FileFacts(row.bytes, row.modified_ns)


def _sidecar_beside(path: Path, row: ClipRow) -> Sidecar | None:
    try:
        sidecar = read_sidecar(sidecar_of(path))
    except (FileNotFoundError, NotADirectoryError, BadMedia):
        return None
    return sidecar if sidecar.id == row.id and sidecar.bytes == row.bytes else None
