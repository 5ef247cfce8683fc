"""Is somebody still writing to a file? Asked of the kernel, not of the clock."""

from __future__ import annotations

import errno
import fcntl
import os
import signal
from pathlib import Path


def ignore_lease_signals() -> None:
    """Call once in the main thread: a lease that is broken at the wrong moment would end the process otherwise."""
    signal.signal(signal.SIGIO, signal.SIG_IGN)


def is_being_written(path: Path) -> bool:
    """True while the recorder holds its lock on the file, or any process has it open for writing.

    The second is asked with a lease (fcntl(2)), which the kernel grants only on files that nobody writes to; where it
    may not be asked (another user's file, some file systems) the answer is False. Raises OSError when the file is gone.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        return _is_locked(descriptor) or _has_writer(descriptor)
    finally:
        os.close(descriptor)


def _is_locked(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False  # a file system without locks
    fcntl.flock(descriptor, fcntl.LOCK_UN)
    return False


def _has_writer(descriptor: int) -> bool:
    try:
        fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_RDLCK)
    except OSError as error:
        return error.errno == errno.EAGAIN
    fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_UNLCK)
    return False
