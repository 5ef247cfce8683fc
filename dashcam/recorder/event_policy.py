"""When an event begins, goes on, goes on in another file, and ends. Pure: triggers and times go in, steps come out.

All times are CLOCK_MONOTONIC of frames, in nanoseconds. Triggers that overlap make one event longer. One that comes
when the last event is over makes another, which begins as many seconds before it as were asked for, even where these
are in the last event's file, too: each file is whole by itself. Only what was seen during an event and is told a moment
after its end still belongs to it.
"""

from __future__ import annotations

from typing import Literal

from dashcam.clock import NANOSECONDS
from dashcam.recorder.ring import LATE_SECONDS

# skip: no event; write: the frame belongs to it; split: it does, and begins another file; wait: only if a late trigger
# makes it longer; end: it was over before.
Step = Literal["skip", "write", "split", "wait", "end"]

# When a picture was taken is not known to the digit: half a frame early is nearer than a whole GOP late.
_NEAR_NS = 15_000_000
_LATE_NS = round(LATE_SECONDS * NANOSECONDS)


class EventPolicy:
    """One event at a time. Used under the lock of its owner."""

    def __init__(self, longest_seconds: float) -> None:
        """`longest_seconds`: from so much on a file ends at the next keyframe, and the event goes on in another.

        The first one counts from the trigger: however long was before it, what has happened is in it.
        """
        self.until_ns: int | None = None
        """The event lasts up to here, this moment included; None: there is none."""
        self._file_from_ns: int | None = None
        self._begun_ns = 0
        self.take(longest_seconds)

    def take(self, longest_seconds: float) -> None:
        """Another longest length, for the file that grows, too."""
        self._longest_ns = round(longest_seconds * NANOSECONDS)

    def trigger(self, at_ns: int, after_seconds: float) -> Literal["begin", "extend"]:
        """Something has happened: a new event, or more of the one that lasts."""
        until_ns = at_ns + round(after_seconds * NANOSECONDS)
        if self.until_ns is not None and at_ns <= self.until_ns:
            self.until_ns = max(self.until_ns, until_ns)
            return "extend"
        self.until_ns = until_ns
        self._file_from_ns = None
        self._begun_ns = at_ns
        return "begin"

    def see(self, captured_ns: int, *, is_keyframe: bool) -> Step:
        """What becomes of the next frame."""
        if self.until_ns is None:
            return "skip"
        if self.until_ns < captured_ns <= self.until_ns + _LATE_NS:
            return "wait"
        if captured_ns > self.until_ns:
            self.until_ns = None
            return "end"
        if is_keyframe and self._file_from_ns is None:
            self._file_from_ns = captured_ns
        elif is_keyframe and self._is_full(captured_ns):
            self._file_from_ns = captured_ns
            return "split"
        return "write"

    def _is_full(self, captured_ns: int) -> bool:
        from_ns = self._file_from_ns
        return from_ns is not None and captured_ns - max(from_ns, self._begun_ns) >= self._longest_ns - _NEAR_NS

    def break_off(self) -> None:
        """The file ends here, for the camera does: what comes next, if it belongs to the event, begins another one."""
        self._file_from_ns = None

    def stop(self) -> None:
        """There is no event any more."""
        self.until_ns = None
