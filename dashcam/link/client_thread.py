"""One connected client of a link server: its thread, its requests, its stream."""

from __future__ import annotations

import logging
import os
import select
import socket
import struct
import threading
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any

import msgspec

from dashcam.errors import BadRequest, DashcamError
from dashcam.link.messages import MAX_MESSAGE_BYTES, Failed, Message
from dashcam.link.stream import Stream
from dashcam.worker import Worker

log = logging.getLogger(__name__)

# The longest request names clips to delete: 20,000 ids. All clients together cannot make the server hold more than a
# small part of the board's memory.
MAX_REQUEST_BYTES = 256 * 1024
# A client that does not read for this long is cut off.
_SEND_LIMIT_SECONDS = 1.0
# A request that has begun to arrive must be there within this; nobody may hold a place without asking for anything.
_RECEIVE_LIMIT_SECONDS = 5.0
_IDLE_LIMIT_SECONDS = 30.0
# What may lie in the kernel for one slow client: about three pictures.
_SEND_BUFFER_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class Handlers:
    """What a program does with requests; see LinkServer."""

    requests: Any
    answer: Callable[[Any], Message]
    subscribe: Callable[[Any, Stream], Callable[[], None] | None]


def limit_seconds_on(connected: socket.socket, option: int, seconds: float) -> None:
    """Sets SO_SNDTIMEO or SO_RCVTIMEO: reads and writes of the descriptor raise BlockingIOError past it."""
    whole = max(int(seconds * 1_000_000), 1)
    connected.setsockopt(socket.SOL_SOCKET, option, struct.pack("ll", whole // 1_000_000, whole % 1_000_000))


class Client:
    """Serves one connection in a thread of its own until either side hangs up."""

    def __init__(
        self,
        connected: socket.socket,
        name: str,
        handlers: Handlers,
        closing: int,
        is_gone: Callable[[Client], None],
    ) -> None:
        connected.setblocking(True)
        connected.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SEND_BUFFER_BYTES)
        limit_seconds_on(connected, socket.SO_SNDTIMEO, _SEND_LIMIT_SECONDS)
        limit_seconds_on(connected, socket.SO_RCVTIMEO, _RECEIVE_LIMIT_SECONDS)
        self._handlers = handlers
        self._decoder = msgspec.msgpack.Decoder(handlers.requests)
        self._closing = closing
        self._is_gone = is_gone
        self._guard = threading.Lock()  # of the socket's life, so that hang_up never hits a descriptor used anew
        self._socket = connected
        self._connection: Connection[Any, Any] = Connection(os.dup(connected.fileno()))
        self._worker = Worker(name, self._serve)

    def start(self) -> None:
        """Starts the thread."""
        self._worker.start()

    def stop(self, limit_seconds: float) -> bool:
        """Waits for the thread to end; False when it does not within the limit."""
        return self._worker.stop(limit_seconds)

    def hang_up(self) -> None:
        """Ends whatever the thread waits for on the socket; callable from any thread."""
        with self._guard:
            if self._socket.fileno() >= 0:
                try:
                    self._socket.shutdown(socket.SHUT_RDWR)
                except OSError as error:
                    log.debug("the client had hung up already: %s", error)

    def refuse(self, failed: Failed) -> None:
        """Says why and hangs up, without ever starting the thread."""
        try:
            self._send(failed)
        except OSError as error:
            log.debug("the refused client has gone: %s", error)
        self._disconnect()

    def _serve(self, _stop: threading.Event) -> None:
        try:
            while self._answer_next():
                pass
        except BlockingIOError:
            log.info("a client that does not read, or does not finish its request, was cut off")
        except (OSError, EOFError) as error:
            log.debug("a client has gone: %s", error)
        finally:
            self._disconnect()
            self._is_gone(self)

    def _disconnect(self) -> None:
        with self._guard:
            self._connection.close()
            self._socket.close()

    def _answer_next(self) -> bool:
        """Serves one request; False when the connection is to end."""
        if not self._is_request_waiting():
            return False
        try:
            content = self._connection.recv_bytes(MAX_REQUEST_BYTES)
            request = self._decoder.decode(content)
        except (msgspec.MsgspecError, RecursionError, UnicodeError) as error:
            self._send(Failed(code=BadRequest.code, message=f"this is no request that is known here: {error}"))
            return False
        except OSError as error:
            if error.errno is not None:
                raise
            # Raised by recv_bytes itself, before it has read any of what the length announces.
            self._send(Failed(code=BadRequest.code, message=f"a request has at most {MAX_REQUEST_BYTES} bytes"))
            return False
        stream = Stream()
        try:
            return self._serve_request(request, stream)
        finally:
            stream.close()

    def _is_request_waiting(self) -> bool:
        poll = select.poll()
        poll.register(self._connection.fileno(), select.POLLIN)
        poll.register(self._closing, select.POLLIN)
        ready = dict(poll.poll(_IDLE_LIMIT_SECONDS * 1000))
        return self._connection.fileno() in ready and self._closing not in ready

    def _serve_request(self, request: Any, stream: Stream) -> bool:
        try:
            unsubscribe = self._handlers.subscribe(request, stream)
            reply = self._handlers.answer(request) if unsubscribe is None else None
        except DashcamError as error:
            self._send(Failed(code=error.code, message=str(error)))
            return True
        except Exception as error:
            log.exception("%s could not be answered", type(request).__name__)
            self._send(Failed(code=DashcamError.code, message=f"an error of the program itself: {error!r}"))
            return True
        if unsubscribe is None:
            assert reply is not None
            self._send(reply)
            return True
        try:
            self._send_stream(stream)
        finally:
            stream.close()
            unsubscribe()
        return False

    def _send_stream(self, stream: Stream) -> None:
        """Sends what is offered until the client hangs up, says anything at all, or the server closes."""
        poll = select.poll()
        poll.register(self._connection.fileno(), select.POLLIN | select.POLLRDHUP)
        poll.register(self._closing, select.POLLIN)
        poll.register(stream.fileno(), select.POLLIN)
        while True:
            ready = dict(poll.poll())
            if self._connection.fileno() in ready or self._closing in ready:
                return
            message = stream.take()
            if message is not None:
                self._send(message)

    def _send(self, message: Message) -> None:
        content = msgspec.msgpack.encode(message)
        if len(content) > MAX_MESSAGE_BYTES:
            log.error("a %s of %d bytes is too long for a link", type(message).__name__, len(content))
            content = msgspec.msgpack.encode(Failed(code=DashcamError.code, message="the answer is too long"))
        self._connection.send_bytes(content)
