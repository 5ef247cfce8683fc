"""The terminal: lines that stay, and below them one line that keeps itself up to date."""

from __future__ import annotations

import logging
import os
import shutil
import threading
from collections.abc import Mapping
from typing import Protocol

_CLEAR_LINE = "\r\x1b[K"
_COLOURS = {"good": "\x1b[32m", "bad": "\x1b[1;31m", "plain": ""}
_END_OF_COLOUR = "\x1b[0m"


class Out(Protocol):
    """As much of a text stream as is needed."""

    @property
    def encoding(self) -> str:
        """How the text is written."""

    def write(self, text: str, /) -> int:
        """Takes text."""

    def flush(self) -> None:
        """Brings it out."""

    def isatty(self) -> bool:
        """True for a terminal."""


class Console:
    """Writes to `out` from any thread. A terminal that has gone away is no reason to stop recording."""

    def __init__(self, out: Out, environment: Mapping[str, str] | None = None) -> None:
        environment = os.environ if environment is None else environment
        self._out = out
        self._guard = threading.Lock()  # of the terminal: one line at a time
        self._status = ""
        self._is_gone = False
        self.is_terminal = out.isatty() and environment.get("TERM", "dumb") != "dumb"
        """True when there is a status line that can be kept up to date."""
        self.has_colours = self.is_terminal and "NO_COLOR" not in environment

    def say(self, text: str) -> None:
        """Prints `text`, above the status line where there is one."""
        with self._guard:
            self._write(f"{_CLEAR_LINE if self._status else ''}{text}\n{self._status}")

    def show(self, text: str, colour: str = "plain") -> None:
        """Replaces the status line; without a terminal there is none. `colour`: good, bad or plain."""
        if not self.is_terminal:
            return
        line = cut_to_width(text, shutil.get_terminal_size().columns - 1)
        if self.has_colours and _COLOURS[colour]:
            line = f"{_COLOURS[colour]}{line}{_END_OF_COLOUR}"
        with self._guard:
            if line != self._status:
                self._status = line
                self._write(_CLEAR_LINE + line)

    def clear(self) -> None:
        """Takes the status line away."""
        with self._guard:
            if self._status:
                self._status = ""
                self._write(_CLEAR_LINE)

    def _write(self, text: str) -> None:
        if self._is_gone:
            return
        encoding = self._out.encoding or "utf-8"
        try:
            self._out.write(text.encode(encoding, "replace").decode(encoding))
            self._out.flush()
        except (OSError, ValueError):
            self._is_gone = True


class ConsoleHandler(logging.Handler):
    """Log lines above the status line."""

    def __init__(self, console: Console) -> None:
        super().__init__()
        self._console = console

    def emit(self, record: logging.LogRecord) -> None:
        """Says the formatted record."""
        self._console.say(self.format(record))


def cut_to_width(text: str, columns: int) -> str:
    """`text` on one line of so many columns."""
    if len(text) <= columns:
        return text
    return text[: max(columns - 1, 0)] + "…"
