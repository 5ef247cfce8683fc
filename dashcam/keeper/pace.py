"""A replay may be played faster than it was: then a second of its clips is less than one of the clock on the wall."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from dashcam.clips.sidecar import Sidecar
from dashcam.clips.track_log import LogEntry
from dashcam.clock import NANOSECONDS

# A camera's clock and the machine's may differ by far less; such clips are left as they are.
_LEAST_DIFFERENCE = 0.02
# Of a clip that is hardly begun nobody can tell.
_LEAST_NS = NANOSECONDS // 10
_NANOSECONDS_PER_MILLISECOND = 1_000_000


@dataclass(frozen=True, slots=True)
class Pace:
    """Nanoseconds of video for one of CLOCK_MONOTONIC, from the clip's first frame on."""

    start_ns: int
    rate: float

    def clock_ns(self, video_ns: int) -> int:
        """The moment at which a moment of the video was played; both count from the same start."""
        return self.start_ns + round((video_ns - self.start_ns) / self.rate)

    def in_video(self, entry: LogEntry) -> LogEntry:
        """The entry as if it had come at the video's own pace."""
        video_ns = self.start_ns + (entry.monotonic_ns - self.start_ns) * self.rate
        return msgspec.structs.replace(entry, monotonic_ms=round(video_ns / _NANOSECONDS_PER_MILLISECOND))


def pace_of(sidecar: Sidecar) -> Pace | None:
    """The pace of a clip that was not recorded as fast as it plays; None for all others."""
    start_ns, end_ns = sidecar.started_monotonic_ns, sidecar.ended_monotonic_ns
    if start_ns is None or end_ns is None or sidecar.frames < 2:
        return None
    clock_ns = end_ns - start_ns
    # From the first frame to the last, not to the end of that.
    video_ns = sidecar.duration_seconds * NANOSECONDS * (sidecar.frames - 1) / sidecar.frames
    if min(clock_ns, video_ns) < _LEAST_NS:
        return None
    rate = video_ns / clock_ns
    return Pace(start_ns, rate) if abs(rate - 1) > _LEAST_DIFFERENCE else None
