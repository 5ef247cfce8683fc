r"""nmcli's terse output (`-t -e yes -f ...`): a row a line, fields divided by colons, `\:` and `\\` inside of them."""

from __future__ import annotations

import re

_FIELD = re.compile(r"((?:[^\\:]|\\.)*)(:|$)", re.DOTALL)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)


def fields_of(row: str) -> tuple[str, ...]:
    """The fields of a row, as they are. A lone backslash at the end stays."""
    fields: list[str] = []
    at = 0
    while True:
        match = _FIELD.match(row, at)
        if match is None:  # a backslash with nothing behind it
            return (*fields, _ESCAPED.sub(r"\1", row[at:]))
        fields.append(_ESCAPED.sub(r"\1", match[1]))
        if not match[2]:
            return tuple(fields)
        at = match.end()


def rows_of(text: str, count: int) -> tuple[tuple[str, ...], ...]:
    """The rows with `count` fields. Others are left out: they are torn apart by a line break in somebody's name."""
    rows = (fields_of(line) for line in text.split("\n") if line)
    return tuple(row for row in rows if len(row) == count)
