"""What a recording is when nothing happens to it: the measure for every card that lost power during it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from dashcam.clips.sidecar import Sidecar
from tests.endurance.card_check import look_at


@dataclass(frozen=True, slots=True)
class TrueClip:
    """A clip that was closed in peace."""

    id: str
    name: str
    """Path below the card."""
    inode: int
    digest: bytes
    sidecar: Sidecar | None
    numbers: tuple[int, ...]
    """Of its frames."""
    fingerprints: tuple[bytes, ...]
    ends_bytes: tuple[int, ...]
    """Where each frame ends in the file."""
    is_event: bool

    def frames_within(self, size_bytes: int) -> int:
        """How many frames lie whole in the first so many bytes of the file."""
        return sum(end <= size_bytes for end in self.ends_bytes)


def digest_of(path: Path) -> bytes:
    """A fingerprint of a whole file."""
    return hashlib.blake2b(path.read_bytes()).digest()


def true_clips(card: Path) -> list[TrueClip]:
    """All clips, the loop's in their order. Raises ValueError when the recording is not perfect even without a cut."""
    look = look_at(card)
    look.check_unbroken()
    if look.wrong:
        raise ValueError(f"the recording is not right even without a power cut: {'; '.join(look.wrong)}")
    return [
        TrueClip(
            id=clip.opened.tag.id,
            name=clip.path.relative_to(card).as_posix(),
            inode=clip.path.stat().st_ino,
            digest=digest_of(clip.path),
            sidecar=clip.sidecar,
            numbers=tuple(clip.numbers),
            fingerprints=clip.opened.fingerprints,
            ends_bytes=tuple(picture.end_bytes for picture in clip.opened.pictures),
            is_event=clip.opened.tag.event is not None,
        )
        for clip in [*look.clips, *look.events]
    ]
