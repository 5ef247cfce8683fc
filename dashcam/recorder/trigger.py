"""What makes an event: something moved, somebody pressed, the car was hit."""

from __future__ import annotations

import msgspec

from dashcam.clips.event import EventCause


class Trigger(msgspec.Struct, frozen=True, kw_only=True):
    """One of them. A second one while an event lasts makes that longer."""

    cause: EventCause
    at_monotonic_ns: int
    """CLOCK_MONOTONIC of the picture in which it was seen, or of the press."""
    score: float = 0.0
    """0 to 100; the highest of an event is its peak."""
    before_seconds: float | None = None
    """None: as the settings say."""
    after_seconds: float | None = None
    is_saved: bool = False
    """Its clips are locked from the start."""
    words: str = ""
