"""Where `dashcam check` gets the password of the shares from; never an argument, which others could read."""

from __future__ import annotations

import getpass
import sys
from pathlib import Path

from dashcam.errors import BadRequest

_QUESTION = "password of the shares (nothing: they are not tried): "
_MOST_BYTES = 2000


def share_password(file: str) -> str | None:
    """The first line of `file`; without one a person at the terminal is asked. None: there is none to be had.

    Raises BadRequest for a file that cannot be read.
    """
    if file:
        try:
            with open(Path(file), encoding="utf-8") as lines:
                return lines.readline(_MOST_BYTES).rstrip("\r\n") or None
        except (OSError, UnicodeError) as error:
            raise BadRequest(f"--share-password-file: {file} cannot be read: {error}") from error
    if sys.stdin.isatty() and sys.stdout.isatty():
        return getpass.getpass(_QUESTION) or None
    return None
