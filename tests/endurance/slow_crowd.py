"""Clients that cost a server its patience: silent ones, halves of requests, drops, and those that never listen."""

from __future__ import annotations

import select
import socket
import threading
import time
from collections import Counter
from dataclasses import dataclass

# Each who was shown out comes back, at this pace.
_TURN_SECONDS = 0.05
_DRIP_SECONDS = 0.5
_NEW_IN_A_TURN = 200
# What little a client that does not listen has room for.
_ROOM_BYTES = 4096
_OVER = select.EPOLLRDHUP | select.EPOLLHUP | select.EPOLLERR


@dataclass(slots=True)
class _Client:
    kind: str
    connected: socket.socket
    rest: bytes
    """What it has yet to say, a byte at a time."""
    is_deaf: bool


class Crowd:
    """So many at once; `work` is its thread."""

    def __init__(self, address: str, clients: int) -> None:
        host, _, port = address.partition(":")
        self._place = (host, int(port))
        self._count = clients
        self._epoll = select.epoll()
        self._clients: dict[int, _Client] = {}
        self._next = 0
        self.came: Counter[str] = Counter()
        self.shown_out: Counter[str] = Counter()
        self.most_at_once = 0
        self._greetings = self._all_greetings(address)

    def _all_greetings(self, address: str) -> list[tuple[str, bytes, bytes, bool]]:
        """Kind, what is said at once, what follows byte by byte, and whether it never listens."""
        head = f"HTTP/1.1\r\nHost: {address}\r\n".encode()

        def get(path: str) -> bytes:
            return f"GET {path} ".encode() + head + b"\r\n"

        return [
            ("silent", b"", b"", False),
            ("half a head", b"GET /api/status " + head + b"X: ", b"", False),
            ("half a body", b"POST /api/clips/lock " + head + b"Content-Length: 100\r\n\r\n{", b"", False),
            ("byte by byte", b"", get("/api/status"), False),
            ("deaf to lists", get("/api/clips?limit=500"), b"", True),
            ("idle", get("/api/days"), b"", False),
            ("byte by byte", b"", b"POST /api/photo " + head + b"Content-Length: 3\r\n\r\n", False),
            ("deaf to pictures", get("/stream.mjpg"), b"", True),
            ("deaf to events", get("/api/events"), b"", True),
            ("deaf to the page", get("/js/api.js"), b"", True),
        ]

    def work(self, stop: threading.Event) -> None:
        """Until told to stop."""
        dripped_at = 0.0
        while not stop.wait(_TURN_SECONDS):
            for _ in range(min(self._count - len(self._clients), _NEW_IN_A_TURN)):
                self._come()
            self.most_at_once = max(self.most_at_once, len(self._clients))
            for descriptor, events in self._epoll.poll(0):
                self._listen(descriptor, events)
            if time.monotonic() - dripped_at > _DRIP_SECONDS:
                dripped_at = time.monotonic()
                for descriptor in [number for number, client in self._clients.items() if client.rest]:
                    self._drip(descriptor)
        for descriptor in list(self._clients):
            self._leave(descriptor)
        self._epoll.close()

    def words(self) -> str:
        """The figures in a line."""
        came = ", ".join(f"{count} {kind}" for kind, count in sorted(self.came.items()))
        out = sum(self.shown_out.values())
        return f"up to {self.most_at_once} slow clients at once; came: {came}; {out} were shown out"

    def _come(self) -> None:
        kind, said, rest, is_deaf = self._greetings[self._next % len(self._greetings)]
        self._next += 1
        connected = socket.socket()
        connected.setblocking(False)
        if is_deaf:
            connected.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _ROOM_BYTES)
        connected.settimeout(1.0)
        try:
            connected.connect(self._place)
            connected.sendall(said)
        except OSError:
            connected.close()
            return
        connected.setblocking(False)
        self.came[kind] += 1
        self._clients[connected.fileno()] = _Client(kind, connected, rest, is_deaf)
        self._epoll.register(connected, select.EPOLLRDHUP if is_deaf else select.EPOLLIN | select.EPOLLRDHUP)

    def _listen(self, descriptor: int, events: int) -> None:
        client = self._clients[descriptor]
        is_over = bool(events & _OVER)
        if not is_over and not client.is_deaf:
            try:
                is_over = not client.connected.recv(65536)
            except BlockingIOError:
                pass
            except OSError:
                is_over = True
        if is_over:
            self.shown_out[client.kind] += 1
            self._leave(descriptor)

    def _drip(self, descriptor: int) -> None:
        client = self._clients[descriptor]
        try:
            client.connected.send(client.rest[:1])
            client.rest = client.rest[1:]
        except OSError:
            self._leave(descriptor)

    def _leave(self, descriptor: int) -> None:
        client = self._clients.pop(descriptor)
        self._epoll.unregister(descriptor)
        client.connected.close()
