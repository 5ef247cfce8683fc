"""Holds connections until a whole request has arrived, so that only work occupies the server's threads.

A thread that reads a request waits for the client. With a few dozen threads, as many clients that say nothing, or half
a request, would keep everybody else out. Here they cost a file descriptor and are shown out after a while. Plain TCP
only: what arrives is looked at without being taken (MSG_PEEK), which TLS does not allow.
"""

from __future__ import annotations

import os
import re
import select
import socket
import threading
import time
from collections.abc import Callable
from typing import NamedTuple, Protocol

from dashcam.worker import Worker

# More wait only in an attack; the default limit of open files is 1024.
MAX_WAITING = 256
# A phone at the edge of its Wi-Fi sends a request within this.
ARRIVAL_SECONDS = 10.0
_LOOK_AROUND_SECONDS = 0.5
# The client will send no more.
_OVER = select.EPOLLRDHUP | select.EPOLLHUP | select.EPOLLERR

_HEAD_END = b"\r\n\r\n"
_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*(\d+)[ \t]*\r\n", re.IGNORECASE)
# More digits than any body that would be taken.
_MAX_DIGITS = 9
_TOO_LATE = b"HTTP/1.1 408 Request Timeout\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"


class Connection(Protocol):
    """What is needed of cheroot's HTTPConnection."""

    socket: socket.socket

    def close(self) -> None:
        """Hangs up."""


class _Guest(NamedTuple):
    connection: Connection
    since: float


class Limits(NamedTuple):
    """The longest head and body of a request; what is longer is handed over at once, for the server to refuse."""

    head_bytes: int
    body_bytes: int


def is_whole(received: bytes, limits: Limits) -> bool:
    """True when `received` holds a request whole, or enough of it for the server to refuse it without waiting."""
    head_end = received.find(_HEAD_END)
    if head_end < 0:
        return len(received) >= limits.head_bytes
    match = _LENGTH.search(received, 0, head_end + 2)
    if match is None:
        return True
    if len(match[1]) > _MAX_DIGITS or int(match[1]) > limits.body_bytes:
        return True
    return len(received) >= head_end + len(_HEAD_END) + int(match[1])


class Doorman:
    """Hands connections over as their requests become whole; `hand_over` is called in whatever thread notices."""

    def __init__(
        self,
        hand_over: Callable[[Connection], None],
        limits: Limits,
        arrival_seconds: float = ARRIVAL_SECONDS,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._hand_over = hand_over
        self._limits = limits
        self._arrival_seconds = arrival_seconds
        self._monotonic = monotonic
        self._guard = threading.Lock()  # of all below
        self._guests: dict[int, _Guest] = {}  # by descriptor, in the order they came
        self._is_closed = False
        self._epoll: select.epoll | None = None
        self._closing = -1  # an eventfd that wakes the watching thread
        self._worker = Worker("web-doorman", self._watch)

    def start(self) -> None:
        """Begins to watch."""
        self._epoll = select.epoll()
        self._closing = os.eventfd(0, os.EFD_CLOEXEC | os.EFD_NONBLOCK)
        self._epoll.register(self._closing, select.EPOLLIN)
        self._worker.start()

    def close(self) -> None:
        """Shows everybody out. May be called twice."""
        with self._guard:
            if self._is_closed or self._epoll is None:
                return
            guests, self._guests, self._is_closed = list(self._guests.values()), {}, True
        os.eventfd_write(self._closing, 1)
        self._worker.stop()
        for guest in guests:
            guest.connection.close()
        self._epoll.close()
        os.close(self._closing)

    def admit(self, connection: Connection) -> None:
        """Takes a connection that is new or idle; hands it over at once when its request is there. Never blocks."""
        connection.socket.settimeout(0.0)
        if not self._is_closed and self._is_ready(connection):
            self._hand_over(connection)
            return
        descriptor = connection.socket.fileno()
        leaver = None
        with self._guard:
            if self._is_closed or self._epoll is None or descriptor < 0:
                leaver = connection
            else:
                if len(self._guests) >= MAX_WAITING:
                    leaver = self._remove(next(iter(self._guests)))
                self._guests[descriptor] = _Guest(connection, self._monotonic())
                # Edge triggered: wakes once for every arrival, also for what arrived since we looked.
                self._epoll.register(descriptor, select.EPOLLIN | select.EPOLLRDHUP | select.EPOLLET)
        if leaver is not None:
            leaver.close()

    @property
    def waiting(self) -> int:
        """How many connections wait for the rest of their request."""
        return len(self._guests)

    def _watch(self, stop: threading.Event) -> None:
        assert self._epoll is not None
        while not stop.is_set():
            for descriptor, events in self._epoll.poll(_LOOK_AROUND_SECONDS):
                self._look_at(descriptor, is_over=bool(events & _OVER))
            self._show_out_the_late()

    def _look_at(self, descriptor: int, is_over: bool) -> None:
        with self._guard:
            guest = self._guests.get(descriptor)
            if guest is None:
                return
            is_ready = self._is_ready(guest.connection)
            if is_ready or is_over:
                self._remove(descriptor)
        if is_ready:
            self._hand_over(guest.connection)
        elif is_over:
            guest.connection.close()

    def _show_out_the_late(self) -> None:
        limit = self._monotonic() - self._arrival_seconds
        with self._guard:
            late = [descriptor for descriptor, guest in self._guests.items() if guest.since < limit]
            leavers = [self._remove(descriptor) for descriptor in late]
        for connection in leavers:
            try:
                if connection.socket.recv(1, socket.MSG_PEEK):
                    connection.socket.send(_TOO_LATE)
            except OSError:
                pass  # it has said nothing, or is gone: it needs no answer
            connection.close()

    def _remove(self, descriptor: int) -> Connection:
        """Called with the guard held."""
        guest = self._guests.pop(descriptor)
        if self._epoll is not None:
            self._epoll.unregister(descriptor)
        return guest.connection

    def _is_ready(self, connection: Connection) -> bool:
        """Whole, or over: then the server's thread notices that without waiting."""
        most = self._limits.head_bytes + self._limits.body_bytes + len(_HEAD_END)
        try:
            received = connection.socket.recv(most, socket.MSG_PEEK)
        except BlockingIOError:
            return False
        except OSError:
            return True
        return not received or is_whole(received, self._limits)
