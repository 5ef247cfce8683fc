"""Day folders that are links: what lies behind one may be anywhere, so nothing there is ever written or deleted.

A link in place of VIDEO, EVENT or another top folder is the owner's arrangement, and followed.
"""

from __future__ import annotations

import errno
from pathlib import Path


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
