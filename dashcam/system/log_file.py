"""The log of each program as a file that the page can read, also when that program hangs or is dead.

It lies beside the sockets, in memory or on the system's disk: a card that stalls holds up nobody's log, and a log does
not wear the card. Each program has at most two files, `recorder.jsonl` and the older `recorder.1.jsonl`.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Literal, get_args

import msgspec

from dashcam.errors import BadRequest
from dashcam.system.runtime_folder import is_shared, runtime_folder

LogProgram = Literal["recorder", "keeper", "web", "network", "run"]
LogLevel = Literal["debug", "info", "warning", "error", "critical"]
LOG_LEVELS: tuple[LogLevel, ...] = get_args(LogLevel)

MOST_LOG_BYTES = 256_000
"""A file that has reached this size becomes the older one; the one before that is gone."""
# A file may be a burst of lines larger than that, never much more.
_MOST_READ_BYTES = 2 * MOST_LOG_BYTES
MOST_TEXT_CHARACTERS = 4000
"""What is longer is cut."""
_USUAL_LINE_BYTES, _LONGEST_LINE_BYTES = 512, 32_768
# Of an offset into a file; a cursor comes from outside.
_MOST_DIGITS = 9
# Files that change places while they are looked up: rotation, which is rare.
_ATTEMPTS = 3


class LogLine(msgspec.Struct, frozen=True):
    """One record: `utc` as 2026-11-20T15:45:00.123Z, who said it (`area`), what, and the process that did."""

    utc: str
    level: LogLevel
    area: str
    text: str
    pid: int


class LogPage(msgspec.Struct, frozen=True):
    """Lines, oldest first. `next` as `after` of the next request gives what came behind them.

    `has_gap`: between `after` and these lines some are lost, because the files were filled anew meanwhile.
    """

    lines: tuple[LogLine, ...]
    next: str
    has_gap: bool = False


def log_folder(state: Path, program: LogProgram) -> Path:
    """The folder of the log of `program` with the state folder `state`; it need not exist."""
    return runtime_folder(state, program) / "log"


def log_names(program: LogProgram) -> tuple[str, str]:
    """The names of the older file and of the one that grows."""
    return f"{program}.1.jsonl", f"{program}.jsonl"


def read_log(
    state: Path,
    program: LogProgram,
    *,
    least_level: LogLevel = "debug",
    containing: str = "",
    after: str = "",
    limit: int = 200,
) -> LogPage:
    """The newest `limit` lines that fit, or the first `limit` behind the cursor `after`.

    `containing` is looked for in area and text, in capitals or not. A cursor that fits no more (the program has said
    too much meanwhile, the machine was started anew) gives the newest lines. No log yet is an empty page. Raises
    BadRequest for a program or level that does not exist.
    """
    if program not in get_args(LogProgram):
        raise BadRequest(f"there is no log of {program!r}; possible: {', '.join(get_args(LogProgram))}")
    if least_level not in LOG_LEVELS:
        raise BadRequest(f"{least_level!r} is no level; possible: {', '.join(LOG_LEVELS)}")
    sought = _Sought(LOG_LEVELS[LOG_LEVELS.index(least_level) :], containing.casefold(), max(limit, 1))
    with ExitStack() as closing:
        files = _open_files(log_folder(state, program), program, closing)
        rest = _behind(files, after)
        if rest is not None:
            return sought.first_of(rest, after)
        return sought.newest_of([_read(file, 0) for file in files], has_gap=bool(after))


@dataclass(frozen=True, slots=True)
class _OpenFile:
    """One file. `mark` is its own for good, while its name is not."""

    descriptor: int
    mark: str


@dataclass(frozen=True, slots=True)
class _Piece:
    """What one file holds from `offset` on, in whole lines."""

    mark: str
    offset: int
    content: bytes

    def cursor(self, line_end: int) -> str:
        """The place behind so many bytes of `content`."""
        return f"{self.mark}-{self.offset + line_end}"

    def lines(self) -> Iterator[tuple[LogLine, int]]:
        """Each line with the bytes of `content` up to its end; what is torn or no line of a log is left out."""
        end = 0
        for raw in self.content.splitlines(keepends=True):
            end += len(raw)
            try:
                yield _DECODER.decode(raw), end
            except msgspec.MsgspecError:
                continue


_DECODER = msgspec.json.Decoder(LogLine)


@dataclass(frozen=True, slots=True)
class _Sought:
    levels: tuple[LogLevel, ...]
    containing: str
    limit: int

    def fits(self, line: LogLine) -> bool:
        return line.level in self.levels and (
            not self.containing or self.containing in f"{line.area}: {line.text}".casefold()
        )

    def newest_of(self, pieces: list[_Piece], *, has_gap: bool) -> LogPage:
        lines = [line for piece in pieces for line, _ in piece.lines() if self.fits(line)]
        end = pieces[-1].cursor(len(pieces[-1].content)) if pieces else ""
        return LogPage(tuple(lines[-self.limit :]), end, has_gap)

    def first_of(self, pieces: list[_Piece], after: str) -> LogPage:
        lines, place = [], after
        for piece in pieces:
            for line, end in piece.lines():
                if not self.fits(line):
                    continue
                lines.append(line)
                if len(lines) == self.limit:
                    return LogPage(tuple(lines), piece.cursor(end))
            place = piece.cursor(len(piece.content))
        return LogPage(tuple(lines), place)


def _behind(files: list[_OpenFile], after: str) -> list[_Piece] | None:
    """What was written since the cursor; None when it fits none of the files."""
    mark, _, number = after.partition("-")
    if not (number.isascii() and number.isdigit() and len(number) <= _MOST_DIGITS):
        return None
    for index, file in enumerate(files):
        if file.mark == mark and int(number) <= os.fstat(file.descriptor).st_size:
            return [_read(file, int(number)), *(_read(later, 0) for later in files[index + 1 :])]
    return None


def _open_files(folder: Path, program: LogProgram, closing: ExitStack) -> list[_OpenFile]:
    """The two files of a program, the older first, as far as there is something in them."""
    older_name, name = log_names(program)
    place = _open_folder(folder, closing)
    for _ in range(_ATTEMPTS if place is not None else 0):
        # In this order: if the files change places in between, both names lead to the same one.
        current = _open_file(place, name, closing)
        older = _open_file(place, older_name, closing)
        if (
            current is None
            or older is None
            or not os.path.samestat(os.fstat(current.descriptor), os.fstat(older.descriptor))
        ):
            return [file for file in (older, current) if file is not None and file.mark]
    return []


def _open_folder(folder: Path, closing: ExitStack) -> int | None:
    """None when it is not there or a stranger's."""
    try:
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError:
        return None
    closing.callback(os.close, descriptor)
    return descriptor if is_shared() or os.fstat(descriptor).st_uid == os.geteuid() else None


def _open_file(folder: int | None, name: str, closing: ExitStack) -> _OpenFile | None:
    """None when it is not there or no ordinary file of this very folder."""
    try:
        descriptor = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=folder)
    except OSError:
        return None
    closing.callback(os.close, descriptor)
    return _OpenFile(descriptor, _mark_of(descriptor)) if stat.S_ISREG(os.fstat(descriptor).st_mode) else None


def _mark_of(descriptor: int) -> str:
    """Made from the first line, which has time and process in it; empty while there is none."""
    for most_bytes in (_USUAL_LINE_BYTES, _LONGEST_LINE_BYTES):
        line, line_break, _ = os.pread(descriptor, most_bytes, 0).partition(b"\n")
        if line_break:
            return sha256(line).hexdigest()[:16]
    return ""


def _read(file: _OpenFile, offset: int) -> _Piece:
    content = os.pread(file.descriptor, _MOST_READ_BYTES, offset)
    return _Piece(file.mark, offset, content[: content.rfind(b"\n") + 1])
