"""Which pieces of which clips a cut is made of, and how these lie in time: pure decisions."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

from dashcam.clips.save_request import ClipRange
from dashcam.clips.sidecar import Sidecar
from dashcam.clock import NANOSECONDS
from dashcam.keeper.pace import pace_of
from dashcam.settings import readable

# Beyond it the camera's clock was not the same one: it was opened again, and may count from the beginning.
_LARGEST_DIFFERENCE_SECONDS = 1.0
# A card formatted as FAT takes files below 4.29 GB; what comes of a cut is known only about.
LARGEST_CUT_BYTES = 4_000_000_000
_EXPECTED_SHARE = 0.8


@dataclass(frozen=True, slots=True)
class Source:
    """A closed clip that is cut from."""

    path: Path
    sidecar: Sidecar

    @property
    def rate(self) -> float:
        """Seconds of video for one of the clock: replays may be played faster."""
        pace = pace_of(self.sidecar)
        return 1.0 if pace is None else pace.rate

    def seconds_at(self, monotonic_ns: int) -> float:
        """The media seconds of a moment, also before its beginning and after its end."""
        return (monotonic_ns - (self.sidecar.started_monotonic_ns or 0)) / NANOSECONDS * self.rate

    def moment_at(self, seconds: float) -> int | None:
        """The moment of media seconds, in CLOCK_MONOTONIC of its boot; None for what people have dropped in."""
        started_ns = self.sidecar.started_monotonic_ns
        return None if started_ns is None else started_ns + round(seconds / self.rate * NANOSECONDS)

    @property
    def end_ns(self) -> int:
        """The end of its last frame; 0 for what people have dropped in."""
        return self.moment_at(self.sidecar.duration_seconds) or 0

    @property
    def bytes_per_ns(self) -> float:
        """How much of it is recorded in a nanosecond of the clock; 0 for what people have dropped in."""
        started_ns = self.sidecar.started_monotonic_ns
        length_ns = 0 if started_ns is None else self.end_ns - started_ns
        return self.sidecar.bytes / length_ns if length_ns > 0 else 0.0


@dataclass(frozen=True, slots=True)
class Piece:
    """From when to when of a source, in its media seconds; None: from its beginning, to its end."""

    source: Source
    from_seconds: float | None = None
    to_seconds: float | None = None
    starts_at: float = 0.0
    """When its source begins, in media seconds of the first source."""

    @property
    def seconds(self) -> float:
        """How long it is."""
        duration = self.source.sidecar.duration_seconds
        to_seconds = duration if self.to_seconds is None else self.to_seconds
        return max(min(to_seconds, duration) - max(self.from_seconds or 0.0, 0.0), 0.0)

    @property
    def bytes(self) -> int:
        """About how much of its file it is."""
        sidecar = self.source.sidecar
        return round(sidecar.bytes * self.seconds / sidecar.duration_seconds) if sidecar.duration_seconds > 0 else 0


def pieces_between(sources: Sequence[Source], from_ns: int, to_ns: int) -> list[Piece]:
    """What sources, in the order of time, have of a range of the monotonic clock."""
    inside = [
        source for source in sources if (source.sidecar.started_monotonic_ns or 0) <= to_ns and source.end_ns > from_ns
    ]
    pieces = [Piece(source) for source in inside]
    if pieces:
        from_seconds = inside[0].seconds_at(from_ns)
        pieces[0] = replace(pieces[0], from_seconds=from_seconds if from_seconds > 0 else None)
        pieces[-1] = replace(pieces[-1], to_seconds=inside[-1].seconds_at(to_ns))
    return in_time(pieces)


def pieces_of(sources: Sequence[Source], ranges: Sequence[ClipRange]) -> list[Piece]:
    """The pieces that somebody has named."""
    named = zip(sources, ranges, strict=True)
    return in_time([Piece(source, of.from_seconds, of.to_seconds) for source, of in named])


def in_time(pieces: Sequence[Piece]) -> list[Piece]:
    """The pieces with the moments at which their sources begin."""
    placed: list[Piece] = []
    for piece in pieces:
        at = placed[-1].starts_at + step_seconds(placed[-1].source, piece.source) if placed else 0.0
        placed.append(replace(piece, starts_at=at))
    return placed


def step_seconds(source: Source, following: Source) -> float:
    """From the beginning of a source to that of the next, in seconds of video.

    Of one run of the camera by its own clock, so that clips without a gap continue each other to the tick.
    """
    one, other = source.sidecar, following.sidecar
    if one.started_monotonic_ns is None or other.started_monotonic_ns is None:
        return one.duration_seconds
    on_the_clock = (other.started_monotonic_ns - one.started_monotonic_ns) / NANOSECONDS * source.rate
    if one.media_start_ns is not None and other.media_start_ns is not None:
        by_camera = (other.media_start_ns - one.media_start_ns) / NANOSECONDS
        if by_camera > 0 and abs(by_camera - on_the_clock) < _LARGEST_DIFFERENCE_SECONDS:
            return by_camera
    return max(on_the_clock, one.duration_seconds)


def longest_gap_seconds(pieces: Sequence[Piece]) -> float:
    """The longest stretch between two pieces of which there is nothing."""
    gaps = [
        after.starts_at - before.starts_at - before.source.sidecar.duration_seconds
        for before, after in pairwise(pieces)
    ]
    return max(gaps, default=0.0)


def why_too_large(pieces: Sequence[Piece]) -> str:
    """In words, why they are no one file; empty: they are."""
    expected_bytes = sum(piece.bytes for piece in pieces)
    if expected_bytes <= LARGEST_CUT_BYTES:
        return ""
    largest = readable(LARGEST_CUT_BYTES)
    return f"it would be a file of about {readable(expected_bytes)}, and a card takes {largest} at most"


def fitting_ns(sources: Sequence[Source]) -> int:
    """How long what goes on as these may be to be one file; a part of it is left for what comes and takes more."""
    bytes_per_ns = max((source.bytes_per_ns for source in sources), default=0.0)
    return round(LARGEST_CUT_BYTES * _EXPECTED_SHARE / bytes_per_ns) if bytes_per_ns > 0 else sys.maxsize
