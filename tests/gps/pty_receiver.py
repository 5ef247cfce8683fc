"""A GPS receiver on a pseudo terminal: real termios, a real baud rate, and it can be unplugged."""

from __future__ import annotations

import os
import random
import termios
import threading
import time
import tty
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

from dashcam.worker import Worker

_INTERVAL_SECONDS = 0.1


class PtyReceiver:
    """Sends one block after the other, ten times a second, on and on, at `baud`; whoever listens at another rate
    hears noise.

    `port` is its name, as udev would make it: there while it is plugged in.
    """

    def __init__(self, port: Path, blocks: Sequence[bytes], baud: int = 9600) -> None:
        self.port = port
        self._blocks = blocks
        self.set_baud(baud)
        self._worker: Worker | None = None
        self._ends: tuple[int, int] | None = None
        self._noise = random.Random(baud)
        self.sent = 0

    def __enter__(self) -> PtyReceiver:
        self.plug_in()
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self.unplug()

    def set_baud(self, baud: int) -> None:
        """Sends at another rate from now on."""
        self._speed = int(getattr(termios, f"B{baud}"))

    def plug_in(self) -> None:
        """Begins to send, where the blocks had come to."""
        outer, inner = os.openpty()
        tty.setraw(inner)
        os.set_blocking(outer, False)
        self._ends = (outer, inner)
        self.port.symlink_to(os.ttyname(inner))
        self._worker = Worker("pty receiver", self._send)
        self._worker.start()

    def unplug(self) -> None:
        """Whoever reads gets an error; may be called twice."""
        if self._worker is None or self._ends is None:
            return
        self._worker.stop()
        self.port.unlink()
        for end in self._ends:
            os.close(end)
        self._worker = self._ends = None

    def _send(self, stopping: threading.Event) -> None:
        assert self._ends is not None
        outer = self._ends[0]
        rest = b""
        # On a busy machine a block comes late, but those after it come when they are due: else its time would not agree
        # with the clock's.
        due = time.monotonic() + _INTERVAL_SECONDS
        while not stopping.wait(max(0.0, due - time.monotonic())):
            due += _INTERVAL_SECONDS
            if not rest:
                # The rate that the other side has set.
                is_heard = termios.tcgetattr(outer)[4] == self._speed
                block = self._blocks[self.sent % len(self._blocks)]
                rest = block if is_heard else self._noise.randbytes(len(block))
                self.sent += is_heard
            try:
                rest = rest[os.write(outer, rest) :]
            except BlockingIOError:
                # Nobody reads; a reader that is only slow loses nothing.
                continue
