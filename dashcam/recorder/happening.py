"""One event while it is recorded: what is known of it so far, and what its clips' sidecars say of it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import NamedTuple

from dashcam.clips.event import EventCause, EventFacts
from dashcam.clips.sidecar import Lock
from dashcam.clock import NANOSECONDS
from dashcam.link import messages as m
from dashcam.recorder.growing import Growing
from dashcam.recorder.ring import NEAR_SECONDS
from dashcam.recorder.trigger import Trigger

# Of all triggers within so long only the strongest is remembered: a storm of them lasts for hours.
_PEAK_NS = NANOSECONDS
# Moved again after so long, it is another trigger.
_SAME_NS = 2 * NANOSECONDS
# A trigger with every picture may have other words each time.
_MOST_WORDS = 4


class LoopMoment(NamedTuple):
    """The loop clip that grew at a moment, and when in it; empty where there was none."""

    id: str = ""
    seconds: float = 0.0


# Where in the loop a moment of CLOCK_MONOTONIC is, as far as it is known now.
LoopAt = Callable[[int], LoopMoment]


class _Peak(NamedTuple):
    at_ns: int
    score: float


class Happening:
    """Any thread may use it; a lock is held for lines."""

    def __init__(
        self, clip_id: str, trigger: Trigger, *, before_seconds: float, loop_at: LoopAt, shortage: str, utc: str | None
    ) -> None:
        """`shortage`: why fewer than `before_seconds` may be had of the ring, in words."""
        self.id = clip_id
        self.cause: EventCause = trigger.cause
        self.at_ns = trigger.at_monotonic_ns
        self.before_seconds = before_seconds
        self.triggers = 0
        self.parts = 0
        """Files that there are of it."""
        self.locked: Lock | None = None
        self.durable = threading.Event()
        """Set once the first fragment of it is durable."""
        self._loop_at = loop_at
        self._loop = loop_at(self.at_ns)
        self._shortage = shortage
        self._words: list[str] = []
        self._peaks: list[_Peak] = []
        self._seen_ns = 0
        self.score = 0.0
        """Of its strongest moment so far."""
        self._lock = threading.Lock()
        self.add(trigger, utc)

    def add(self, trigger: Trigger, utc: str | None) -> None:
        """One more trigger. Somebody's press and an impact say more of why it is kept than what moved did."""
        with self._lock:
            seen_before, self._seen_ns = self._seen_ns, max(self._seen_ns, trigger.at_monotonic_ns)
            # What moves is seen in one picture after the other; each press counts.
            goes_on = trigger.cause == "motion" and trigger.at_monotonic_ns - seen_before < _SAME_NS
            self.triggers += not (goes_on and self.triggers)
            if trigger.is_saved and self.locked is None:
                self.cause = trigger.cause
                self.locked = Lock(cause=trigger.cause, utc=utc)
            self.score = max(self.score, trigger.score)
            if trigger.words and trigger.words not in self._words and len(self._words) < _MOST_WORDS:
                self._words.append(trigger.words)
            peak = _Peak(trigger.at_monotonic_ns, trigger.score)
            last = self._peaks[-1] if self._peaks else None
            if last is not None and peak.at_ns - last.at_ns < _PEAK_NS:
                self._peaks[-1] = max(last, peak, key=lambda known: known.score)
            else:
                self._peaks.append(peak)

    def status(self, now_ns: int) -> m.EventStatus:
        """As others may know it."""
        return m.EventStatus(
            id=self.id,
            cause=self.cause,
            seconds=round(max(now_ns - self.at_ns, 0) / NANOSECONDS, 1),
            score=self.score,
            triggers=self.triggers,
            is_durable=self.durable.is_set(),
        )

    def opening_facts(self, first_captured_ns: int, speed: float, part: int) -> EventFacts:
        """What the tag of a file that begins now says, which a power cut may leave as all there is."""
        at_seconds, score = 0.0, 0.0
        if part == 1:
            at_seconds = round(max(self.at_ns - first_captured_ns, 0) / NANOSECONDS * speed, 3)
            score = self.score
        return self._facts(at_seconds, at_seconds, score, part, first_captured_ns)

    def closing_facts(self, growing: Growing, part: int) -> EventFacts:
        """What the sidecar of a file says that is just being closed."""
        first_ns, last_ns = growing.first_captured_ns, growing.last_captured_ns
        with self._lock:
            here = [peak for peak in self._peaks if peak.at_ns <= last_ns and (part == 1 or peak.at_ns >= first_ns)]
            self._peaks = [peak for peak in self._peaks if peak.at_ns > last_ns]
        peak = max(here, key=lambda known: known.score, default=_Peak(first_ns, 0.0))
        at_seconds = growing.media_seconds(self.at_ns) if part == 1 else 0.0
        # The loop's writer is a moment behind: near the end of a clip it was not known yet which one it would be.
        loop = self._loop_at(self.at_ns)
        self._loop = loop if loop.id else self._loop
        return self._facts(at_seconds, growing.media_seconds(peak.at_ns), peak.score, part, first_ns)

    def _facts(
        self, at_seconds: float, peak_seconds: float, score: float, part: int, first_captured_ns: int
    ) -> EventFacts:
        with self._lock:
            words = list(self._words)
        before_seconds = max(self.at_ns - first_captured_ns, 0) / NANOSECONDS
        if part == 1 and before_seconds < self.before_seconds - NEAR_SECONDS:
            why = self._shortage or "the card was too slow for more"
            words.append(f"{round(before_seconds, 1):g} of {self.before_seconds:g} seconds before it: {why}")
        return EventFacts(
            cause=self.cause,
            id=self.id,
            part=part,
            at_seconds=at_seconds,
            peak_seconds=peak_seconds,
            score=score,
            triggers=self.triggers,
            loop_id=self._loop.id if part == 1 else "",
            loop_seconds=self._loop.seconds if part == 1 else 0.0,
            words="; ".join(words),
        )
