"""The identity of clips and photos.

An id is `<boot>-<number>`, given by the recorder, or `<boot>-k<number>`, given by the keeper to what it makes or
adopts.
Ids never change and give the order; names are for people and do change.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from dashcam.errors import BadRequest

# Where a clip lies: VIDEO (loop clips), EVENT (locked and event clips), PHOTO.
ClipKind = Literal["loop", "event", "photo"]

_ID = re.compile(r"([1-9][0-9]{0,8})-(k?)([1-9][0-9]{0,8})")


@dataclass(frozen=True, slots=True, order=True)
class ClipId:
    """Sorts by boot, then what the recorder made, then what the keeper made in that boot."""

    boot: int
    by_keeper: bool
    number: int

    def __str__(self) -> str:
        return f"{self.boot}-{'k' if self.by_keeper else ''}{self.number}"

    @classmethod
    def parse(cls, text: str) -> ClipId:
        """The id written as `text`. Raises BadRequest when it is none (from hostile hands too)."""
        match = _ID.fullmatch(text)
        if match is None:
            raise BadRequest(f"{text[:40]!r} is no clip id; ids look like 42-17 or 42-k3")
        return cls(int(match[1]), bool(match[2]), int(match[3]))
