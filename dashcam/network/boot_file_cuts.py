"""Takes pieces out of a file's bytes and leaves all others as they are, line ends and encoding with them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from dashcam.errors import BadRequest
from dashcam.network.wanted import WantedCut


def digest_of(content: bytes) -> str:
    """As `WantedBootFiles.settings_read_sha256` has it."""
    return hashlib.sha256(content).hexdigest()


def cut_out(content: bytes, cuts: Iterable[WantedCut]) -> bytes:
    """The bytes with each cut replaced by what it puts there. Raises BadRequest for cuts that overlap or go too far."""
    pieces: list[bytes] = []
    at = 0
    for cut in sorted(cuts, key=lambda cut: cut.start):
        if not at <= cut.start <= cut.end <= len(content):
            raise BadRequest("what is to be cut out of the boot file does not fit it; nothing was changed")
        pieces += [content[at : cut.start], cut.put]
        at = cut.end
    return b"".join([*pieces, content[at:]])
