"""A stretch of network between a phone and the dashcam that can go silent, as Wi-Fi out of reach does."""

from __future__ import annotations

import select
import socket
import threading

from dashcam.worker import Worker

_LOOK_SECONDS = 0.2


class Relay:
    """Passes bytes on between its own port and `target_port` of this machine, except while it is silent."""

    def __init__(self, target_port: int) -> None:
        self._target_port = target_port
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._ends: dict[socket.socket, socket.socket] = {}
        self.is_silent = threading.Event()
        self._worker = Worker("relay", self._pass_on)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self._listening.getsockname()[1]}"

    def start(self) -> None:
        self._worker.start()

    def close(self) -> None:
        self._worker.stop()
        for end in [self._listening, *self._ends]:
            end.close()

    def _pass_on(self, stop: threading.Event) -> None:
        while not stop.is_set():
            if self.is_silent.is_set():
                stop.wait(_LOOK_SECONDS)
                continue
            readable, _, _ = select.select([self._listening, *self._ends], [], [], _LOOK_SECONDS)
            for end in readable:
                if end is self._listening:
                    near, far = end.accept()[0], socket.create_connection(("127.0.0.1", self._target_port))
                    self._ends |= {near: far, far: near}
                elif end in self._ends:
                    self._pass_from(end)

    def _pass_from(self, end: socket.socket) -> None:
        other = self._ends[end]
        try:
            content = end.recv(65536)
            other.sendall(content)
        except OSError:
            content = b""
        if not content:
            for gone in (end, other):
                del self._ends[gone]
                gone.close()
