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
    is_torn: bool
    """The file ends inside a picture, which is not among them: a fragment was being written."""

    @property
    def fingerprints(self) -> tuple[bytes, ...]:
        """Those of its packets, in order."""
        return tuple(picture.fingerprint for picture in self.pictures)


def open_clip(path: Path) -> OpenedClip:
    """Reads the tag and every packet. Raises an FFmpegError when it does not open, ValueError when it has no tag."""
    pictures, is_torn = [], False
    with av.open(str(path)) as container:
        tag = decode_tag(container.metadata.get("comment", ""))
        if tag is None:
            raise ValueError(f"{path.name} does not say which clip it is")
        for packet in container.demux(video=0):
            is_torn = is_torn or packet.is_corrupt
            if packet.size and not is_torn:
                fingerprint = hashlib.blake2b(bytes(packet), digest_size=12).digest()
                pictures.append(CodedPicture(fingerprint, (packet.pos or 0) + packet.size))
    return OpenedClip(tag, tuple(pictures), is_torn)


def frame_numbers(path: Path) -> list[int]:
    """The number drawn into each whole picture, -1 for one that cannot be read. Raises an FFmpegError."""
    numbers: list[int] = []
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        for packet in container.demux(stream):
            if packet.is_corrupt:
                break
            if packet.size:
                numbers.extend(_number_in(frame) for frame in stream.decode(packet))
        numbers.extend(_number_in(frame) for frame in stream.decode(None))
    return numbers


def _number_in(frame: av.VideoFrame) -> int:
    luma = frame.planes[0]
    rows = np.frombuffer(memoryview(luma), np.uint8).reshape(-1, luma.line_size)
    code = read(rows[: frame.height, : frame.width])
    return -1 if code is None or frame.is_corrupt else code.number


def complaints(path: Path) -> str:
    """What ffmpeg finds wrong while it decodes all of it; empty for a clean file."""
    command = ["ffmpeg", "-nostdin", "-v", "error", "-threads", "1", "-i", str(path), "-f", "null", "-"]
    checked = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
    return checked.stderr.strip() or (f"exit code {checked.returncode}" if checked.returncode else "")
