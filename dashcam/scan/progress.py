"""A bar on the terminal with the time that is left; elsewhere nothing."""

from __future__ import annotations

import shutil
import time
from typing import TextIO

_REDRAWN_SECONDS = 0.2
_BAR_CELLS = 20
# Before so much is done nobody can tell how long the rest takes.
_FORESEEN_SHARE = 0.02


class Bar:
    """Of one piece of work after another; draws over its own line."""

    def __init__(self, stream: TextIO) -> None:
        """`stream`: where people look, stderr as a rule."""
        self._stream = stream
        self._is_shown = stream.isatty()
        self._began = self._drawn = time.monotonic()

    @property
    def is_shown(self) -> bool:
        """False where nobody would see it."""
        return self._is_shown

    def begin(self) -> None:
        """The next piece of work."""
        self._began = time.monotonic()

    def show(self, words: str, share: float) -> None:
        """How much is done, 0 to 1; drawn a few times a second, however often it is called."""
        now = time.monotonic()
        if self._is_shown and now - self._drawn >= _REDRAWN_SECONDS:
            self._drawn = now
            line = bar_line(words, share, now - self._began, shutil.get_terminal_size().columns)
            self._stream.write(f"\r\x1b[K{line}")
            self._stream.flush()

    def clear(self) -> None:
        """Gives the line back to what is printed next."""
        if self._is_shown:
            self._stream.write("\r\x1b[K")
            self._stream.flush()


def bar_line(words: str, share: float, elapsed_seconds: float, columns: int) -> str:
    """One line that fits: what is worked at, the bar, and the time left."""
    share = min(max(share, 0.0), 1.0)
    full = round(share * _BAR_CELLS)
    left = _left(elapsed_seconds * (1 - share) / share) if share >= _FORESEEN_SHARE else ""
    tail = f" [{'#' * full}{'.' * (_BAR_CELLS - full)}] {100 * share:3.0f} %{left}"
    # The last column stays free: terminals would go to the next line.
    return words[: max(columns - 1 - len(tail), 0)] + tail[: columns - 1]


def _left(seconds: float) -> str:
    if seconds >= 90:
        return f", {seconds / 60:.0f} min left"
    return f", {seconds:.0f} s left"
