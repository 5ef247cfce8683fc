"""The asking end of a link: one question, or a stream to watch."""

from __future__ import annotations

import os
import socket
import threading
from multiprocessing.connection import Connection
from pathlib import Path
from types import TracebackType
from typing import Any, Generic, Self, TypeVar

import msgspec

from dashcam.errors import LinkError, error_from_code
from dashcam.link.client_thread import limit_seconds_on
from dashcam.link.messages import MAX_MESSAGE_BYTES, Failed, Message
from dashcam.link.place import Program, socket_path

T = TypeVar("T", bound=Message)


class Watch(Generic[T]):
    """The messages of a stream, one by one; made by `watch`.

    As a context manager it connects on entering and hangs up on leaving. `cancel` ends a `next` that waits in another
    thread. Whoever reads must go on reading: the server cuts off a client that has not read for a second.
    """

    def __init__(self, state: Path, program: Program, request: Message, reply: type[T], limit_seconds: float) -> None:
        self._path = socket_path(state, program)
        self._program = program
        self._request = request
        self._decoder: msgspec.msgpack.Decoder[Any] = msgspec.msgpack.Decoder(reply | Failed)
        self._limit_seconds = limit_seconds
        self._guard = threading.Lock()  # of the socket's life and _is_cancelled
        self._is_cancelled = False
        self._socket: socket.socket | None = None
        self._connection: Connection[Any, Any] | None = None

    def __enter__(self) -> Self:
        """Connects and asks. Raises LinkError when the program cannot be reached."""
        connected = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            connected.settimeout(self._limit_seconds)
            connected.connect(str(self._path))
            connected.setblocking(True)
            limit_seconds_on(connected, socket.SO_SNDTIMEO, self._limit_seconds)
            limit_seconds_on(connected, socket.SO_RCVTIMEO, self._limit_seconds)
            connection: Connection[Any, Any] = Connection(os.dup(connected.fileno()))
        except OSError as error:
            connected.close()
            raise self._unreachable(error) from error
        with self._guard:
            self._socket, self._connection = connected, connection
        try:
            connection.send_bytes(msgspec.msgpack.encode(self._request))
        except OSError as error:
            # A server that refuses us has said why and hung up before it read the request.
            if not isinstance(error, BrokenPipeError | ConnectionResetError):
                self.close()
                raise self._unreachable(error) from error
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self.close()

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> T:
        """The next message. Raises LinkError when none comes within the limit or the server hangs up."""
        if self._connection is None:
            raise LinkError(f"the link to the {self._program} is closed")
        if self._is_cancelled:
            raise StopIteration
        try:
            content = self._connection.recv_bytes(MAX_MESSAGE_BYTES)
        except BlockingIOError as error:
            raise LinkError(
                f"the {self._program} does not answer within {self._limit_seconds:g} s; it is busy or hangs"
            ) from error
        except (EOFError, OSError) as error:
            if self._is_cancelled:
                raise StopIteration from None
            raise LinkError(f"the {self._program} has hung up; it ends or restarts") from error
        try:
            message: T | Failed = self._decoder.decode(content)
        except (msgspec.MsgspecError, UnicodeError) as error:
            raise LinkError(f"the {self._program} is of another version; restart it ({error})") from error
        if isinstance(message, Failed):
            raise error_from_code(message.code, message.message)
        return message

    def cancel(self) -> None:
        """Ends the stream as if it were over; callable from any thread, at any time."""
        with self._guard:
            self._is_cancelled = True
            if self._socket is not None:
                try:
                    self._socket.shutdown(socket.SHUT_RDWR)
                except OSError:
                    return  # the server was quicker

    def close(self) -> None:
        """Hangs up. May be called twice."""
        with self._guard:
            if self._socket is not None and self._connection is not None:
                self._connection.close()
                self._socket.close()
            self._socket = self._connection = None

    def _unreachable(self, error: OSError) -> LinkError:
        if isinstance(error, FileNotFoundError | ConnectionRefusedError):
            return LinkError(f"the {self._program} is not running")
        return LinkError(f"the {self._program} cannot be reached: {error}")


def watch(state: Path, program: Program, request: Message, reply: type[T], limit_seconds: float) -> Watch[T]:
    """A stream: `with watch(...) as messages: for message in messages: ...`.

    `limit_seconds` is the longest wait for one message. It ends with LinkError when the server goes away, or with the
    DashcamError that the server answers.
    """
    return Watch(state, program, request, reply, limit_seconds)


def ask(state: Path, program: Program, request: Message, reply: type[T], limit_seconds: float = 5.0) -> T:
    """One request, one reply.

    Raises LinkError when the program is unreachable or silent for `limit_seconds`, or the DashcamError it answers.
    """
    with Watch(state, program, request, reply, limit_seconds) as replies:
        return next(replies)
