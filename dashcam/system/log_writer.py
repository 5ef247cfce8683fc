"""Brings a program's log records into its log file, without ever holding up who logs."""

from __future__ import annotations

import logging
import os
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from dashcam.errors import AlreadyRunning
from dashcam.system.log_file import (
    LOG_LEVELS,
    MOST_LOG_BYTES,
    MOST_TEXT_CHARACTERS,
    LogLevel,
    LogLine,
    LogProgram,
    log_folder,
    log_names,
)
from dashcam.system.log_lines import area_of, words_of
from dashcam.system.runtime_folder import make_runtime_folder
from dashcam.system.side_writer import SideHandler, SideQueue

log = logging.getLogger(__name__)


def keep_log(state: Path, program: LogProgram) -> LogFileHandler:
    """From now on everything that is logged is in the program's log file too. Ends with logging itself."""
    handler = LogFileHandler(LogFile(state, program))
    logging.getLogger().addHandler(handler)
    return handler


class LogFile:
    """Appends to the file of one program and begins a new one when it is full. Used by one thread.

    Trouble, such as a full /tmp, is told once; then lines are lost until it is over.
    """

    def __init__(self, state: Path, program: LogProgram) -> None:
        self._state = state
        self._program = program
        older_name, name = log_names(program)
        self._path = log_folder(state, program) / name
        self._older_path = log_folder(state, program) / older_name
        self._descriptor = -1
        self._is_torn = False
        self._has_complained = False

    def write(self, content: bytes) -> None:
        """Appends whole lines."""
        try:
            self._open(len(content))
            self._append(content)
        except (OSError, AlreadyRunning) as error:
            if not self._has_complained:
                self._has_complained = True
                reason = error.strerror if isinstance(error, OSError) else error
                log.warning("the log is not kept for the page, for want of %s: %s", self._path, reason)

    def close(self) -> None:
        """May be called twice."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    def _open(self, bytes_to_come: int) -> None:
        """Opens the file, and another one when it is full, was removed, or another process has begun a new one."""
        if self._descriptor < 0 or not self._is_in_place():
            self._open_anew()
        size = os.fstat(self._descriptor).st_size
        if size and size + bytes_to_come > MOST_LOG_BYTES:
            os.replace(self._path, self._older_path)
            self._open_anew()

    def _open_anew(self) -> None:
        self.close()
        make_runtime_folder(self._state, self._program)
        # Whom the folder above lets in, the other programs of the dashcam, may read.
        self._path.parent.mkdir(mode=0o750, exist_ok=True)
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
        self._descriptor = os.open(self._path, flags, 0o640)
        # What a killed process or a full disk has cut off must not spoil the first of our lines.
        self._is_torn = os.fstat(self._descriptor).st_size > 0

    def _is_in_place(self) -> bool:
        try:
            return os.path.samestat(os.fstat(self._descriptor), self._path.lstat())
        except FileNotFoundError:
            return False

    def _append(self, content: bytes) -> None:
        if self._is_torn:
            content = b"\n" + content
        self._is_torn = os.write(self._descriptor, content) < len(content)


class LogFileHandler(SideHandler):
    """Hands every record to a LogFile, as a line of JSON."""

    def __init__(self, file: LogFile) -> None:
        super().__init__(SideQueue("log-file", file.write, _left_out))
        self.setFormatter(_LineOfJson())


class _LineOfJson(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        area = getattr(record, "area", None) or area_of(record.name)
        return _json(record.created, _level_of(record.levelno), area, words_of(record, area)).decode()


def _json(time_seconds: float, level: LogLevel, area: str, text: str) -> bytes:
    utc = datetime.fromtimestamp(time_seconds, UTC).isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"
    # A file name may have bytes that are no text, which JSON does not know.
    text = text[:MOST_TEXT_CHARACTERS].encode("utf-8", "backslashreplace").decode()
    return msgspec.json.encode(LogLine(utc, level, area, text, os.getpid()))


def _level_of(number: int) -> LogLevel:
    """10 is debug, 50 critical, what lies between counts as the lower."""
    return LOG_LEVELS[min(max(number // 10, 1), len(LOG_LEVELS)) - 1]


def _left_out(pieces: int) -> bytes:
    text = f"{pieces} lines were left out here: too much was said at once"
    now = datetime.now(UTC).timestamp()
    return _json(now, "warning", "log", text) + b"\n"
