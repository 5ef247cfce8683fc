"""Fills in the templates of netconfig/. Strict: every name is given, none is left over, no value says more than a word.

No shell and no template language: `$name` alone, and no value can end a line or open a section of its own.
"""

from __future__ import annotations

import re
import string
from collections.abc import Mapping

from dashcam.errors import DashcamError

# Nothing that Samba, vsftpd or nftables would take for more than part of a value: no line's end, %, $, =, #, ;, ", \.
_VALUE = re.compile(r"[A-Za-z0-9._/,:{}* -]*", re.ASCII)


class FillError(DashcamError):
    """A template and what it is filled in with do not belong together, or a value is none."""

    code = "bad_template"


class _Strict(string.Template):
    idpattern = r"(?a:[a-z][a-z0-9_]*)"
    flags = re.NOFLAG  # else capitals would count as names, too


def fill(template: str, values: Mapping[str, str | int]) -> str:
    """The template with every `$name` replaced. Raises FillError, and gives nothing that is half filled in."""
    strict = _Strict(template)
    if not strict.is_valid():
        raise FillError("a template has a $ that is no name; install the dashcam anew with scripts/install")
    wanted, given = set(strict.get_identifiers()), set(values)
    if wanted != given:
        raise FillError(
            f"a template and its values differ in {', '.join(sorted(wanted ^ given))}; "
            "install the dashcam anew with scripts/install"
        )
    words = {name: str(value) for name, value in values.items()}
    for name, word in words.items():
        if not _VALUE.fullmatch(word):
            raise FillError(f"{name} = {word!r} cannot be written to a configuration file")
    return strict.substitute(words)
