"""What must hold of a card at any moment, whoever was killed: looked at from outside, file by file."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from av.error import FFmpegError

from dashcam.clips.names import sidecar_of
from dashcam.clips.sidecar import Sidecar, read_sidecar
from dashcam.errors import BadMedia
from tests.endurance.clip_files import OpenedClip, complaints, frame_numbers, is_temporary, open_clip, videos_below
from tests.mp4_boxes import holds_fragment, is_ordinary


@dataclass(slots=True)
class FoundClip:
    """A clip that opens, with the frame numbers in its pictures."""

    path: Path
    opened: OpenedClip
    numbers: list[int]
    is_ordinary: bool
    sidecar: Sidecar | None = None


@dataclass(slots=True)
class CardLook:
    """Everything found on a card, in the order of the frame numbers, and what is wrong with it."""

    clips: list[FoundClip] = field(default_factory=list)
    """Of the loop."""
    events: list[FoundClip] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    @property
    def run(self) -> list[int]:
        """The frame numbers of the loop's clips, one clip after the other."""
        return [number for clip in self.clips for number in clip.numbers]

    def check_unbroken(self) -> None:
        """Not a frame may be missing, doubled or swapped from the first of the recording to the last on the card."""
        for place, number in enumerate(self.run):
            if place != number:
                self.wrong.append(f"frame {number} stands where {place} belongs")
                break
        for clip in self.events:
            if clip.numbers and clip.numbers != list(range(clip.numbers[0], clip.numbers[0] + len(clip.numbers))):
                self.wrong.append(f"frames are missing, doubled or swapped in the event {clip.path.name}")


def look_at(data: Path, already_seen: frozenset[Path] = frozenset()) -> CardLook:
    """Opens and decodes every clip below `data` but those seen before."""
    look = CardLook()
    for path in videos_below(data):
        if path not in already_seen and (clip := _found_clip(path, look.wrong)):
            (look.clips if clip.opened.tag.event is None else look.events).append(clip)
    look.clips.sort(key=lambda clip: clip.numbers[:1])
    return look


def _found_clip(path: Path, wrong: list[str]) -> FoundClip | None:
    if not holds_fragment(path):
        if not is_temporary(path):
            wrong.append(f"{path.name} has its final name and no fragment")
        return None
    try:
        clip = FoundClip(path, open_clip(path), frame_numbers(path), is_ordinary(path), _sidecar(path))
    except (FFmpegError, BadMedia, ValueError) as error:
        wrong.append(f"{path.name} does not open: {error}")
        return None
    if not clip.opened.is_torn and (complaint := complaints(path)):
        wrong.append(f"{path.name} does not decode cleanly: {complaint.splitlines()[0]}")
    if len(clip.numbers) != len(clip.opened.pictures):
        wrong.append(f"{path.name}: {len(clip.opened.pictures)} packets, {len(clip.numbers)} pictures")
    if clip.sidecar is not None:
        if not clip.is_ordinary:
            wrong.append(f"{path.name} has a sidecar and is no ordinary MP4")
        if clip.sidecar.frames != len(clip.numbers):
            wrong.append(f"{path.name} holds {len(clip.numbers)} frames, its sidecar says {clip.sidecar.frames}")
    return clip


def _sidecar(path: Path) -> Sidecar | None:
    try:
        return read_sidecar(sidecar_of(path))
    except FileNotFoundError:
        return None
