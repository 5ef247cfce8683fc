"""The file a clip grows in: it writes all or raises, and keeps the order of writes that a power cut must not mix up."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import threading
from collections.abc import Callable
from pathlib import Path

# Makes the bytes of a descriptor durable; the power-cut rig's control passes one that does nothing.
SyncPolicy = Callable[[int], None]

# For a larger one the kernel looks for as much memory in a row, where the file system can use it (ext4 from Linux 6.16
# on): half a megabyte then took 1.1 ms at once and 0.2 ms in four pieces (measured on 6.18, in a virtual machine).
_PIECE_BYTES = 128 * 1024


class SyncInTurn:
    """For files that are written at the same time: one is synced after the other.

    ext4 makes the length of a file durable with whatever it commits next. A commit for one file while another one's
    blocks are on their way leaves zeros behind a power cut, or the half of a fragment's head, and players refuse that.
    """

    def __init__(self, sync: SyncPolicy) -> None:
        self._sync = sync
        # Held across the card's work on purpose: a card that stalls for one file does so for the other.
        self._turn = threading.Lock()

    def __call__(self, descriptor: int) -> None:
        """Waits for its turn, then makes the bytes durable. Raises OSError."""
        with self._turn:
            self._sync(descriptor)


class DurableFile:
    """A new file for libavformat, held with flock until `close()` so that everyone can see that it is open.

    Rules (notes on hybrid MP4): a short write is finished or raises, because libavformat takes one as done; before a
    write below the end of the file what was written so far is synced, because the last patch of an MP4 makes the file
    point at its index: should it reach the card before the index, nothing of the clip opens. After the first error
    every write raises: the file stays good up to there and is left for repair.
    """

    def __init__(self, path: Path, sync: SyncPolicy = os.fdatasync) -> None:
        """Creates `path`. Raises FileExistsError, or the OSError of a card that cannot be written."""
        self.end = 0
        self.failure: OSError | None = None
        self._sync = sync
        self._position = 0
        self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o644)
        # A hint for the keeper, never a reason not to record: it may be looking at the new file this very moment, and
        # there are file systems without locks.
        with contextlib.suppress(OSError):
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)

    @property
    def closed(self) -> bool:
        """True once `close()` was called; PyAV asks before it writes a trailer."""
        return self._descriptor < 0

    def write(self, data: bytes) -> int:
        """Writes all of `data` at the position, or raises the OSError that the card gave."""
        if self.failure is not None:
            raise self.failure
        try:
            if self._position < self.end:
                self._sync(self._descriptor)
            self._write_all(memoryview(data))
        except OSError as error:
            self.failure = error
            raise
        return len(data)

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Moves the position, as files do."""
        start = {os.SEEK_SET: 0, os.SEEK_CUR: self._position, os.SEEK_END: self.end}[whence]
        self._position = start + offset
        return self._position

    def tell(self) -> int:
        """The position in bytes."""
        return self._position

    def readable(self) -> bool:
        """False: libavformat only writes."""
        return False

    def writable(self) -> bool:
        """True until closed."""
        return not self.closed

    def seekable(self) -> bool:
        """True."""
        return True

    def sync(self) -> None:
        """Makes what was written so far durable. Raises OSError, which counts as a failed write."""
        try:
            self._sync(self._descriptor)
        except OSError as error:
            self.failure = error
            raise

    def close(self) -> None:
        """Releases the file and its lock; may be called twice."""
        if not self.closed:
            descriptor, self._descriptor = self._descriptor, -1
            os.close(descriptor)

    def _write_all(self, rest: memoryview) -> None:
        while rest:
            written = os.pwrite(self._descriptor, rest[:_PIECE_BYTES], self._position)
            if written <= 0:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            self._position += written
            self.end = max(self.end, self._position)
            rest = rest[written:]
