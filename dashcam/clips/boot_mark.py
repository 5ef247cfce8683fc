"""The boot that wrote last, in the state and on the card: the recorder writes it, the keeper numbers by it too."""

from __future__ import annotations

from pathlib import Path

import msgspec

BOOT_NAME = "boot"
"""The file in the state."""
CARD_MARKER = ".dashcam-boot"
"""The file in DCIM, hidden from shares: a card that is put into a fresh machine keeps its ids apart from new ones."""


class BootMark(msgspec.Struct, frozen=True):
    """The boot that wrote last; `token` tells two machines with the same number apart."""

    boot: int
    token: str


_decoder = msgspec.json.Decoder(BootMark)


def encode_mark(mark: BootMark) -> bytes:
    """The mark as the bytes of its file."""
    return msgspec.json.encode(mark)


def read_mark(path: Path) -> BootMark | None:
    """The mark at `path`; None when there is none that can be read."""
    try:
        return _decoder.decode(path.read_bytes())
    except (OSError, msgspec.DecodeError, UnicodeDecodeError):
        return None
