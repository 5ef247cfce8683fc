"""Save: what was recorded before the press and what follows is kept, and that is durable before it is confirmed.

While the loop records, the keeper cuts the stretch out of it later. While only events are recorded, a save is one.
"""

from __future__ import annotations

import errno
import logging
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple, Protocol

import msgspec

from dashcam.clips.save_request import SaveRequest, SaveRequests
from dashcam.clock import NANOSECONDS, utc_text
from dashcam.errors import BadRequest, CardError, NotRecording
from dashcam.link.messages import Saved
from dashcam.recorder.growing import Growing, Span
from dashcam.recorder.trigger import Trigger

if TYPE_CHECKING:
    from dashcam.clips.event import EventCause
    from dashcam.link.status import EventStatus, RingStatus
    from dashcam.recorder.mode_duty import ModeDuty
    from dashcam.recorder.numbering import Numbering
    from dashcam.recorder.timekeeper import Timekeeper
    from dashcam.recorder.trouble import Trouble
    from dashcam.recorder.writer import ClipWriter
    from dashcam.settings.schema_events import EventsSettings

log = logging.getLogger(__name__)

# As in the settings.
MOST_BEFORE_SECONDS, MOST_AFTER_SECONDS = 3600.0, 600.0
# Between two clips there is a frame's time, and while the writer changes clips the newest frames wait in memory.
_JOINED_NS = NANOSECONDS
# So much less than asked for is no news: a GOP may begin anywhere.
_LITTLE_SECONDS = 1.0
# Until an event's first fragment is on a card that is in order; nobody who presses waits longer.
_EVENT_SECONDS = 4.0


_NOT_THERE_YET = "nothing of it is on the card yet: are card and camera in order?"


class Events(Protocol):
    """As much of the events as a save needs."""

    def trigger(self, trigger: Trigger, /) -> EventStatus:
        """Begins an event, or makes the one that lasts longer. Raises NotRecording."""

    def wait_durable(self, seconds: float, /) -> bool:
        """Waits until the newest event has begun to be durable. False when it has not within the limit."""

    def status(self) -> EventStatus | None:
        """The running event."""

    def ring(self) -> RingStatus:
        """What is held for an event."""

    def held(self) -> tuple[int, int] | None:
        """From when to when the ring goes; None while it is empty."""

    def spans(self) -> list[Span]:
        """What is on the card of them."""

    @property
    def count(self) -> int:
        """How many there were."""

    @property
    def trouble(self) -> Trouble | None:
        """Why none can be written."""

    @property
    def lost_frames(self) -> int:
        """What a slow or failing card has cost them."""


class Stretch(NamedTuple):
    """What the loop has of a range of time."""

    clip_ids: tuple[str, ...]
    seconds: float
    """Recorded without a break up to the end of the range."""
    end_ns: int
    """Of what is recorded of it."""


def stretch_of(spans: Iterable[Span], from_ns: int, to_ns: int) -> Stretch:
    """The clips in the range, in their order, and how far they reach back from its end without a break.

    Clips of events may overlap others: they come in the order in which they end.
    """
    inside = [span for span in spans if span.to_ns >= from_ns and span.from_ns <= to_ns]
    if not inside:
        return Stretch((), 0.0, 0)
    end_ns = min(inside[-1].to_ns, to_ns)
    begin_ns = inside[-1].from_ns
    for span in reversed(inside):
        if begin_ns - span.to_ns > _JOINED_NS:
            break
        begin_ns = min(begin_ns, span.from_ns)
    ids = tuple(dict.fromkeys(span.id for span in inside))
    return Stretch(ids, max(end_ns - max(begin_ns, from_ns), 0) / NANOSECONDS, end_ns)


def words_of_less(seconds: float, asked: float, why: str) -> str:
    """Says why there is less before the press than was asked for, not how much; empty when there is about as much."""
    return "" if seconds >= asked - _LITTLE_SECONDS else f"not all of the {asked:g} s asked for: {why}"


