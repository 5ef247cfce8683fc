"""A value as people write it: TOML where it is some, else in any quotation marks that an editor has made, or none."""

from __future__ import annotations

import re
import tomllib
from typing import Any

# Each may end what any of its kind has begun: editors turn some of them round, and others not.
DOUBLE = '"“”„‟«»″'
SINGLE = "'‘’‚‛`´′"  # noqa: RUF001 these are meant
_REMARK = re.compile(r"\s[#;].*\Z", re.DOTALL)
_ANOTHER = re.compile(rf"[{DOUBLE}{SINGLE}\s,;][\s,;]*[\w-]+\s*=")
_ENDS_HERE = re.compile(r"[\s\u00a0]*([#;].*)?", re.DOTALL)


class Unreadable(Exception):
    """Why a value is none, and the cure; nothing of the value is in it."""


def toml_value(text: str) -> tuple[Any, str]:
    """The value and how it is written. Raises Unreadable for what is no TOML."""
    try:
        found = tomllib.loads(f"value = {text}")
    except (ValueError, RecursionError) as error:
        raise Unreadable("the value is not understood; put it between double quotes, in one line") from error
    if len(found) != 1 or "value" not in found:
        raise Unreadable("write one value only")
    value = found["value"]
    return value, value if isinstance(value, str) else _without_remark(text)


def value_of(text: str) -> tuple[Any, str]:
    """The value and how it is written; an empty text where nothing stands. Raises Unreadable."""
    if not text or text[0] in "#;":
        return "", ""
    try:
        value, written = toml_value(text)
        if isinstance(value, str) and any(ord(letter) < 32 for letter in value) and text[0] == '"':
            # A backslash in a password was hardly meant to be a line feed.
            raise Unreadable("")
        return value, written
    except Unreadable:
        found = _between_quotes(text)
    return found, found


def _between_quotes(text: str) -> str:
    """What stands between marks of one kind: the last one is what only blanks or a remark follow."""
    kind = DOUBLE if text[0] in DOUBLE else SINGLE if text[0] in SINGLE else ""
    if not kind:
        if text[0] in "[{":
            raise Unreadable("this list is not understood; write what is in it in lines of its own")
        plain = _without_remark(text)
        if _ANOTHER.search(plain):
            raise Unreadable("put the value between double quotes, and one name = value in a line")
        return plain
    for at in range(1, len(text)):
        if text[at] in kind and _ENDS_HERE.fullmatch(text, at + 1):
            if _ANOTHER.search(text, 1, at):
                raise Unreadable("write one name = value in a line")
            return text[1:at]
    raise Unreadable("the quotation mark at the end is missing")


def _without_remark(text: str) -> str:
    return _REMARK.sub("", text).strip()
