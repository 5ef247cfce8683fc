"""The last seconds of encoded packets, always from a keyframe on: what was before something happened.

Bounded in seconds and in bytes. With long GOPs they may disagree, and then bytes win: the ring says what it keeps.
Packets are shared with the queues, not copied: what waits in a queue and lies in the ring, too, is in memory once.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator

import msgspec

from dashcam.camera.base import Packet
from dashcam.clock import NANOSECONDS
from dashcam.recorder.packet_queue import PACKET_OVERHEAD_BYTES, Gap

# A trigger comes later than what it has seen: a detector looks a few times a second, and confirms.
LATE_SECONDS = 1.0
# Where so little is missing nobody misses anything: an interval or two of a slow camera.
NEAR_SECONDS = 0.2


class _Gop(msgspec.Struct):
    """A keyframe and what follows it. A gap stands where frames are missing."""

    from_ns: int
    entries: list[Packet | Gap]
    bytes: int = 0


class PacketRing:
    """Used under the lock of its owner."""

    def __init__(self, seconds: float, limit_bytes: int) -> None:
        """`seconds` are asked for: a GOP more is held, since an event can only begin at a keyframe."""
        self.used_bytes = 0
        self._gops: deque[_Gop] = deque()
        self.newest_ns = 0
        """CLOCK_MONOTONIC of the last packet that came."""
        self._is_too_small = False
        """Something that was asked for had to go for want of memory, and the ring has not been long enough since."""
        self.take(seconds, limit_bytes)

    def take(self, seconds: float, limit_bytes: int) -> None:
        """Other bounds."""
        self.asked_seconds, self.limit_bytes = seconds, limit_bytes
        self._kept_ns = round((seconds + LATE_SECONDS) * NANOSECONDS)
        self._is_too_small = False
        self._forget_old()

    @property
    def seconds(self) -> float:
        """From the first packet that is held to the newest."""
        return (self.newest_ns - self._gops[0].from_ns) / NANOSECONDS if self._gops else 0.0

    @property
    def from_ns(self) -> int | None:
        """CLOCK_MONOTONIC of the first packet that is held; None while the ring is empty."""
        return self._gops[0].from_ns if self._gops else None

    def put(self, packet: Packet) -> None:
        """Adds a packet, and forgets what is too old or too much."""
        if packet.is_keyframe:
            self._gops.append(_Gop(packet.captured_monotonic_ns, []))
        elif not self._gops:
            return
        gop = self._gops[-1]
        cost = len(packet.data) + PACKET_OVERHEAD_BYTES
        gop.entries.append(packet)
        gop.bytes += cost
        self.used_bytes += cost
        self.newest_ns = packet.captured_monotonic_ns
        if packet.is_keyframe or self.used_bytes > self.limit_bytes:
            self._forget_old()

    def miss(self) -> None:
        """A frame of the camera never came here."""
        if self._gops:
            self._gops[-1].entries.append(Gap(1, 0))

    def clear(self) -> None:
        """Begins anew: what comes now cannot be joined to what was."""
        self._gops.clear()
        self.used_bytes = 0
        self._is_too_small = False

    def since(self, from_ns: int) -> Iterator[Packet | Gap]:
        """From the last keyframe at or before a moment of CLOCK_MONOTONIC, or else from the oldest one.

        Nothing where all that is held is older: the camera has been away, and what it sent before is another story.
        """
        if self.newest_ns < from_ns - round(LATE_SECONDS * NANOSECONDS):
            return
        starts = [gop.from_ns for gop in self._gops]
        first = max((number for number, start_ns in enumerate(starts) if start_ns <= from_ns), default=0)
        for number, gop in enumerate(self._gops):
            if number >= first:
                yield from gop.entries

    @property
    def words(self) -> str:
        """Why fewer seconds are held than asked for, as long as the camera sends; empty when they are not."""
        if self.seconds >= self.asked_seconds - NEAR_SECONDS:
            return ""
        why = self._reason(self.asked_seconds) or "the memory for them is being filled"
        return f"{int(self.seconds)} of {self.asked_seconds:g} seconds: {why}"

    def reason(self, asked_seconds: float) -> str:
        """Why the ring could not hold so many seconds, or did not, when something happened."""
        return self._reason(asked_seconds) or "the camera has not sent for longer"

    def _reason(self, asked_seconds: float) -> str:
        """Why it cannot hold so many; empty when it will in a while."""
        if self._is_too_small and not self._gops:
            return "from one keyframe to the next is more than the memory for them holds"
        if self._is_too_small:
            return "the memory for them is full"
        if asked_seconds > self.asked_seconds:
            return "no more are kept in memory"
        return ""

    def _forget_old(self) -> None:
        gops = self._gops
        while len(gops) > 1 and self.newest_ns - gops[1].from_ns >= self._kept_ns:
            self._drop_oldest()
        while gops and self.used_bytes > self.limit_bytes:
            self._is_too_small = True
            self._drop_oldest()
        if self.seconds >= self.asked_seconds:
            self._is_too_small = False

    def _drop_oldest(self) -> None:
        self.used_bytes -= self._gops.popleft().bytes
