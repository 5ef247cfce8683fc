"""Byte ranges of a download, as RFC 9110 section 14 has them."""

from __future__ import annotations

import re
from typing import NamedTuple

_RANGE = re.compile(r"\s*(\d*)\s*-\s*(\d*)\s*", re.ASCII)
# More digits than any file's size has; int() of thousands of them would cost time.
_MAX_DIGITS = 19


class ByteRange(NamedTuple):
    """`start` is within the file, `stop` is past the last byte."""

    start: int
    stop: int


class Unsatisfiable(ValueError):
    """No byte of the file is asked for: to be answered with 416."""


def asked_range(header: str | None, size: int) -> ByteRange | None:
    """The range that a Range header asks of a file of `size` bytes; None means the whole file (200).

    Of several ranges the first that the file has. Raises Unsatisfiable when it has none, or none can be read.
    """
    unit, equals, ranges = (header or "").partition("=")
    if not equals or unit.strip().lower() != "bytes":
        return None
    for text in ranges.split(","):
        found = _one(text, size)
        if found is not None:
            return found
    raise Unsatisfiable(header)


def _one(text: str, size: int) -> ByteRange | None:
    match = _RANGE.fullmatch(text)
    if match is None or max(len(match[1]), len(match[2])) > _MAX_DIGITS:
        return None
    first, last = match[1], match[2]
    if first:
        start = int(first)
        stop = min(int(last) + 1, size) if last else size
    elif last:  # a suffix: so many bytes from the end
        start, stop = max(size - int(last), 0), size
    else:
        return None
    return ByteRange(start, stop) if start < stop else None
