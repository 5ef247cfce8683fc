"""The folders of what the programs of one dashcam share while they run: sockets, the page's address, the logs."""

from __future__ import annotations

import hashlib
import os
import stat
import tempfile
from pathlib import Path

from dashcam.errors import AlreadyRunning

SHARED_VARIABLE = "DASHCAM_RUNTIME"
"""Names the folder below which each program, run by a user of its own, has one: /run/dashcam on the appliance."""


def is_shared() -> bool:
    """Whether the folders below are made by the programs' units, where no stranger can have made one."""
    return bool(os.environ.get(SHARED_VARIABLE, ""))


def runtime_folder(state: Path, program: str) -> Path:
    """Where `program` (`recorder`, `keeper`, `web`, `network`, `run`) has its socket and log; it need not exist.

    Where all run as one user it is the same for all; see `socket_folder`.
    """
    shared = os.environ.get(SHARED_VARIABLE, "")
    return Path(shared) / program if shared else socket_folder(state)


def make_runtime_folder(state: Path, program: str) -> Path:
    """Makes it. Raises AlreadyRunning when a stranger has taken its name."""
    if not os.environ.get(SHARED_VARIABLE, ""):
        return make_socket_folder(state)
    folder = runtime_folder(state, program)
    # The program's unit has made it, readable for the group of the others; by hand it is the user's alone.
    folder.mkdir(mode=0o700, exist_ok=True)
    _require_own(folder, "it is made by the program's unit, see `systemctl status`")
    return folder


def socket_folder(state: Path) -> Path:
    """The folder that belongs to the state folder `state` where one user runs all programs; it need not exist.

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
    _require_own(folder, "set XDG_RUNTIME_DIR to a folder of your own")
    return folder


def _require_own(folder: Path, cure: str) -> None:
    facts = folder.lstat()
    if not stat.S_ISDIR(facts.st_mode) or facts.st_uid != os.getuid():
        raise AlreadyRunning(f"{folder} belongs to somebody else; {cure}")
