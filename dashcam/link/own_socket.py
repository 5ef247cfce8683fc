"""The listening socket of a link: one living owner at a time, no strangers."""

from __future__ import annotations

import fcntl
import os
import socket
import struct
from pathlib import Path

from dashcam.errors import AlreadyRunning, LinkError
from dashcam.link.place import Program, socket_path
from dashcam.link.stale import remove_dead_folders
from dashcam.system.runtime_folder import make_runtime_folder

# Clients that knock while the acceptor is busy; beyond it they wait in connect().
_BACKLOG = 64
# The folder or the lock file may vanish while we take it, once for every other server that ends at that moment.
_LOCK_ATTEMPTS = 10
# asm-generic/socket.h; the socket module does not know it. The peer's further groups, as an array of gid_t.
_SO_PEERGROUPS = 59
# As much as Python's getsockopt gives: 256 groups.
_MAX_GROUPS_BYTES = 1024


def peer_is_trusted(connected: socket.socket, folder: Path) -> bool:
    """True when the other end is this user, root, or in the group that the socket's folder belongs to."""
    credentials = struct.Struct("iII")  # struct ucred: pid, uid, gid
    _, user, group = credentials.unpack(connected.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, credentials.size))
    if user in (0, os.geteuid()):
        return True
    folder_group = folder.stat().st_gid
    return folder_group != 0 and folder_group in (group, *_further_groups(connected))


def _further_groups(connected: socket.socket) -> tuple[int, ...]:
    try:
        content = connected.getsockopt(socket.SOL_SOCKET, _SO_PEERGROUPS, _MAX_GROUPS_BYTES)
    except OSError:  # a kernel before 4.13, or somebody in very many groups
        return ()
    return struct.unpack(f"{len(content) // 4}I", content)


class OwnSocket:
    """The socket of one program on one state folder.

    A lock on a file beside it tells a living owner from what a crash has left, so that a stale socket is replaced and
    two that start at the same moment never both believe they have it.
    """

    def __init__(self, state: Path, program: Program) -> None:
        self._state = state
        self._program = program
        self.path = socket_path(state, program)
        self._lock_path = self.path.with_suffix(".lock")
        self._lock = -1
        self._socket: socket.socket | None = None

    def open(self) -> None:
        """Listens. Raises AlreadyRunning when another process does, LinkError when there is no place for it."""
        self._lock = self._take_lock()
        remove_dead_folders(self.path.parent)
        listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            self.path.unlink(missing_ok=True)
            listening.bind(str(self.path))
            # The folder is closed to strangers, so nobody can have come in between.
            self.path.chmod(0o660)
            listening.listen(_BACKLOG)
            listening.setblocking(False)
        except OSError as error:
            listening.close()
            self._release_lock()
            raise LinkError(f"{self.path}: {error}; set XDG_RUNTIME_DIR to a folder that can be written") from error
        self._socket = listening

    def accept(self) -> socket.socket:
        """The next client. Raises BlockingIOError when none waits."""
        assert self._socket is not None
        return self._socket.accept()[0]

    def fileno(self) -> int:
        """For poll."""
        assert self._socket is not None
        return self._socket.fileno()

    def close(self) -> None:
        """Removes the socket, and the folder if nobody else has something in it. May be called twice."""
        if self._socket is None:
            return
        self._socket.close()
        self._socket = None
        self.path.unlink(missing_ok=True)
        self._lock_path.unlink(missing_ok=True)
        self._release_lock()
        try:
            self.path.parent.rmdir()
        except OSError:
            return  # another program's socket is in it

    def _release_lock(self) -> None:
        os.close(self._lock)
        self._lock = -1

    def _take_lock(self) -> int:
        trouble: OSError | None = None
        for _ in range(_LOCK_ATTEMPTS):
            try:
                make_runtime_folder(self._state, self._program)
                descriptor = self._lock_of_this_moment()
            except OSError as error:
                trouble = error
                continue
            if descriptor is not None:
                return descriptor
        raise LinkError(f"{self.path.parent}: {trouble}; set XDG_RUNTIME_DIR to a folder that can be written")

    def _lock_of_this_moment(self) -> int | None:
        """The locked file, or None when another server that ends just now has removed it meanwhile."""
        descriptor = os.open(self._lock_path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if os.path.samestat(os.fstat(descriptor), self._lock_path.stat()):
                return descriptor
        except BlockingIOError:
            os.close(descriptor)
            raise AlreadyRunning(
                f"another {self._program} already runs on {self._state}; stop it, or use another --data folder"
            ) from None
        except FileNotFoundError:
            pass
        os.close(descriptor)
        return None
