"""What is known of the clip that a cut becomes, by what is known of the clips that it is cut from: pure decisions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import ceil

import msgspec

from dashcam.clips.clip import ClipId
from dashcam.clips.event import MOST_TRACE_POINTS, MOST_WINDOWS, EventFacts, MotionTrace, MotionWindow
from dashcam.clips.save_request import SaveRequest
from dashcam.clips.sidecar import ClipTag, Lock, Sidecar
from dashcam.clock import NANOSECONDS, utc_ns_of, utc_text
from dashcam.keeper.cut_pieces import Piece
from dashcam.media.jobs import CutMade
from dashcam.place import Place

# A place from so long before the first frame is not where that was taken.
_SAME_PLACE_SECONDS = 2.0
# What moves from one clip into the next is one thing.
_TOUCHING_SECONDS = 0.25


@dataclass(frozen=True, slots=True)
class CutClip:
    """The clip that pieces become: the first begins `start_seconds` after its source does."""

    id: str
    request: SaveRequest
    pieces: tuple[Piece, ...]
    start_seconds: float
    place: Place | None = None

    @property
    def first(self) -> Sidecar:
        """Of the clip that it begins in."""
        return self.pieces[0].source.sidecar

    def shift_of(self, piece: Piece) -> float:
        """To be added to the media seconds of the source for those of this clip."""
        return piece.starts_at - self.start_seconds

    @property
    def started_monotonic_ns(self) -> int | None:
        """CLOCK_MONOTONIC of its first frame."""
        return self.pieces[0].source.moment_at(self.start_seconds)

    @property
    def started_utc_ns(self) -> int | None:
        """UTC of its first frame, as far as its source knows its own."""
        try:
            began_ns = None if self.first.started_utc is None else utc_ns_of(self.first.started_utc)
        except (ValueError, OverflowError):
            return None  # somebody has written into the sidecar
        rate = self.pieces[0].source.rate
        return None if began_ns is None else began_ns + round(self.start_seconds / rate * NANOSECONDS)

    @property
    def lock(self) -> Lock | None:
        """What moved is not saved by that alone."""
        cause = self.request.cause
        return None if cause == "motion" else Lock(cause=cause, utc=self.request.requested_utc)

    def event(self) -> EventFacts:
        """The event that it holds."""
        request, piece, at = self.request, *self._at()
        shift = self.shift_of(piece)
        peak = self.request.peak_seconds
        first = self.pieces[0]
        is_of_loop = piece.source.sidecar.event is None and piece.source.sidecar.started_monotonic_ns is not None
        return EventFacts(
            cause=request.cause,
            id=self.id,
            at_seconds=rounded(at + shift),
            peak_seconds=rounded(at + shift if peak is None else peak + self.shift_of(first)),
            score=request.score,
            loop_id=piece.source.sidecar.id if is_of_loop else "",
            loop_seconds=rounded(at) if is_of_loop else 0.0,
            found_later=bool(request.parts) and request.cause == "motion",
            words=request.words,
        )

    def _at(self) -> tuple[Piece, float]:
        """When it began: in which piece, in media seconds of its source."""
        request, first = self.request, self.pieces[0]
        if request.parts:
            wanted = request.parts[0].from_seconds if request.at_seconds is None else request.at_seconds
            at = max(wanted or 0.0, self.start_seconds)
            # On the clock of the first; it may have begun in one that follows.
            found = (piece for piece in reversed(self.pieces) if piece is first or piece.starts_at <= at)
            piece = next(found, first)
            return piece, at if piece is first else at - piece.starts_at
        for piece in reversed(self.pieces):
            seconds = piece.source.seconds_at(request.at_monotonic_ns)
            if seconds >= 0:
                return piece, min(seconds, piece.source.sidecar.duration_seconds)
        return first, self.start_seconds

    def tag(self) -> ClipTag:
        """What its file itself says."""
        return ClipTag(
            id=self.id,
            camera=self.first.camera,
            started_utc=self._started_utc(),
            started_monotonic_ns=self.started_monotonic_ns,
            clock_source=self.first.clock_source,
            zone=self.first.zone,
            media_start_ns=self._media_start_ns(),
            place=self.place,
            event=self.event(),
            locked=self.lock,
        )

    def sidecar(self, made: CutMade) -> Sidecar:
        """What stands beside it."""
        last = self.pieces[-1]
        event = self.event()
        return Sidecar(
            id=self.id,
            kind="event",
            camera=self.first.camera,
            integrity="closed",
            started_utc=self._started_utc(),
            started_monotonic_ns=self.started_monotonic_ns,
            ended_monotonic_ns=last.source.moment_at(made.last_seconds - self.shift_of(last)),
            clock_source=self.first.clock_source,
            zone=self.first.zone,
            media_start_ns=self._media_start_ns(),
            duration_seconds=made.duration_seconds,
            frames=made.frames,
            width=self.first.width,
            height=self.first.height,
            bytes=made.bytes,
            locked=self.lock,
            place=self.place,
            event=msgspec.structs.replace(
                event,
                at_seconds=min(event.at_seconds, made.last_seconds),
                peak_seconds=min(event.peak_seconds, made.last_seconds),
            ),
            motion=motion_in(self, made.duration_seconds),
        )

    def _started_utc(self) -> str | None:
        utc_ns = self.started_utc_ns
        return None if utc_ns is None else utc_text(utc_ns)

    def _media_start_ns(self) -> int | None:
        start_ns = self.first.media_start_ns
        return None if start_ns is None else start_ns + round(self.start_seconds * NANOSECONDS)


def place_of(clip: CutClip, logged: Callable[[int, int], Place | None]) -> Place | None:
    """Where its first frame was taken; `logged` tells that of a moment of a boot, by the track log."""
    if clip.start_seconds <= _SAME_PLACE_SECONDS:
        return clip.first.place
    moment_ns = clip.started_monotonic_ns
    return None if moment_ns is None else logged(ClipId.parse(clip.first.id).boot, moment_ns)


def motion_in(clip: CutClip, duration_seconds: float) -> MotionTrace | None:
    """What moved in it, by what is known of its sources; None when nobody has looked into any of them."""
    traces = [(trace, clip.shift_of(piece), piece) for piece in clip.pieces if (trace := piece.source.sidecar.motion)]
    if not traces:
        return None
    windows = [
        MotionWindow(rounded(max(window.from_seconds + shift, 0.0)), rounded(end), window.score)
        for trace, shift, _ in traces
        for window in trace.windows
        if (end := min(window.to_seconds + shift, duration_seconds)) > max(window.from_seconds + shift, 0.0)
    ]
    looked = sum(
        _within(shift, piece.source.sidecar.duration_seconds, duration_seconds)
        * min(trace.looked_seconds / max(piece.source.sidecar.duration_seconds, 0.001), 1.0)
        for trace, shift, piece in traces
    )
    step = max(*(trace.step_seconds for trace, _, _ in traces), duration_seconds / MOST_TRACE_POINTS)
    return MotionTrace(
        seen=traces[0][0].seen,
        step_seconds=step,
        scores=_scores([(trace, shift) for trace, shift, _ in traces], step, duration_seconds),
        windows=tuple(_joined(windows)[:MOST_WINDOWS]),
        looked_seconds=rounded(min(looked, duration_seconds)),
    )


def _within(start: float, length: float, duration_seconds: float) -> float:
    return max(min(start + length, duration_seconds) - max(start, 0.0), 0.0)


def _scores(traces: Sequence[tuple[MotionTrace, float]], step: float, duration_seconds: float) -> tuple[int, ...]:
    if step <= 0 or not any(trace.scores for trace, _ in traces):
        return ()
    scores = [0] * min(ceil(duration_seconds / step), MOST_TRACE_POINTS)
    for trace, shift in traces:
        for number, score in enumerate(trace.scores):
            place = int((number * trace.step_seconds + shift) // step)
            if 0 <= place < len(scores):
                scores[place] = max(scores[place], score)
    return tuple(scores)


def _joined(windows: Sequence[MotionWindow]) -> list[MotionWindow]:
    """Windows that go on over the boundary of two clips as one."""
    joined: list[MotionWindow] = []
    for window in sorted(windows, key=lambda window: window.from_seconds):
        if joined and window.from_seconds <= joined[-1].to_seconds + _TOUCHING_SECONDS:
            before = joined.pop()
            window = MotionWindow(  # noqa: PLW2901 it goes on
                before.from_seconds, max(before.to_seconds, window.to_seconds), max(before.score, window.score)
            )
        joined.append(window)
    return joined


def rounded(seconds: float) -> float:
    """To the millisecond, and not before the beginning."""
    return round(max(seconds, 0.0), 3)
