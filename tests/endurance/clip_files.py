"""Clips as anybody finds them on the card: what kind of MP4, which frames, whether they play."""

from __future__ import annotations

import hashlib
import subprocess
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np

from dashcam.camera.frame_code import read
from dashcam.clips.sidecar import ClipTag, decode_tag
from dashcam.files import TEMPORARY_PREFIX

_BOX_HEAD_BYTES = 8


@dataclass(frozen=True, slots=True)
class Box:
    """A box of an MP4 (ISO/IEC 14496-12, 4.2); `is_whole` is false when the file ends inside it."""

    name: str
    content: range
    is_whole: bool


def boxes_of(path: Path, within: range | None = None) -> list[Box]:
    """The boxes at the top of the file, or inside another box, as far as they can be followed."""
    found: list[Box] = []
    with open(path, "rb") as file:
        place = within or range(path.stat().st_size)
        position = place.start
        while position + _BOX_HEAD_BYTES <= place.stop:
            file.seek(position)
            head = file.read(2 * _BOX_HEAD_BYTES)
            size, head_bytes = int.from_bytes(head[:4], "big"), _BOX_HEAD_BYTES
            if size == 1:
                size, head_bytes = int.from_bytes(head[8:16], "big"), 2 * _BOX_HEAD_BYTES
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


def is_temporary(path: Path) -> bool:
    """True for a name that no share shows: a clip before its first fragment is durable."""
    return path.name.startswith(TEMPORARY_PREFIX)


def videos_below(folder: Path) -> list[Path]:
    """Every MP4 on the card, those with temporary names too."""
    return sorted(path for path in folder.rglob("*.mp4") if path.is_file())


@dataclass(frozen=True, slots=True)
class CodedPicture:
    """One packet of a clip: a fingerprint of its bytes, and where it ends in the file."""

    fingerprint: bytes
    end_bytes: int


@dataclass(frozen=True, slots=True)
class OpenedClip:
    """What an MP4 holds, without decoding it."""

    tag: ClipTag
    pictures: tuple[CodedPicture, ...]

    @property
    def fingerprints(self) -> tuple[bytes, ...]:
        """Those of its packets, in order."""
        return tuple(picture.fingerprint for picture in self.pictures)


def open_clip(path: Path) -> OpenedClip:
    """Reads the tag and every packet. Raises an FFmpegError when it does not open, ValueError when it has no tag."""
    pictures = []
    with av.open(str(path)) as container:
        tag = decode_tag(container.metadata.get("comment", ""))
        if tag is None:
            raise ValueError(f"{path.name} does not say which clip it is")
        for packet in container.demux(video=0):
            if packet.size:
                fingerprint = hashlib.blake2b(bytes(packet), digest_size=12).digest()
                pictures.append(CodedPicture(fingerprint, (packet.pos or 0) + packet.size))
    return OpenedClip(tag, tuple(pictures))


def frame_numbers(path: Path) -> list[int]:
    """The number drawn into each picture, -1 for one that cannot be read. Raises an FFmpegError."""
    numbers = []
    with av.open(str(path)) as container:
        for frame in container.decode(video=0):
            luma = frame.planes[0]
            rows = np.frombuffer(memoryview(luma), np.uint8).reshape(-1, luma.line_size)
            code = read(rows[: frame.height, : frame.width])
            numbers.append(-1 if code is None or frame.is_corrupt else code.number)
    return numbers


def complaints(path: Path) -> str:
    """What ffmpeg finds wrong while it decodes all of it; empty for a clean file."""
    command = ["ffmpeg", "-nostdin", "-v", "error", "-threads", "1", "-i", str(path), "-f", "null", "-"]
    checked = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
    return checked.stderr.strip() or (f"exit code {checked.returncode}" if checked.returncode else "")
