"""Log lines: for people, for the journal, and from a child to its parent."""

from __future__ import annotations

import logging
import os
import re
import sys
import traceback
from collections.abc import Mapping
from typing import TextIO

from dashcam.system.side_writer import SideHandler, SideQueue, sink_of

# sd-daemon(3): <N> before a line is its level in the journal; a parent reads it just so.
_JOURNAL_LEVELS = {logging.DEBUG: 7, logging.INFO: 6, logging.WARNING: 4, logging.ERROR: 3, logging.CRITICAL: 2}
_LOGGING_LEVELS = {number: level for level, number in _JOURNAL_LEVELS.items()}
_PREFIX = re.compile(r"<([0-7])>")
_ALARMING = re.compile(r"error|exception|traceback|fatal|warn|fail|abort|fault", re.IGNORECASE)


def set_up_logging(*, is_verbose: bool, has_parent: bool, is_quiet: bool = False, stream: TextIO | None = None) -> None:
    """Logs to stderr, one line each: INFO and above of the dashcam, WARNING and above of others.

    `is_verbose` shows everything, with tracebacks; `is_quiet` leaves only warnings, for a command that talks itself.
    A stderr that nobody reads holds up nobody. Before os._exit, call logging.shutdown().
    """
    stream = sys.stderr if stream is None else stream
    handler = SideHandler(SideQueue("log", sink_of(stream)), stream.encoding or "utf-8")
    is_tagged = has_parent or _is_journal(stream, os.environ)
    handler.setFormatter(LineFormatter(is_tagged=is_tagged, is_verbose=is_verbose))
    logging.basicConfig(level=logging.DEBUG if is_verbose else logging.WARNING, handlers=[handler], force=True)
    usual = logging.WARNING if is_quiet else logging.INFO
    logging.getLogger("dashcam").setLevel(logging.DEBUG if is_verbose else usual)


class LineFormatter(logging.Formatter):
    """`14:45:00 WARNING recorder: words`, or `<4>recorder: words` where the reader adds time and level."""

    def __init__(self, *, is_tagged: bool, is_verbose: bool) -> None:
        super().__init__()
        self._is_tagged = is_tagged
        self._is_verbose = is_verbose

    def format(self, record: logging.LogRecord) -> str:
        """The line of one record, or a line for each line of a traceback when everything is to be shown."""
        area = area_of(record.name)
        lines = [f"{area}: {words_of(record, area)}"]
        if self._is_verbose and record.exc_info:
            lines += super().formatException(record.exc_info).split("\n")
        if self._is_tagged:
            level = next((n for least, n in reversed(_JOURNAL_LEVELS.items()) if record.levelno >= least), 7)
            return "\n".join(f"<{level}>{line}" for line in lines)
        mark = f"{record.levelname} " if record.levelno >= logging.WARNING else ""
        lines[0] = f"{self.formatTime(record, '%H:%M:%S')} {mark}{lines[0]}"
        return "\n".join(lines)


def level_and_text(line: str) -> tuple[int | None, str]:
    """Reads a tagged line back. The level is None for a line that no logger wrote, such as a library's own output."""
    match = _PREFIX.match(line)
    if match is None:
        return None, line
    return _LOGGING_LEVELS.get(int(match[1]), logging.INFO), line[match.end() :]


def level_of_stray(line: str) -> int:
    """How serious a line is that no logger wrote: a library's own output, a traceback."""
    return logging.WARNING if _ALARMING.search(line) else logging.INFO


def words_of(record: logging.LogRecord, area: str) -> str:
    """What a record says of `area`, on one line, with its exception in short."""
    text = " ".join(record.getMessage().split("\n"))
    if record.exc_info and record.exc_info[1] is not None:
        text += f": {_in_short(record.exc_info[1])}"
    return text.removeprefix(f"{area}: ")


def area_of(logger: str) -> str:
    """`dashcam.recorder.writer` is the recorder to whoever owns it; what the command line says is about all of it."""
    package, _, rest = logger.partition(".")
    area = rest.partition(".")[0]
    return area if package == "dashcam" and area not in ("", "cli") else package


def _in_short(error: BaseException) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    place = f" (in {frames[-1].name}, {frames[-1].filename}:{frames[-1].lineno})" if frames else ""
    return f"{type(error).__name__}: {' '.join(str(error).split())}{place}"


def _is_journal(stream: TextIO, environment: Mapping[str, str]) -> bool:
    """True when systemd has connected the stream with its journal (systemd.exec(5), JOURNAL_STREAM)."""
    try:
        facts = os.fstat(stream.fileno())
    except (OSError, ValueError):
        return False
    return environment.get("JOURNAL_STREAM") == f"{facts.st_dev}:{facts.st_ino}"
