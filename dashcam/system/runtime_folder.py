"""The folder of what the programs of one dashcam share while they run: sockets, the page's address, the log."""

from __future__ import annotations

import hashlib
import os
import stat
import tempfile
from pathlib import Path

from dashcam.errors import AlreadyRunning


def socket_folder(state: Path) -> Path:
    """The folder that belongs to the state folder `state`; it need not exist.

    Not in the state itself: a card's file system may not know sockets and a socket's path ends at 107 bytes. So the
    runtime folder of systemd, of the user or /tmp, with a name that every program makes from the same state folder.
    """
    base = os.environ.get("RUNTIME_DIRECTORY", "").partition(":")[0] or os.environ.get("XDG_RUNTIME_DIR", "")
    if not base or not os.access(base, os.W_OK):
        base = tempfile.gettempdir()
    mark = hashlib.sha256(os.fsencode(state.resolve())).hexdigest()[:12]
    return Path(base) / f"dashcam-{os.getuid()}-{mark}"


def make_socket_folder(state: Path) -> Path:
    """Makes the folder, open to nobody else. Raises AlreadyRunning when a stranger has taken its name."""
    folder = socket_folder(state)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    facts = folder.lstat()
    if not stat.S_ISDIR(facts.st_mode) or facts.st_uid != os.getuid():
        raise AlreadyRunning(f"{folder} belongs to somebody else; set XDG_RUNTIME_DIR to a folder of your own")
    return folder
