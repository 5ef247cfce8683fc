"""Files for reading, opened so that nothing outside their root is ever read."""

from __future__ import annotations

import errno
import os
import stat
from io import FileIO
from pathlib import Path, PurePosixPath
from typing import BinaryIO, NamedTuple

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
# Not blocking: somebody may have put a FIFO on the card, whose opening waits for a writer for ever.
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


class CardFile(NamedTuple):
    """An open file and what it was when it was opened. It stays readable when it is moved or deleted."""

    file: BinaryIO
    size: int
    modified_ns: int


def open_below(root: Path, relative: str) -> CardFile:
    """Opens the plain file `root/relative` without following any link below `root`.

    Raises FileNotFoundError when there is no such plain file, for whatever reason, or `relative` tries to leave.
    """
    parts = PurePosixPath(relative).parts
    if not parts or relative.startswith("/") or ".." in parts or "\0" in relative:
        raise FileNotFoundError(errno.ENOENT, "not a name below the folder", relative)
    folder = os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        for part in parts[:-1]:
            inner = os.open(part, _FOLDER, dir_fd=folder)
            os.close(folder)
            folder = inner
        descriptor = os.open(parts[-1], _FILE, dir_fd=folder)
    except OSError as error:
        # ELOOP and ENOTDIR are links, EACCES and ENAMETOOLONG speak for themselves: for the reader it is not there.
        raise FileNotFoundError(errno.ENOENT, str(error), relative) from error
    finally:
        os.close(folder)
    facts = os.fstat(descriptor)
    if not stat.S_ISREG(facts.st_mode):
        os.close(descriptor)
        raise FileNotFoundError(errno.ENOENT, "not a plain file", relative)
    return CardFile(FileIO(descriptor, "rb"), facts.st_size, facts.st_mtime_ns)
