"""Keys at the terminal of `dashcam run`: S saves, without Enter. Nothing that happens here holds up the recording."""

from __future__ import annotations

import logging
import os
import select
import signal
import termios
import threading
import tty
from collections.abc import Callable
from pathlib import Path
from typing import Any, TextIO

from dashcam.errors import DashcamError
from dashcam.link.client import ask
from dashcam.link.messages import Save, Saved
from dashcam.worker import Worker

log = logging.getLogger(__name__)

# While another program has the terminal nothing is read: whoever reads then is stopped by it, and all parts with it.
_AGAIN_SECONDS = 0.5
_SAVE_SECONDS = 20.0
_SAVE_KEYS = b"sS"


def saved_words(saved: Saved) -> str:
    """`Saved: the last 60 s and the next 10 s`, and what there is to say of it."""
    after = f" and the next {saved.after_seconds:.0f} s" if saved.after_seconds else ""
    words = f" ({saved.words})" if saved.words else ""
    return f"Saved: the last {saved.before_seconds:.0f} s{after}{words}"


def save(state: Path) -> str:
    """Asks the recorder, and says what came of it."""
    try:
        return saved_words(ask(state, "recorder", Save(cause="button"), Saved, _SAVE_SECONDS))
    except DashcamError as error:
        return f"NOT SAVED: {error}"


class Keys:
    """Listens to a terminal until closed, and leaves it as it was. Where there is none it does nothing."""

    def __init__(self, stream: TextIO | None, pressed: Callable[[], None]) -> None:
        """`pressed` is called for each S, in a thread of its own; `stream` may be no terminal."""
        self._stream = stream
        self._descriptor = -1
        self._pressed = pressed
        self._before: list[Any] | None = None
        self._wake_read, self._wake_write = -1, -1
        self._worker = Worker("keys", self._listen)

    def start(self) -> bool:
        """False where there is no terminal, or it is another program's. To be called by the main thread."""
        try:
            self._descriptor = -1 if self._stream is None else self._stream.fileno()
        except (OSError, ValueError):
            return False
        if not os.isatty(self._descriptor) or not self._is_ours():
            return False
        # Whoever is sent to the background is not to be stopped for a key that was never pressed.
        signal.signal(signal.SIGTTIN, signal.SIG_IGN)
        try:
            self._before = termios.tcgetattr(self._descriptor)
            # Not after what is written is read: a terminal that stands still would hold up the start and the end.
            tty.setcbreak(self._descriptor, termios.TCSANOW)
        except termios.error as error:
            log.debug("no keys: %s", error)
            self._before = None
            return False
        self._wake_read, self._wake_write = os.pipe2(os.O_CLOEXEC)
        self._worker.start()
        return True

    def close(self) -> None:
        """Gives the terminal back as it was. May be called twice."""
        if self._wake_write < 0:
            return
        os.close(self._wake_write)
        self._wake_write = -1
        if self._worker.stop():
            os.close(self._wake_read)
        if self._before is not None and self._is_ours():
            termios.tcsetattr(self._descriptor, termios.TCSANOW, self._before)

    def _listen(self, stop: threading.Event) -> None:
        while not stop.is_set():
            ours = [self._descriptor] if self._is_ours() else []
            readable, _, _ = select.select([*ours, self._wake_read], [], [], None if ours else _AGAIN_SECONDS)
            if self._wake_read in readable:
                return
            if not readable or not self._is_ours():
                continue
            try:
                keys = os.read(self._descriptor, 64)
            except OSError:
                keys = b""
            if not keys:
                return  # the terminal has gone
            if any(key in _SAVE_KEYS for key in keys):
                self._pressed()

    def _is_ours(self) -> bool:
        """False while it is in the background, and when the terminal has gone."""
        try:
            return os.tcgetpgrp(self._descriptor) == os.getpgrp()
        except OSError:
            return False
