"""The boxes of an MP4 (ISO/IEC 14496-12, 4.2), read by hand: what a player meets first."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

_HEAD_BYTES = 8


@dataclass(frozen=True, slots=True)
class Box:
    """One box; `is_whole` is false when the file ends inside it."""

    name: str
    content: range
    is_whole: bool


def boxes_of(path: Path, within: range | None = None) -> list[Box]:
    """The boxes at the top of the file, or inside another box, as far as they can be followed."""
    found: list[Box] = []
    with open(path, "rb") as file:
        place = within or range(path.stat().st_size)
        position = place.start
        while position + _HEAD_BYTES <= place.stop:
            file.seek(position)
            head = file.read(2 * _HEAD_BYTES)
            size, head_bytes = int.from_bytes(head[:4], "big"), _HEAD_BYTES
            if size == 1:
                size, head_bytes = int.from_bytes(head[8:16], "big"), 2 * _HEAD_BYTES
            elif size == 0:
                size = place.stop - position
            if size < head_bytes:
                break
            content = range(position + head_bytes, position + size)
            found.append(Box(head[4:8].decode("latin-1"), content, content.stop <= place.stop))
            position += size
    return found


def is_ordinary(path: Path) -> bool:
    """True for an MP4 as every player knows it: whole boxes, an index of everything, and no word of fragments."""
    boxes = boxes_of(path)
    names = {box.name for box in boxes}
    if not {"ftyp", "mdat", "moov"} <= names or "moof" in names or not all(box.is_whole for box in boxes):
        return False
    index = next(box for box in boxes if box.name == "moov")
    return "mvex" not in {box.name for box in boxes_of(path, index.content)}


def holds_fragment(path: Path) -> bool:
    """True when an index (moov for the first fragment) and its pictures are whole: from then on the file must play."""
    whole = {box.name for box in boxes_of(path) if box.is_whole}
    return {"moov", "mdat"} <= whole
