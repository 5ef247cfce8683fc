"""TOML as people write it by hand in Notepad, on a phone or in a word processor: read as far as it is understood.

A line at a time: what one of them has wrong costs no other. No word of a mistake holds anything of a value, which may
be a password. The editors' ways are in `handwriting`, quotation marks and bare words in `quoted`.
"""

from __future__ import annotations

import os
import re
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dashcam.settings.handwriting import Line, lines_of
from dashcam.settings.quoted import DOUBLE, SINGLE, Unreadable, toml_value, value_of

# Nobody writes as much; a file that a computer has mangled must not hold up the recorder.
MOST_BYTES = 64 * 1024
# An array of so many lines is none of ours.
_MOST_LINES_A_VALUE = 40
# Of lines that may go on in the next one, together: the recorder waits for this.
_MOST_TRIES = 400

# What editors put around words, and what no eye sees.
_BLANKS = " \t\u00a0\u2007\u202f\ufeff\u200b\u200e\u200f\0\x0b\x0c\x1a"
_QUOTES = DOUBLE + SINGLE
_HEADER = re.compile(rf"\[+\s*([\w.\s{_QUOTES}-]+?)\s*\]*\s*([#;].*)?", re.DOTALL)
_NAME = re.compile(rf"[\w.\s{_QUOTES}-]+")
_OPENS_MORE_LINES = ("[", "{", '"""', "'''")


@dataclass(frozen=True, slots=True)
class Statement:
    """`key = value`, below the section that begins with the header number `table` (0: above all)."""

    line: int
    table: int
    section: tuple[str, ...]
    key: tuple[str, ...]
    value: Any
    """As TOML has it; a text where it has none."""
    text: str
    """The same as it is written, for a text that looks like a number: 00123456."""
    start: int
    end: int
    """Where it stands in the file's bytes, without blanks before it and the line's end."""


@dataclass(frozen=True, slots=True)
class Header:
    """`[name]`, the first of its number."""

    line: int
    table: int
    name: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Comment:
    """A line that begins with #; `text` is what follows."""

    line: int
    table: int
    text: str


@dataclass(frozen=True, slots=True)
class LineMistake:
    """What is wrong with a line, and the cure."""

    line: int
    table: int
    section: tuple[str, ...]
    words: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.words}"


@dataclass(frozen=True, slots=True)
class Document:
    """Everything that was understood, in the file's order, and what was not."""

    codec: str
    """How the file's letters are written down."""
    headers: tuple[Header, ...]
    statements: tuple[Statement, ...]
    comments: tuple[Comment, ...]
    mistakes: tuple[LineMistake, ...]


def read_bytes(path: Path) -> bytes | None:
    """The file; None while there is none. Raises OSError when it cannot be read, or is no file, or far too long."""
    try:
        # A pipe that somebody has put there must not be waited for.
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except (FileNotFoundError, NotADirectoryError):
        return None
    with open(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise OSError(f"{path} is no file")
        content = file.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise OSError(f"{path} is longer than {MOST_BYTES} bytes")
    return content


def understand(content: bytes) -> Document:
    """Reads what can be read. Raises nothing."""
    codec, lines = lines_of(content)
    reading = _Reading()
    at = 0
    while at < len(lines):
        at += reading.take(lines, at)
    return Document(
        codec, tuple(reading.headers), tuple(reading.statements), tuple(reading.comments), tuple(reading.mistakes)
    )


def names_in(text: str) -> tuple[str, ...]:
    """`Time-Zone` and `"time zone"` are time_zone; dots part."""
    plain = "".join(letter for letter in text if letter not in _QUOTES).lower()
    names = (re.sub(r"[\s_-]+", "_", part.strip()).strip("_") for part in plain.split("."))
    return tuple(name for name in names if name)


class _Reading:
    """Goes through the lines once."""

    def __init__(self) -> None:
        self.headers: list[Header] = []
        self.statements: list[Statement] = []
        self.comments: list[Comment] = []
        self.mistakes: list[LineMistake] = []
        self._section: tuple[str, ...] = ()
        self._tries = _MOST_TRIES

    def take(self, lines: list[Line], at: int) -> int:
        """Takes the line at `at`; gives how many lines it was."""
        line = lines[at]
        text = line.text.strip(_BLANKS)
        if not text:
            return 1
        if text[0] in "#;":
            self.comments.append(Comment(line.number, len(self.headers), text[1:]))
            return 1
        if text[0] == "[":
            self._take_header(line, text)
            return 1
        return self._take_statement(lines, at)

    def _take_header(self, line: Line, text: str) -> None:
        found = _HEADER.fullmatch(text)
        name = names_in(found[1]) if found else ()
        self._section = name
        self.headers.append(Header(line.number, len(self.headers) + 1, name))
        if not name:
            self._mind(line, "a section is written as [wifi] or [override]; what stands below it is not used")

    def _take_statement(self, lines: list[Line], at: int) -> int:
        line = lines[at]
        name, sign, rest = _parted(line.text.strip(_BLANKS))
        key = names_in(name) if _NAME.fullmatch(name) else ()
        if not sign or not key:
            self._mind(line, 'this is not understood; write name = "value", or # before a remark')
            return 1
        rest = rest.strip(_BLANKS)
        try:
            used, (value, text) = self._value(lines, at, rest)
        except Unreadable as error:
            self._mind(line, str(error))
            return 1
        self._add(line, lines[at + used - 1], key, value, text)
        return used

    def _value(self, lines: list[Line], at: int, rest: str) -> tuple[int, tuple[Any, str]]:
        """The value, and over how many lines it goes. Raises Unreadable."""
        if rest.startswith(_OPENS_MORE_LINES):
            for count in range(1, min(_MOST_LINES_A_VALUE, len(lines) - at, self._tries) + 1):
                self._tries -= 1
                try:
                    return count, toml_value("\n".join([rest, *(line.text for line in lines[at + 1 : at + count])]))
                except Unreadable:
                    pass
        return 1, value_of(rest)

    def _add(self, first: Line, last: Line, key: tuple[str, ...], value: Any, text: str) -> None:
        self.statements.append(
            Statement(
                first.number,
                len(self.headers),
                self._section,
                key,
                value,
                text,
                first.start + first.bytes_before(first.text.lstrip(_BLANKS)),
                last.end,
            )
        )

    def _mind(self, line: Line, words: str) -> None:
        self.mistakes.append(LineMistake(line.number, len(self.headers), self._section, words))


def _parted(text: str) -> tuple[str, str, str]:
    """Name, sign and value. Who writes `name: value` is understood, too."""
    found = re.search(r"[=:]", text)
    return (text[: found.start()].strip(), found[0], text[found.end() :]) if found else (text, "", "")
