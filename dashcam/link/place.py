"""Where the sockets of the programs lie."""

from __future__ import annotations

import hashlib
import os
import stat
import tempfile
from pathlib import Path
from typing import Literal

from dashcam.errors import AlreadyRunning

Program = Literal["recorder", "keeper"]


def socket_folder(state: Path) -> Path:
    """The folder of the sockets that belong to the state folder `state`.

    Not in the state itself: a card's file system may not know sockets and a socket's path ends at 107 bytes. So the
    runtime folder of systemd, of the user or /tmp, with a name that every program makes from the same state folder.
    """
    base = os.environ.get("RUNTIME_DIRECTORY", "").partition(":")[0] or os.environ.get("XDG_RUNTIME_DIR", "")
    if not base or not os.access(base, os.W_OK):
        base = tempfile.gettempdir()
    mark = hashlib.sha256(os.fsencode(state.resolve())).hexdigest()[:12]
    return Path(base) / f"dashcam-{os.getuid()}-{mark}"


def socket_path(state: Path, program: Program) -> Path:
    """The socket of `program`; the folder need not exist."""
    return socket_folder(state) / f"{program}.sock"


def page_address_path(state: Path) -> Path:
    """Where the page writes its address while it listens, beside the sockets."""
    return socket_folder(state) / "web.address"


def make_socket_folder(state: Path) -> Path:
    """Makes the folder, open to nobody else. Raises AlreadyRunning when a stranger has taken its name."""
    folder = socket_folder(state)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    facts = folder.lstat()
    if not stat.S_ISDIR(facts.st_mode) or facts.st_uid != os.getuid():
        raise AlreadyRunning(f"{folder} belongs to somebody else; set XDG_RUNTIME_DIR to a folder of your own")
    return folder
