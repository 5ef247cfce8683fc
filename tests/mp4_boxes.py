"""The outermost boxes of an MP4, read by hand: what a player meets first."""

from __future__ import annotations

from pathlib import Path


def top_boxes(path: Path) -> list[str]:
    """Their names in order. Of a hybrid MP4 the fragments lie hidden in one `mdat` once it is closed."""
    content, position, names = path.read_bytes(), 0, []
    while position + 8 <= len(content):
        size = int.from_bytes(content[position : position + 4], "big")
        names.append(content[position + 4 : position + 8].decode("latin-1"))
        if size == 1:
            size = int.from_bytes(content[position + 8 : position + 16], "big")
        position += size if size >= 8 else len(content)
    return names


def is_ordinary(path: Path) -> bool:
    """True for an MP4 with its index and without fragments."""
    names = top_boxes(path)
    return "moov" in names and "moof" not in names
