"""The recorder's watchdog: what it sees from outside of the camera and of the writer, and what that means.

Pure, so that every case is a line in a table; the service acts on it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import msgspec

SILENT_SECONDS = 2.0
# Slow cameras (a time lapse, a replay at a tenth of its speed) are silent between two frames.
SILENT_FRAMES = 4
KEYFRAME_SECONDS = 10.0
KEYFRAME_GOPS = 2
SLOW_SECONDS = 3.0
STUCK_SECONDS = 60.0
# Real cameras open and send their first picture within a few seconds.
FIRST_PACKET_SECONDS = 20.0
OPENING_SECONDS = 60.0

Alarm = Literal["camera_hangs", "camera_silent", "no_keyframe", "writer_slow", "writer_stuck"]


class Sighting(msgspec.Struct, frozen=True):
    """What is seen at one moment; times in seconds, None where there is nothing to see yet."""

    packet_age_seconds: float | None
    keyframe_age_seconds: float | None
    longest_gop_seconds: float
    frame_seconds: float
    """Real time between two frames, as the camera promises."""
    writer_busy_seconds: float
    """How long the writer has been in one call."""
    opening_seconds: float = 0.0
    """How long the camera has been in its `start()`."""
    waiting_seconds: float = 0.0
    """How long the camera has run without having sent a first packet."""


class Verdict(msgspec.Struct, frozen=True):
    """An alarm with its words. `fatal`: only a new process helps."""

    alarm: Alarm
    text: str
    is_fatal: bool = False


def judge(seen: Sighting) -> list[Verdict]:
    """What is wrong now; empty when all is well."""
    return [*_judge_camera(seen), *_judge_writer(seen)]


def _judge_camera(seen: Sighting) -> Iterator[Verdict]:
    silent_limit = max(SILENT_SECONDS, SILENT_FRAMES * seen.frame_seconds)
    first_limit = max(FIRST_PACKET_SECONDS, SILENT_FRAMES * seen.frame_seconds)
    keyframe_limit = max(KEYFRAME_SECONDS, KEYFRAME_GOPS * seen.longest_gop_seconds)
    if seen.opening_seconds > OPENING_SECONDS:
        text = f"the camera hangs: it has been opened for {seen.opening_seconds:.0f} s; starting anew"
        yield Verdict("camera_hangs", text, is_fatal=True)
    elif seen.waiting_seconds > first_limit:
        yield Verdict("camera_silent", f"the camera was opened {seen.waiting_seconds:.0f} s ago and has sent nothing")
    elif seen.packet_age_seconds is not None and seen.packet_age_seconds > silent_limit:
        yield Verdict("camera_silent", f"the camera has sent nothing for {seen.packet_age_seconds:.0f} s")
    elif seen.keyframe_age_seconds is not None and seen.keyframe_age_seconds > keyframe_limit:
        yield Verdict("no_keyframe", f"no keyframe for {seen.keyframe_age_seconds:.0f} s; clips cannot be cut")


def _judge_writer(seen: Sighting) -> Iterator[Verdict]:
    if seen.writer_busy_seconds > STUCK_SECONDS:
        text = f"the card has answered nothing for {seen.writer_busy_seconds:.0f} s; starting anew"
        yield Verdict("writer_stuck", text, is_fatal=True)
    elif seen.writer_busy_seconds > SLOW_SECONDS:
        yield Verdict("writer_slow", f"the card has answered nothing for {seen.writer_busy_seconds:.0f} s")


class PacketPulse:
    """A sink that only remembers when packets and keyframes came. Written by the camera's thread."""

    def __init__(self) -> None:
        self.restart()

    def restart(self) -> None:
        """A new camera begins: nothing was seen of it yet."""
        self.packets = 0
        self.bytes = 0
        self.longest_gop_seconds = 0.0
        self.last_packet: float | None = None
        self.last_keyframe: float | None = None
        self.first_packet: float | None = None

    @property
    def bytes_per_second(self) -> float:
        """On average since the camera was opened; 0 before it has run for a second."""
        if self.first_packet is None or self.last_packet is None:
            return 0.0
        seconds = self.last_packet - self.first_packet
        return self.bytes / seconds if seconds >= 1 else 0.0

    def saw(self, now: float, size_bytes: int, *, is_keyframe: bool) -> None:
        """One packet has come at `now` (monotonic seconds)."""
        if is_keyframe:
            if self.last_keyframe is not None:
                self.longest_gop_seconds = max(self.longest_gop_seconds, now - self.last_keyframe)
            self.last_keyframe = now
        if self.first_packet is None:
            self.first_packet = now
        self.last_packet = now
        self.packets += 1
        self.bytes += size_bytes
