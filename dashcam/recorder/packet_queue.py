"""The memory between camera and card: bounded in bytes, and where it is not enough, whole GOPs go missing, counted."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterable
from typing import Protocol

import msgspec

from dashcam.camera.base import CameraFacts, Packet

# What a queued packet costs beside its bytes: the objects around it.
PACKET_OVERHEAD_BYTES = 400
# Room asked for a GOP before one was seen: a 1 s GOP at 8 Mbit/s is 1 MB.
_FIRST_GUESS_PARTS = 8


class Gap(msgspec.Struct, frozen=True):
    """Before here `frames` are missing: `gops` whole groups for which the card was too slow, else single ones."""

    frames: int
    gops: int


class NewFormat(msgspec.Struct, frozen=True):
    """From here on packets come from this camera; the open clip ends before it."""

    facts: CameraFacts


class Settable(Protocol):
    """An event that somebody waits for, or a part of one."""

    def set(self) -> None:
        """It has come."""


class EndClip(msgspec.Struct, frozen=True):
    """The open clip ends here (stopped by hand, camera lost, shutting down)."""

    done: Settable


class AtTurn(msgspec.Struct, frozen=True):
    """What the writer calls when all before it is written."""

    run: Callable[[], None]


Marker = Gap | NewFormat | EndClip | AtTurn
Entry = Packet | Marker


class CameraQueue(Protocol):
    """What a camera's packets are put into."""

    def put(self, packet: Packet) -> None:
        """Called in the camera's thread; returns at once."""

    def miss(self) -> None:
        """A frame never came."""

    def put_marker(self, marker: NewFormat | EndClip) -> None:
        """Another camera, or none any more."""


class PacketQueue:
    """Fed by the camera's thread, emptied by the writer's. The lock is held for a few lines, never across I/O."""

    def __init__(self, limit_bytes: int) -> None:
        self.limit_bytes = limit_bytes
        self.high_water_bytes = 0
        self.dropped_frames = 0
        self.dropped_gops = 0
        self.frames_received = 0
        self.newest_captured_ns = 0
        """CLOCK_MONOTONIC of the newest frame that it took, whatever became of that."""
        self._changed = threading.Condition()
        self._entries: deque[Entry] = deque()
        self._used_bytes = 0
        self._gop_bytes = 0
        self._largest_gop_bytes = limit_bytes // _FIRST_GUESS_PARTS
        self._seen_whole_gop = False
        self._gap_frames = 0
        self._gap_gops = 0
        self._is_dropping = False
        self._is_open = False
        self._awaits_keyframe = True
        self._taken_already: Packet | None = None
        self._due_dts_ns = 0

    @property
    def used_bytes(self) -> int:
        """Bytes that wait for the card now."""
        return self._used_bytes

    @property
    def is_dropping(self) -> bool:
        """True while whole GOPs go missing."""
        return self._is_dropping

    def open(self, held: Iterable[Packet | Gap] = ()) -> None:
        """Takes packets from the next keyframe on; `held`: what was kept for it since an earlier one, before all else.

        The camera may be just about to put the last of these, too: it is taken once.
        """
        with self._changed:
            self._is_open = True
            self._awaits_keyframe = True
            self._gop_bytes = 0
            last: Packet | None = None
            for entry in held:
                if isinstance(entry, Packet):
                    self._take_in(entry)
                    last = entry
                else:
                    self._count_missing(entry.frames)
            self._taken_already = last

    def shut(self) -> None:
        """Ignores packets until opened again: nothing is recorded now, and nothing counts as lost."""
        with self._changed:
            self._is_open = False
            self._is_dropping = False

    def put(self, packet: Packet) -> None:
        """Adds a packet, or counts it as lost; never blocks."""
        with self._changed:
            taken_already, self._taken_already = self._taken_already, None
            if self._is_open and packet is not taken_already:
                self._take_in(packet)

    def miss(self) -> None:
        """A frame of the camera never came here: it counts as lost."""
        with self._changed:
            if self._is_open:
                self._count_missing(1)

    def put_marker(self, marker: NewFormat | EndClip | AtTurn) -> None:
        """Adds a marker behind the packets that wait; always has room."""
        with self._changed:
            self._flush_gap()
            self._entries.append(marker)
            self._changed.notify()

    def take(self, limit_seconds: float, due_dts_ns: int = 0) -> Entry | None:
        """The next entry, or None when none came within the limit.

        While nothing waits it returns for a keyframe, a marker, a packet with that decoding time or a later one,
        `wake`, or whatever came when the limit is over: waking a thread costs more than writing a packet does
        (measured: 110 against 30 microseconds), and what ends no fragment reaches the card no sooner for it.
        """
        with self._changed:
            self._due_dts_ns = due_dts_ns
            if not self._entries:
                self._changed.wait(limit_seconds)
            if not self._entries:
                return None
            entry = self._entries.popleft()
            if isinstance(entry, Packet):
                self._used_bytes -= len(entry.data) + PACKET_OVERHEAD_BYTES
            return entry

    def wake(self) -> None:
        """Makes a waiting `take` return at once."""
        with self._changed:
            self._changed.notify()

    def _take_in(self, packet: Packet) -> None:
        if self._awaits_keyframe and not packet.is_keyframe:
            return
        self._awaits_keyframe = False
        self.frames_received += 1
        self.newest_captured_ns = packet.captured_monotonic_ns
        if packet.is_keyframe:
            self._begin_gop()
        cost = len(packet.data) + PACKET_OVERHEAD_BYTES
        if not self._is_dropping and self._used_bytes + cost > self.limit_bytes:
            self._give_up_gop()
        if self._is_dropping:
            self._gap_frames += 1
            self.dropped_frames += 1
            return
        self._gop_bytes += cost
        self._used_bytes += cost
        self.high_water_bytes = max(self.high_water_bytes, self._used_bytes)
        self._entries.append(packet)
        if packet.is_keyframe or packet.dts_ns >= self._due_dts_ns:
            self._changed.notify()

    def _count_missing(self, frames: int) -> None:
        if self._awaits_keyframe:
            return
        self.frames_received += frames
        self.dropped_frames += frames
        self._gap_frames += frames
        if not self._is_dropping:
            self._flush_gap()

    def _begin_gop(self) -> None:
        """A GOP is taken whole or not at all: it begins only where the largest one seen would fit."""
        if self._gop_bytes:
            known = self._largest_gop_bytes if self._seen_whole_gop else 0
            self._largest_gop_bytes = max(known, self._gop_bytes)
            self._seen_whole_gop = True
        self._gop_bytes = 0
        room = self.limit_bytes - self._used_bytes
        if self._used_bytes and room < self._largest_gop_bytes:
            self._is_dropping = True
            self._gap_gops += 1
            self.dropped_gops += 1
        elif self._is_dropping:
            self._is_dropping = False
        if not self._is_dropping:
            self._flush_gap()

    def _give_up_gop(self) -> None:
        """A GOP larger than all before it does not fit: what waits of it goes too, as far as it is still here."""
        self._is_dropping = True
        self._gap_gops += 1
        self.dropped_gops += 1
        while self._entries and isinstance(packet := self._entries[-1], Packet):
            self._entries.pop()
            self._used_bytes -= len(packet.data) + PACKET_OVERHEAD_BYTES
            self._gap_frames += 1
            self.dropped_frames += 1
            if packet.is_keyframe:
                break
        self._gop_bytes = 0

    def _flush_gap(self) -> None:
        if self._gap_frames:
            self._entries.append(Gap(self._gap_frames, self._gap_gops))
            self._gap_frames = self._gap_gops = 0
