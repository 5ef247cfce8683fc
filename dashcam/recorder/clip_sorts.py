"""What tells the clips of the loop and those of events apart; the writer is the same for both.

Every method is called in the writer's thread.
"""

from __future__ import annotations

from typing import Protocol

import msgspec

from dashcam.camera.base import Packet
from dashcam.clips.clip import ClipId, ClipKind
from dashcam.clips.event import EventFacts
from dashcam.clips.sidecar import Lock
from dashcam.clock import NANOSECONDS
from dashcam.recorder.card import Card, NewPlace
from dashcam.recorder.growing import Growing
from dashcam.recorder.happening import Happening
from dashcam.settings.schema import Settings


class Beginning(msgspec.Struct, frozen=True):
    """Where a clip goes, and what it is made for."""

    place: NewPlace
    event: EventFacts | None = None
    locked: Lock | None = None


class ClipSort(Protocol):
    """Where clips go and when they end."""

    kind: ClipKind

    def take(self, settings: Settings) -> None:
        """Other settings, for the open clip too."""

    def begin(self, first: Packet, speed: float) -> Beginning:
        """The clip that begins with this keyframe; the camera is played so many times as fast. Raises as Card does."""

    def is_full(self, growing: Growing, keyframe: Packet) -> bool:
        """Whether the next one begins with this keyframe."""

    def named(self) -> None:
        """The open clip is there to stay: it has its first fragment, and its name."""

    def end(self, growing: Growing) -> None:
        """It is closed: what is known only now is put down in it."""


class LoopClips:
    """As long as the settings say, one after the other."""

    kind: ClipKind = "loop"

    def __init__(self, card: Card) -> None:
        self._card = card
        self._segment_ns = 0

    def take(self, settings: Settings) -> None:
        """An open clip that is longer ends."""
        self._segment_ns = int(settings.recording.segment_seconds * NANOSECONDS)

    def begin(self, first: Packet, speed: float) -> Beginning:  # noqa: ARG002 its name needs no speed
        """Into VIDEO."""
        return Beginning(self._card.place_for_clip(first.captured_monotonic_ns))

    def is_full(self, growing: Growing, keyframe: Packet) -> bool:
        """True from half a frame before the full length: a camera's clock is not exact to the last digit."""
        return keyframe.pts_ns - growing.clip.start_ns >= self._segment_ns - keyframe.duration_ns // 2

    def named(self) -> None:
        """Nobody waits for one."""

    def end(self, growing: Growing) -> None:
        """All is known from the start."""


class EventClips:
    """One clip for each event, and another where it goes on for long, the camera was away or the card has failed."""

    kind: ClipKind = "event"

    def __init__(self, card: Card) -> None:
        self._card = card
        self._happening: Happening | None = None
        self._part = 0

    def turn_to(self, happening: Happening) -> None:
        """What is written from now on belongs to this event."""
        self._happening = happening

    def take(self, settings: Settings) -> None:
        """When a clip ends the event says."""

    def begin(self, first: Packet, speed: float) -> Beginning:
        """Into EVENT, its first clip with the id of the event."""
        happening = self._happening
        assert happening is not None, "packets of an event come behind it"
        is_first = happening.parts == 0
        place = self._card.place_for_event(
            first.captured_monotonic_ns, ClipId.parse(happening.id) if is_first else None
        )
        if is_first:
            happening.id = str(place.id)
        self._part = happening.parts + 1
        facts = happening.opening_facts(first.captured_monotonic_ns, speed, self._part)
        return Beginning(place, facts, happening.locked)

    def is_full(self, growing: Growing, keyframe: Packet) -> bool:  # noqa: ARG002 that is not asked here
        """It is ended by what stands in the queue."""
        return False

    def named(self) -> None:
        """Whoever waits for the event to be durable waits no longer."""
        if self._happening is not None:
            self._happening.parts = self._part
            self._happening.durable.set()

    def end(self, growing: Growing) -> None:
        """Triggers may have come since it began."""
        if self._happening is not None:
            growing.event = self._happening.closing_facts(growing, self._part)
            growing.locked = self._happening.locked
