"""How editors write letters down: lines of a file's bytes with their places, whatever the encoding and line ends."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

_LINE = re.compile(r"([^\r\n]*)(\r\n|\r|\n|\Z)")
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# Windows' Western one is not defined for five bytes; a letter a byte it is in any case.
_WESTERN = {byte: bytes([byte]).decode("cp1252", "replace") for byte in range(0x80, 0xA0)}


@dataclass(frozen=True, slots=True)
class Line:
    """A line without its end. `start` and `end` are places in the file's bytes."""

    number: int
    text: str
    start: int
    end: int
    codec: str

    def bytes_before(self, tail: str) -> int:
        """How many bytes of the line come before its last letters `tail`."""
        return _length(self.text[: len(self.text) - len(tail)], self.codec)


def lines_of(content: bytes) -> tuple[str, list[Line]]:
    """The encoding, as Python calls it, and the lines."""
    codec, start = _codec_of(content)
    body = content[start:]
    if codec.startswith("utf-16"):
        text = body[: len(body) // 2 * 2].decode(codec, "surrogatepass")
    else:
        text = body.decode(codec)
    lines: list[Line] = []
    for found in _LINE.finditer(text):
        end = start + _length(found[1], codec)
        shown = found[1].translate(_WESTERN) if codec == "latin-1" else found[1]
        lines.append(Line(len(lines) + 1, shown, start, end, codec))
        start = end + _length(found[2], codec)
        if not found[2]:
            break
    return codec, lines


def _length(text: str, codec: str) -> int:
    return len(text) if codec == "latin-1" else len(text.encode(codec, "surrogatepass"))


def _codec_of(content: bytes) -> tuple[str, int]:
    """The encoding and the length of its mark. Where nothing else fits: a byte is a letter."""
    for mark, codec in _MARKS:
        if content.startswith(mark) and _fits(content[len(mark) :], codec):
            return codec, len(mark)
    # Without a mark, too: every other byte of what people write is then zero.
    if len(content) >= 4 and content.count(0) * 3 > len(content):
        codec = "utf-16-le" if content[1] == 0 else "utf-16-be"
        if _fits(content, codec):
            return codec, 0
    return ("utf-8", 0) if _fits(content, "utf-8") else ("latin-1", 0)


def _fits(content: bytes, codec: str) -> bool:
    try:
        if codec.startswith("utf-16"):
            content[: len(content) // 2 * 2].decode(codec, "surrogatepass")
        else:
            content.decode(codec)
    except UnicodeDecodeError:
        return False
    return True
