"""Something that moves all the time, as a tree in the wind does: it fills the room of events with nothing."""

from __future__ import annotations

from typing import NamedTuple

from dashcam.clock import NANOSECONDS

# So long without motion is a rest: an event ends then, as the settings are at first.
_REST_NS = 20 * NANOSECONDS
_LONG_NS = 600 * NANOSECONDS


class _Motion(NamedTuple):
    from_ns: int
    to_ns: int


class Unrest:
    """Written by one thread, read by any. Times are CLOCK_MONOTONIC, in nanoseconds."""

    def __init__(self) -> None:
        self._motion: _Motion | None = None

    def moved(self, at_ns: int) -> None:
        """Something has moved at this moment."""
        last = self._motion
        goes_on = last is not None and last.to_ns <= at_ns <= last.to_ns + _REST_NS
        self._motion = _Motion(last.from_ns if last is not None and goes_on else at_ns, at_ns)

    def words(self, now_ns: int) -> str:
        """What may be done against it; empty unless it has gone on for long and goes on still."""
        motion = self._motion
        if motion is None or motion.to_ns - motion.from_ns <= _LONG_NS or now_ns > motion.to_ns + _REST_NS:
            return ""
        return (
            "Something has moved for more than ten minutes without a rest, and all of it is kept: "
            "draw zones to leave out what always moves"
        )