class Saver:
    """Called in the threads of clients and sensors, several at a time."""

    def __init__(
        self,
        settings: Callable[[], EventsSettings],
        *,
        writer: ClipWriter,
        modes: ModeDuty,
        events: Events,
        clock: Timekeeper,
        numbering: Numbering,
        saves: SaveRequests,
        state: Path,
        state_is_there: Callable[[], bool],
    ) -> None:
        """`state_is_there`: False when the state folder lies on a card that is gone."""
        self._settings = settings
        self._writer = writer
        self._modes = modes
        self._events = events
        self._clock = clock
        self._numbering = numbering
        self._saves = saves
        self._state = state
        self._state_is_there = state_is_there
        self._saved_ids: tuple[str, ...] = ()
        self._saved_until_ns = 0

    def is_saved(self, clip_id: str, started_monotonic_ns: int | None) -> bool:
        """Whether something of this clip was saved at the last press."""
        return clip_id in self._saved_ids or (started_monotonic_ns or self._saved_until_ns) < self._saved_until_ns

    def save(self, cause: EventCause, before_seconds: float | None = None, after_seconds: float | None = None) -> Saved:
        """Durable when it returns, whatever becomes of the keeper. Raises NotRecording, CardError or BadRequest."""
        settings = self._settings()
        before = settings.save_before_seconds if before_seconds is None else before_seconds
        after = settings.save_after_seconds if after_seconds is None else after_seconds
        if not (0 <= before <= MOST_BEFORE_SECONDS and 0 <= after <= MOST_AFTER_SECONDS):
            limits = f"{MOST_BEFORE_SECONDS:g} seconds before and {MOST_AFTER_SECONDS:g} after"
            raise BadRequest(f"{before:g} seconds before and {after:g} after cannot be saved; ask for at most {limits}")
        at_ns = time.monotonic_ns()
        if self._modes.is_wanted and self._modes.status.mode == "park":
            return self._save_event(cause, at_ns, before, after)
        return self._save_stretch(cause, at_ns, before, after)

    def _save_stretch(self, cause: EventCause, at_ns: int, before: float, after: float) -> Saved:
        from_ns = at_ns - round(before * NANOSECONDS)
        growing, spans = self._loop_until(at_ns)
        goes_on = self._modes.records_loop
        found = stretch_of(spans, from_ns, at_ns)
        if not found.clip_ids:
            when = f"the last {before:g} seconds" if spans else "this time"
            raise NotRecording(f"nothing has been recorded in {when}; there is nothing to save yet")
        if not goes_on:
            after = 0.0
        words = words_of_less(found.seconds, before, "nothing older was recorded" if goes_on else "it was stopped")
        request = self._request(
            cause,
            at_ns,
            kind="cut",
            clip_ids=found.clip_ids,
            from_ns=from_ns,
            to_ns=at_ns + round(after * NANOSECONDS) if goes_on else found.end_ns,
            loop_id=growing.tag.id if growing is not None else "",
            words=words,
        )
        return self._write_down(request, min(found.seconds, before), after)

    def _save_event(self, cause: EventCause, at_ns: int, before: float, after: float) -> Saved:
        from_ns = at_ns - round(before * NANOSECONDS)
        held = self._events.held()
        earlier = [*self._loop_until(at_ns)[1], *self._events.spans()]
        event = self._events.trigger(
            Trigger(cause=cause, at_monotonic_ns=at_ns, before_seconds=before, after_seconds=after, is_saved=True)
        )
        if held is not None:
            earlier.append(Span(event.id, *held))
        found = stretch_of(sorted(earlier, key=lambda span: span.to_ns), from_ns, at_ns)
        request = self._request(
            cause,
            at_ns,
            kind="lock",
            # The clip of now, and those that the car was just parked with, or that an event has just ended with.
            clip_ids=tuple(dict.fromkeys((event.id, *found.clip_ids))),
            from_ns=max(from_ns, found.end_ns - round(found.seconds * NANOSECONDS)),
            to_ns=at_ns + round(after * NANOSECONDS),
            words=words_of_less(found.seconds, before, "while parked, memory holds no more"),
        )
        saved = self._write_down(request, min(found.seconds, before), after)
        is_there = self._events.wait_durable(_EVENT_SECONDS)
        trouble = self._events.trouble
        if is_there and trouble is None:
            return saved
        if not is_there and trouble is not None and set(request.clip_ids) <= {event.id}:
            self._take_back(request)
            raise CardError(f"nothing can be kept now: {trouble.reason}")
        why = _NOT_THERE_YET if trouble is None else trouble.reason
        return msgspec.structs.replace(saved, words=f"{saved.words}; {why}".removeprefix("; "))

    def _take_back(self, request: SaveRequest) -> None:
        """What comes of its event, should the card take it after all, is locked without it."""
        self._saved_ids, self._saved_until_ns = (), 0
        try:
            self._saves.done(request)
        except OSError as error:
            log.warning("save %s stays written down (%s)", request.id, error)

    def _loop_until(self, at_ns: int) -> tuple[Growing | None, list[Span]]:
        """The loop's open clip, and all that there is of the loop up to now."""
        # In this order: a clip that is closed meanwhile is in one of them, or in both.
        growing = self._writer.growing
        spans = list(self._writer.recent)
        if growing is not None:
            spans = [span for span in spans if span.id != growing.tag.id]
            spans.append(Span(growing.tag.id, growing.first_captured_ns, at_ns))
        return growing, spans

    def _request(
        self,
        cause: EventCause,
        at_ns: int,
        *,
        kind: Literal["cut", "lock"],
        clip_ids: tuple[str, ...],
        from_ns: int,
        to_ns: int,
        loop_id: str = "",
        words: str = "",
    ) -> SaveRequest:
        anchor = self._clock.anchor()
        return SaveRequest(
            id=str(self._numbering.next_id()),
            clip_ids=clip_ids,
            cause=cause,
            requested_utc=None if anchor.source == "none" else utc_text(anchor.utc_ns_at(at_ns)),
            kind=kind,
            from_monotonic_ns=from_ns,
            to_monotonic_ns=to_ns,
            at_monotonic_ns=at_ns,
            loop_id=loop_id,
            words=words,
        )

    def _write_down(self, request: SaveRequest, before: float, after: float) -> Saved:
        try:
            if not self._state_is_there():
                raise FileNotFoundError(errno.ENOENT, "the card it lies on is gone", str(self._state))
            self._saves.add(request)
        except OSError as error:
            raise CardError(f"the save could not be written down ({error}); check the state folder") from error
        self._saved_ids, self._saved_until_ns = request.clip_ids, request.to_monotonic_ns
        log.info("saved %.0f s before and %.0f s after now, in clips %s (%s)", before, after,
                 _listed(request.clip_ids), request.cause)  # fmt: skip
        return Saved(
            id=request.id,
            clip_ids=request.clip_ids,
            before_seconds=round(before, 1),
            after_seconds=round(after, 1),
            words=request.words,
        )


def _listed(ids: Sequence[str]) -> str:
    return ", ".join(ids) if len(ids) <= 3 else f"{ids[0]} to {ids[-1]}"
