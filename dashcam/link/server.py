"""The serving end of a link: a Unix socket, a thread a client, and nobody who can hold up the program behind it."""

from __future__ import annotations

import logging
import os
import select
import socket
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from dashcam.errors import LinkError
from dashcam.link.client_thread import Client, Handlers
from dashcam.link.messages import Failed, Message
from dashcam.link.own_socket import OwnSocket, peer_is_trusted
from dashcam.link.place import Program
from dashcam.link.stream import Stream, set_event
from dashcam.worker import Worker

__all__ = ["LinkServer", "Stream", "no_streams"]

log = logging.getLogger(__name__)

# The web's viewers, pages and the other programs together stay well below; each costs a thread and its socket buffer.
MAX_CLIENTS = 64
# Without file handles or memory left a new attempt makes sense only once somebody has gone.
_ACCEPT_AGAIN_SECONDS = 0.2
_CLOSE_LIMIT_SECONDS = 3.0


def no_streams(_request: Any, _stream: Stream) -> Callable[[], None] | None:
    """The default of a program without streams."""
    return None


class LinkServer:
    """Answers the requests of other programs on the socket of `program`.

    `requests` is the union of the request types. Of each request `subscribe(request, stream)` is asked first: None
    says that it is no stream, then `answer(request)` gives the reply; otherwise it has returned a function that
    unsubscribes, called once, when the client has gone. Both are called in the client's own thread, several at a time.
    A DashcamError becomes Failed with its code; any other error is logged and becomes Failed("error", ...).
    """

    def __init__(
        self,
        state: Path,
        program: Program,
        *,
        requests: Any,
        answer: Callable[[Any], Message],
        subscribe: Callable[[Any, Stream], Callable[[], None] | None] = no_streams,
    ) -> None:
        self._program = program
        self._handlers = Handlers(requests, answer, subscribe)
        self._socket = OwnSocket(state, program)
        self._acceptor = Worker(f"{program}-link", self._accept_clients)
        self._guard = threading.Lock()  # of _clients and _is_closed
        self._clients: set[Client] = set()
        self._is_started = False
        self._is_closed = False
        self._closing = -1  # an eventfd that stays readable from close() on; every thread here polls it

    def start(self) -> None:
        """Opens the socket; a stale one is replaced. Raises AlreadyRunning when a living server has it."""
        self._socket.open()
        self._closing = os.eventfd(0, os.EFD_CLOEXEC | os.EFD_NONBLOCK)
        self._is_started = True
        self._acceptor.start()

    def close(self) -> None:
        """Takes no more clients, ends the streams and gives the socket up. May be called twice."""
        with self._guard:
            if not self._is_started or self._is_closed:
                return
            self._is_closed = True
            clients = list(self._clients)
        set_event(self._closing)
        are_all_gone = self._acceptor.stop(_CLOSE_LIMIT_SECONDS)
        for client in clients:
            client.hang_up()
        for client in clients:
            are_all_gone &= client.stop(_CLOSE_LIMIT_SECONDS)
        self._socket.close()
        if are_all_gone:  # a thread left behind still polls it
            os.close(self._closing)

    def _accept_clients(self, stop: threading.Event) -> None:
        poll = select.poll()
        poll.register(self._socket.fileno(), select.POLLIN)
        poll.register(self._closing, select.POLLIN)
        while not stop.is_set():
            poll.poll()
            if stop.is_set() or self._is_closed:
                return
            try:
                connected = self._socket.accept()
            except BlockingIOError:
                continue
            except OSError as error:
                log.warning("%s link: cannot take a client: %s", self._program, error)
                stop.wait(_ACCEPT_AGAIN_SECONDS)
                continue
            self._welcome(connected)

    def _welcome(self, connected: socket.socket) -> None:
        if not peer_is_trusted(connected, self._socket.path.parent):
            log.warning("%s link: refused a process of another user", self._program)
            connected.close()
            return
        client = Client(connected, f"{self._program}-client", self._handlers, self._closing, self._forget)
        with self._guard:
            is_refused = self._is_closed or len(self._clients) >= MAX_CLIENTS
            if not is_refused:
                self._clients.add(client)
        if is_refused:
            client.refuse(Failed(code=LinkError.code, message=f"the {self._program} has too many clients; close some"))
            return
        try:
            client.start()
        except RuntimeError as error:  # no thread could be started
            log.warning("%s link: cannot serve a client: %s", self._program, error)
            client.hang_up()
            self._forget(client)

    def _forget(self, client: Client) -> None:
        with self._guard:
            self._clients.discard(client)
