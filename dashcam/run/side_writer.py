"""Writing to a terminal or pipe that may stand still: Ctrl-S, a pager, a log reader that hangs."""

from __future__ import annotations

import os
import threading
from collections import deque
from typing import TextIO

from dashcam.worker import Worker

# What waits for a terminal that stands still; beyond it the newest is left out.
_MOST_WAITING_CHARACTERS = 200_000
_CLOSE_LIMIT_SECONDS = 1.0


class SideWriter:
    """The writing half of a text stream. `write` never blocks: a thread of its own brings the text out.

    Nobody must wait here. A parent that waits for its terminal neither looks after its parts nor ends when asked to,
    and a part whose words are not taken stands still in the end, recording or not.
    """

    def __init__(self, out: TextIO) -> None:
        self._descriptor = out.fileno()
        self._is_terminal = out.isatty()
        self.encoding = out.encoding or "utf-8"
        self._changed = threading.Condition()  # guards everything below
        self._waiting: deque[bytes] = deque()
        self._waiting_bytes = 0
        self._is_closed = False
        self._is_over = threading.Event()
        self._worker = Worker("terminal", self._bring_out)

    def start(self) -> None:
        """Starts the thread."""
        self._worker.start()

    def isatty(self) -> bool:
        """True for a terminal."""
        return self._is_terminal

    def write(self, text: str) -> int:
        """Takes `text`, or leaves it out when too much waits already."""
        content = text.encode(self.encoding, "replace")
        with self._changed:
            if not self._is_closed and self._waiting_bytes + len(content) <= _MOST_WAITING_CHARACTERS:
                self._waiting.append(content)
                self._waiting_bytes += len(content)
                self._changed.notify()
        return len(text)

    def flush(self) -> None:
        """Nothing to do: what was taken is on its way."""

    def close(self) -> None:
        """Lets what waits come out, if that takes no longer than a second. May be called twice."""
        with self._changed:
            self._is_closed = True
            self._changed.notify()
        # Not `stop()` of the worker, which would complain of what hangs to the very place where it hangs.
        self._is_over.wait(_CLOSE_LIMIT_SECONDS)

    def _bring_out(self, _stop: threading.Event) -> None:
        try:
            self._write_what_comes()
        except OSError:  # nobody is there any more
            with self._changed:
                self._is_closed = True
                self._waiting.clear()
        finally:
            self._is_over.set()

    def _write_what_comes(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._waiting or self._is_closed)
                if not self._waiting:
                    return
                content = self._waiting.popleft()
                self._waiting_bytes -= len(content)
            while content:
                content = content[os.write(self._descriptor, content) :]
