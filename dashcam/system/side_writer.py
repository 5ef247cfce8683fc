"""Writing to what may stand still: a terminal after Ctrl-S, a pager, a log reader that hangs, a file system."""

from __future__ import annotations

import logging
import os
import threading
from collections import deque
from collections.abc import Callable
from typing import TextIO

from dashcam.worker import Worker

# What waits for a reader that stands still; beyond it the newest is left out.
_MOST_WAITING_BYTES = 200_000
# So much is handed on at once: a burst of lines is one write and not hundreds.
_MOST_AT_ONCE_BYTES = 32_000
_CLOSE_LIMIT_SECONDS = 1.0


def tell_in_text(pieces: int) -> bytes:
    """What a person reads in the place of what was left out."""
    return f"({pieces} line{'s were' if pieces != 1 else ' was'} left out here: nobody took them in time)\n".encode()


def sink_of(out: TextIO) -> Callable[[bytes], None]:
    """Writes all of what it is given to the file of `out`, past its buffer."""
    descriptor = out.fileno()

    def write_all(content: bytes) -> None:
        while content:
            content = content[os.write(descriptor, content) :]

    return write_all


class SideQueue:
    """`put` never blocks: a thread of its own hands the pieces to `sink`, in order.

    Nobody must wait here. A parent that waits for its terminal neither looks after its parts nor ends when asked to,
    and a recorder that waits for its log does not record. `left_out(pieces)` makes what is written in the place of
    pieces that found no room. An OSError of `sink` means that nobody is there any more.
    """

    def __init__(
        self, name: str, sink: Callable[[bytes], None], left_out: Callable[[int], bytes] = tell_in_text
    ) -> None:
        self._sink = sink
        self._left_out = left_out
        self._changed = threading.Condition()  # guards everything below
        self._waiting: deque[bytes] = deque()
        self._waiting_bytes = 0
        self._left_out_pieces = 0
        self._is_writing = False
        self._is_closed = False
        self._worker = Worker(name, self._bring_out)

    def start(self) -> None:
        """Starts the thread."""
        self._worker.start()

    def put(self, piece: bytes) -> None:
        """Takes `piece`, or leaves it out when too much waits already."""
        with self._changed:
            if self._is_closed:
                return
            if self._waiting_bytes + len(piece) > _MOST_WAITING_BYTES:
                self._left_out_pieces += 1
                return
            if self._left_out_pieces:
                self._append(self._left_out(self._left_out_pieces))
                self._left_out_pieces = 0
            self._append(piece)

    def flush(self, limit_seconds: float = _CLOSE_LIMIT_SECONDS) -> bool:
        """Waits until everything has come out; False when that takes longer than the limit."""
        with self._changed:
            return not self._worker.is_alive or self._changed.wait_for(
                lambda: not self._waiting and not self._is_writing, limit_seconds
            )

    def close(self) -> None:
        """Lets what waits come out, if that takes no longer than a second. May be called twice."""
        with self._changed:
            if self._left_out_pieces and not self._is_closed:
                self._append(self._left_out(self._left_out_pieces))
            self._is_closed = True
            self._changed.notify_all()
        # Not `stop()` of the worker, which would complain of what hangs to the very place where it hangs.
        if self._worker.is_alive:
            self.flush()

    def _append(self, piece: bytes) -> None:
        self._waiting.append(piece)
        self._waiting_bytes += len(piece)
        self._changed.notify_all()

    def _bring_out(self, _stop: threading.Event) -> None:
        try:
            while content := self._next():
                self._sink(content)
        except OSError:
            pass  # nobody is there any more
        finally:
            with self._changed:
                self._is_closed, self._is_writing = True, False
                self._waiting.clear()
                self._changed.notify_all()

    def _next(self) -> bytes:
        """What is to be written next; empty at the end."""
        with self._changed:
            self._is_writing = False
            self._changed.notify_all()
            self._changed.wait_for(lambda: self._waiting or self._is_closed)
            pieces = bytearray()
            while self._waiting and len(pieces) < _MOST_AT_ONCE_BYTES:
                pieces += self._waiting.popleft()
            self._waiting_bytes -= len(pieces)
            self._is_writing = bool(pieces)
            return bytes(pieces)


class SideWriter:
    """The writing half of a text stream, through a SideQueue."""

    def __init__(self, out: TextIO) -> None:
        self._is_terminal = out.isatty()
        self.encoding = out.encoding or "utf-8"
        self._queue = SideQueue("terminal", sink_of(out))

    def start(self) -> None:
        """Starts the thread."""
        self._queue.start()

    def isatty(self) -> bool:
        """True for a terminal."""
        return self._is_terminal

    def write(self, text: str) -> int:
        """Takes `text`, or leaves it out when too much waits already."""
        self._queue.put(text.encode(self.encoding, "replace"))
        return len(text)

    def flush(self) -> None:
        """Nothing to do: what was taken is on its way."""

    def close(self) -> None:
        """Lets what waits come out, if that takes no longer than a second. May be called twice."""
        self._queue.close()


class SideHandler(logging.Handler):
    """Log records through a SideQueue, which is its own from now on: started at once, closed with the handler.

    `flush` and `close`, which logging.shutdown() calls at the end of every program, wait a second at most.
    """

    def __init__(self, queue: SideQueue, encoding: str = "utf-8") -> None:
        super().__init__()
        self._queue = queue
        self._encoding = encoding
        queue.start()

    def emit(self, record: logging.LogRecord) -> None:
        """Hands on the formatted record; never waits."""
        try:
            self._queue.put(f"{self.format(record)}\n".encode(self._encoding, "backslashreplace"))
        except Exception:  # noqa: BLE001 - words that do not fit their arguments; logging tells of it in its own way
            self.handleError(record)

    def flush(self) -> None:
        """Waits until what was logged has come out."""
        self._queue.flush()

    def close(self) -> None:
        """Takes no more records. May be called twice."""
        self._queue.close()
        super().close()
