"""The clip that is open now, and what is remembered of those before it."""

from __future__ import annotations

from pathlib import Path

import msgspec

from dashcam.camera.base import CameraFacts, Packet
from dashcam.clips.clip import ClipKind
from dashcam.clips.event import EventFacts
from dashcam.clips.sidecar import ClipTag, Lock
from dashcam.clock import NANOSECONDS
from dashcam.media.clip_file import ClipFile
from dashcam.media.durable_file import DurableFile
from dashcam.place import Place
from dashcam.recorder.card import NewPlace


class Mark(msgspec.Struct, frozen=True):
    """When a picture was taken, and its time in the media."""

    captured_ns: int
    pts_ns: int


class Growing(msgspec.Struct):
    """The clip that is open now. Written by the writer's thread, read by others for the status."""

    place: NewPlace
    file: DurableFile
    clip: ClipFile
    tag: ClipTag
    facts: CameraFacts
    kind: ClipKind = "loop"
    event: EventFacts | None = None
    """What it is made for; whole once the clip is closed."""
    locked: Lock | None = None
    is_durable: bool = False
    dropped_frames: int = 0
    dropped_gops: int = 0
    started_at: Place | None = None
    """Where its first frame was taken; known a moment later than the tag is written, so asked again at the end."""
    newest: Mark = Mark(0, 0)
    """Its newest frame."""
    synced_at: float = 0.0
    synced_bytes: int = 0
    synced_captured_ns: int = 0
    """CLOCK_MONOTONIC of the frame that was the newest then."""
    marks: list[Mark] = []
    """Its keyframes: a camera may be played faster than it was recorded."""

    @property
    def path(self) -> Path:
        """Where its file is now."""
        return self.place.final if self.is_durable else self.place.temporary

    @property
    def first_captured_ns(self) -> int:
        """CLOCK_MONOTONIC of its first frame."""
        return self.tag.started_monotonic_ns or 0

    @property
    def last_captured_ns(self) -> int:
        """CLOCK_MONOTONIC of its newest frame."""
        return self.newest.captured_ns

    def wrote(self, packet: Packet) -> None:
        """A packet is in it."""
        self.newest = Mark(packet.captured_monotonic_ns, packet.pts_ns)
        if packet.is_keyframe:
            self.marks.append(self.newest)

    def media_seconds(self, monotonic_ns: int) -> float:
        """Where in the clip the moment is, between its first and its last picture."""
        earlier, later = Mark(self.first_captured_ns, self.clip.start_ns), self.newest
        for mark in self.marks:
            if mark.captured_ns > monotonic_ns:
                later = mark
                break
            earlier = mark
        share = (monotonic_ns - earlier.captured_ns) / max(later.captured_ns - earlier.captured_ns, 1)
        pts_ns = earlier.pts_ns + min(max(share, 0.0), 1.0) * (later.pts_ns - earlier.pts_ns)
        return round((pts_ns - self.clip.start_ns) / NANOSECONDS, 3)


class Span(msgspec.Struct, frozen=True):
    """The id of a clip, and when its first and its last frame were taken, by CLOCK_MONOTONIC."""

    id: str
    from_ns: int
    to_ns: int
