"""Socket folders that dead programs have left behind: of a killed recorder, of a data folder that is used no more."""

from __future__ import annotations

import contextlib
import fcntl
import logging
import os
import re
import shutil
import socket
import stat
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from dashcam.link.place import PAGE_ADDRESS_NAME

log = logging.getLogger(__name__)

# Whoever is just starting makes the folder before anything in it, and a log that is read again is not that old.
_UNTOUCHED_SECONDS = 600.0
# A page is on this machine; its port is refused at once or answers at once.
_CONNECT_SECONDS = 0.2


def remove_dead_folders(own: Path, wall_clock_seconds: float | None = None) -> list[Path]:
    """Removes the folders beside `own` of this user in which no program lives; gives those that are gone.

    Only what nobody has touched for ten minutes. What cannot be looked at or removed stays.
    """
    now = time.time() if wall_clock_seconds is None else wall_clock_seconds
    pattern = re.compile(rf"dashcam-{os.getuid()}-[0-9a-f]{{12}}")
    try:
        beside = [path for path in own.parent.iterdir() if pattern.fullmatch(path.name) and path != own]
    except OSError:
        return []
    return [path for path in beside if _remove_if_dead(path, now)]


def _remove_if_dead(folder: Path, now: float) -> bool:
    with contextlib.suppress(OSError), contextlib.ExitStack() as locks:
        if _is_ours(folder) and now - _touched_at(folder) > _UNTOUCHED_SECONDS and _take_locks(folder, locks):
            shutil.rmtree(folder)
            log.debug("%s was left behind by a program that is dead; removed", folder)
            return True
    return False


def _is_ours(folder: Path) -> bool:
    facts = folder.lstat()
    return stat.S_ISDIR(facts.st_mode) and facts.st_uid == os.getuid()


def _touched_at(folder: Path) -> float:
    return max(path.lstat().st_mtime for path in (folder, *folder.rglob("*")))


def _take_locks(folder: Path, locks: contextlib.ExitStack) -> bool:
    """Locks out whoever would start there now; False when somebody lives there."""
    if any(_answers(address) for address in _addresses(folder)):
        return False
    for path in folder.glob("*.lock"):
        descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW)
        locks.callback(os.close, descriptor)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
    return True


def _addresses(folder: Path) -> Iterator[tuple[str, int]]:
    with contextlib.suppress(FileNotFoundError, ValueError):
        found = urlsplit((folder / PAGE_ADDRESS_NAME).read_text().strip())
        if found.hostname and found.port:
            yield found.hostname, found.port


def _answers(address: tuple[str, int]) -> bool:
    try:
        socket.create_connection(address, _CONNECT_SECONDS).close()
    except OSError as error:
        # A page that is too busy to answer is alive.
        return isinstance(error, TimeoutError)
    return True
