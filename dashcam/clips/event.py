"""What happened, as sidecar and catalogue keep it: the event that a clip was made for, and what moved in it."""

from __future__ import annotations

from typing import Literal, get_args

import msgspec

# Why something is kept. button: pressed on the page, on the machine or in its case; api: asked by another program;
# hand: chosen by a person afterwards; motion: something moved; impact: the car was slowed down hard.
EventCause = Literal["button", "api", "hand", "motion", "impact"]
EVENT_CAUSES: tuple[EventCause, ...] = get_args(EventCause)

# A trace has no more points than this, however long its clip is: it must fit into the sidecar with all else.
MOST_TRACE_POINTS = 600
MOST_WINDOWS = 100


class EventFacts(msgspec.Struct, frozen=True, kw_only=True):
    """The event that a clip holds. Seconds are media seconds of this clip, scores 0 to 100."""

    cause: EventCause
    id: str
    """Of the first clip of the event: one that outlasts the longest length has several."""
    part: int = 1
    at_seconds: float
    """When it began; as many seconds before it are in the clip. 0 in later parts."""
    peak_seconds: float
    """Its strongest moment: the picture of it is the clip's thumbnail."""
    score: float = 0.0
    """At the peak; 0 where nothing is measured, as with a press on a button."""
    triggers: int = 1
    """How often it was triggered: overlapping ones make one event longer."""
    loop_id: str = ""
    """The loop clip that grew when it began, and when in it; empty where there was none, as while parked."""
    loop_seconds: float = 0.0
    found_later: bool = False
    """True when it was found in a clip that was recorded already."""
    words: str = ""
    """What people should know of it: fewer seconds before it than asked for, and why; 1.4 g."""


class MotionWindow(msgspec.Struct, frozen=True, array_like=True):
    """From when to when something moved, in media seconds of the clip, and how strongly at most."""

    from_seconds: float
    to_seconds: float
    score: float


class MotionTrace(msgspec.Struct, frozen=True, kw_only=True):
    """What moved in a clip. One without windows was looked at, and nothing moved."""

    seen: Literal["live", "scan"]
    """While it was recorded, or afterwards."""
    step_seconds: float
    """A score each so many seconds."""
    scores: tuple[int, ...] = ()
    """The highest score in each step, 0 to 100. In the catalogue's rows there are none."""
    windows: tuple[MotionWindow, ...] = ()
    looked_seconds: float = 0.0
    """So much of the clip was looked at: less than all where detection was switched on or off in the middle."""
    wish: str = ""
    """Tells the settings that it was looked at with from others; empty where that is not known."""
