"""Which pictures are looked at, when there are more than are wanted."""

from __future__ import annotations

# Times in files are rounded to their ticks: a picture so much too early is the one that was meant.
_TOLERANCE_SECONDS = 0.002


class Cadence:
    """Picks so many pictures a second by their times, evenly on the whole whatever the rate of the video. Pure.

    Live and in files the same, so that a detector sees the same pictures.
    """

    def __init__(self, rate: float) -> None:
        """`rate`: pictures a second; a video with fewer gives all it has."""
        self._step = 1 / rate
        self._next: float | None = None

    def is_due(self, seconds: float) -> bool:
        """True when the picture of that time is to be looked at; times that do not rise are not."""
        if self._next is None:
            self._next = seconds + self._step
            return True
        if seconds < self._next - _TOLERANCE_SECONDS:
            return False
        # After a late one the next comes on time again; after a pause none are made up for.
        self._next = max(self._next + self._step, seconds + self._step / 2)
        return True
