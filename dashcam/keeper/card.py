"""The card as the keeper sees it: taken for itself, and noticed when it goes or can no longer be written."""

from __future__ import annotations

import errno
import os
from pathlib import Path

from dashcam.clips.names import CardFolders
from dashcam.errors import CardError
from dashcam.files import Space, make_folders, space_of
from dashcam.system.folder_lock import FolderLock


class Card:
    """One card from `open()` to `close()`. Used by the keeper's one working thread."""

    def __init__(self, data: Path, was_mount: bool = False) -> None:
        """`was_mount`: a card was mounted there before, so without one there is nothing to use."""
        self.data = data.resolve()
        self.folders = CardFolders(self.data)
        self.was_mount = was_mount
        self._lock = FolderLock(self.folders.thumbnails)
        self._identity = (0, 0)

    def open(self) -> None:
        """Makes the folders and takes the card.

        Raises CardError or OSError when it is not there, AlreadyRunning when another keeper has it.
        """
        if self.was_mount and not self.data.is_mount():
            raise CardError(f"{self.data}: no card is mounted; put it in again")
        if not self.data.exists() and not self.data.parent.is_dir():
            raise CardError(f"{self.data}: the folder above it is missing; make it, or use another --data folder")
        try:
            for kind in ("loop", "event", "photo"):
                make_folders(self.folders.of_kind(kind))
            make_folders(self.folders.thumbnails)
        except OSError as error:
            # A read-only card with clips on it is still worth showing.
            if error.errno != errno.EROFS or not self.folders.thumbnails.is_dir():
                raise
        self._lock.acquire()
        self._identity = self._identity_now()
        self.was_mount = self.was_mount or self.data.is_mount()

    def close(self) -> None:
        """Lets go of the card, so that it can be unmounted. May be called twice."""
        self._lock.close()

    def check(self) -> None:
        """Raises CardError when the opened card is not there any more, or is another one."""
        try:
            identity = self._identity_now()
        except OSError as error:
            raise CardError(f"{self.data}: the card is gone ({error.strerror}); put it in again") from error
        if identity != self._identity:
            raise CardError(f"{self.data}: the card was changed")

    @property
    def is_read_only(self) -> bool:
        """True for a card that is write-protected, or that the system has stopped writing to after an error."""
        return bool(os.statvfs(self.data).f_flag & os.ST_RDONLY)

    def space(self) -> Space:
        """Raises OSError."""
        return space_of(self.data)

    def _identity_now(self) -> tuple[int, int]:
        facts = self.folders.thumbnails.stat()
        return facts.st_dev, facts.st_ino
