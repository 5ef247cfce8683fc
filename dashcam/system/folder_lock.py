"""One program at a time on a folder."""

from __future__ import annotations

import fcntl
import logging
import os
from pathlib import Path
from types import TracebackType
from typing import Self

from dashcam.errors import AlreadyRunning

log = logging.getLogger(__name__)


class FolderLock:
    """flock(2) on the folder itself: no file is left behind, and the lock goes with the process however that ends."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._descriptor: int | None = None

    def acquire(self) -> None:
        """Takes the lock; taking it twice is taking it once.

        Raises AlreadyRunning when another has it, OSError when the folder cannot be opened. A file system that knows no
        locks is used without one, and that is logged.
        """
        if self._descriptor is not None:
            return
        descriptor = os.open(self._folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            raise AlreadyRunning(
                f"another dashcam already uses {self._folder}; stop it, or use another --data folder"
            ) from None
        except OSError as error:
            log.warning("%s cannot be locked (%s); take care that only one dashcam uses it", self._folder, error)
        self._descriptor = descriptor

    def close(self) -> None:
        """Gives the lock up. May be called twice."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def __enter__(self) -> Self:
        self.acquire()
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self.close()
