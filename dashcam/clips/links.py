"""Day folders that are links: what lies behind one may be anywhere, so nothing there is ever written or deleted.

A link in place of VIDEO, EVENT or another top folder is the owner's arrangement, and followed.
"""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path
from typing import BinaryIO


def lies_behind_link(path: Path) -> bool:
    """True when the folder of the file at `path` is a link."""
    return path.parent.is_symlink()


def refuse_link(path: Path) -> None:
    """Raises OSError when the folder of `path` is a link."""
    if lies_behind_link(path):
        raise OSError(errno.ELOOP, f"{path.parent.name} is a link; put a folder in its place", str(path.parent))


def unlink_if_ours(path: Path) -> None:
    """Removes the file or link at `path`, if it is there and not behind a link. Raises OSError."""
    if not lies_behind_link(path):
        path.unlink(missing_ok=True)


def open_ordinary(path: Path) -> BinaryIO:
    """Opens a file for reading, never a link, a folder or a pipe that somebody has put there. Raises OSError."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise OSError(errno.EINVAL, "it is no file; remove it", str(path))
        return open(descriptor, "rb")
    except BaseException:
        os.close(descriptor)
        raise
