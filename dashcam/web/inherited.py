"""Listening sockets that systemd has opened for the page and hands over (sd_listen_fds(3)): ports below 1024 without a
privilege, and no request is refused while the page starts.
"""

from __future__ import annotations

import errno
import os
import select
import socket
from collections.abc import Mapping, MutableMapping, Sequence

from dashcam.errors import SettingsError

_FIRST = 3
_VARIABLES = ("LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES")
# The port of the web is where people look first; more than a few is a mistake.
_MOST = 16


def take_inherited(environment: MutableMapping[str, str] | None = None) -> tuple[socket.socket, ...]:
    """The sockets that were handed to this process, in the order of the unit; none without systemd.

    The variables are gone afterwards, whoever they were meant for: neither children nor libraries shall take what is
    ours, or we what is somebody else's. Raises SettingsError for what the page cannot be served on.
    """
    environment = os.environ if environment is None else environment
    count = _count(environment)
    for name in _VARIABLES:
        environment.pop(name, None)
    return tuple(_checked(descriptor) for descriptor in range(_FIRST, _FIRST + count))


def _count(environment: Mapping[str, str]) -> int:
    try:
        is_ours = int(environment.get("LISTEN_PID", "0")) == os.getpid()
        count = int(environment.get("LISTEN_FDS", "0"))
    except ValueError:
        return 0
    if is_ours and not 0 <= count <= _MOST:
        raise SettingsError(f"systemd hands over {count} sockets; give dashcam-web.socket at most {_MOST}")
    return count if is_ours else 0


def _checked(descriptor: int) -> socket.socket:
    try:
        given = socket.socket(fileno=descriptor)
    except OSError as error:
        raise SettingsError(f"what systemd hands over as number {descriptor} is no socket: {error}") from error
    is_tcp = given.family in (socket.AF_INET, socket.AF_INET6) and given.type == socket.SOCK_STREAM
    if not is_tcp or not given.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN):
        given.close()
        raise SettingsError("dashcam-web.socket may have ListenStream with a TCP port only, and Accept=no")
    given.set_inheritable(False)
    given.setblocking(False)
    return given


class ManyPorts:
    """Several listening sockets that a server uses as if they were one. For one serving thread; `wake` from any."""

    def __init__(self, sockets: Sequence[socket.socket]) -> None:
        self._sockets = {port.fileno(): port for port in sockets}
        self._poll = select.epoll()
        self._wake = os.eventfd(0, os.EFD_CLOEXEC | os.EFD_NONBLOCK)
        for descriptor in (*self._sockets, self._wake):
            self._poll.register(descriptor, select.EPOLLIN)

    def fileno(self) -> int:
        """Readable whenever one of them is, and for good once it was woken."""
        return self._poll.fileno()

    def accept(self) -> tuple[socket.socket, object]:
        """The next client of any of them. Raises BlockingIOError when none waits."""
        for descriptor, _ in self._poll.poll(0):
            if descriptor in self._sockets:
                try:
                    return self._sockets[descriptor].accept()
                except BlockingIOError:
                    continue  # has hung up already
        raise BlockingIOError(errno.EAGAIN, os.strerror(errno.EAGAIN))

    def wake(self) -> None:
        """Has the server look up without a client: one of our own would stay with systemd, and start us again."""
        os.eventfd_write(self._wake, 1)

    def setsockopt(self, *option: int) -> None:
        """On all of them."""
        for port in self._sockets.values():
            port.setsockopt(*option)

    def settimeout(self, _seconds: float) -> None:
        """Nobody waits in accept."""

    def listen(self, _backlog: int) -> None:
        """They do already; how many may wait is for the unit to say."""

    def getsockname(self) -> object:
        """Raises OSError: there is no one name, and nobody is to connect to it."""
        raise OSError(errno.ENOTSOCK, os.strerror(errno.ENOTSOCK))

    def close(self) -> None:
        """Lets go; systemd keeps its own, so that clients wait for the next start. May be called twice."""
        if self._wake < 0:
            return
        self._poll.close()
        os.close(self._wake)
        self._wake = -1
        for port in self._sockets.values():
            port.close()
