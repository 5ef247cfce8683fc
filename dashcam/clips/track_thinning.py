"""Of a receiver that tells ten times a second a track needs far less: an hour of it has to fit the keeper's memory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from dashcam.clips.track_log import LogEntry, LoggedGap, LoggedPlace

# At most two fixes a second: what a car does in between no map shows. Not one, because the sentences of a receiver that
# sends once a second come unevenly, and of those none is left out.
LEAST_STEP_MS = 500


def thinned(entries: Iterable[LogEntry]) -> Iterator[LogEntry]:
    """The entries without the fixes that are too near the one before; what goes back in time is left out, too.

    The last fix before a gap stays, so that a track is as long as it was. Of several of one moment the newest counts,
    as in `segments_of`. Thinned again it stays the same.
    """
    kept_ms: int | None = None
    # The newest fix, as long as nobody knows whether it is the last one.
    waiting: LoggedPlace | None = None
    for entry in _newest_of_each_moment(entries):
        if isinstance(entry, LoggedGap):
            if waiting is not None:
                yield waiting
            waiting = kept_ms = None
            yield entry
            continue
        last_ms = entry.monotonic_ms
        if kept_ms is not None and last_ms - kept_ms < LEAST_STEP_MS:
            waiting = entry
            continue
        if waiting is not None and kept_ms is not None and last_ms - kept_ms > 2 * LEAST_STEP_MS:
            yield waiting
        waiting = None
        yield entry
        kept_ms = last_ms
    if waiting is not None:
        yield waiting


def _newest_of_each_moment(entries: Iterable[LogEntry]) -> Iterator[LogEntry]:
    """Fixes one after the other in time. They were read at once, as after a stall, when they have the same moment."""
    held: LoggedPlace | None = None
    gaps: list[LoggedGap] = []
    for entry in entries:
        if isinstance(entry, LoggedGap):
            gaps.append(entry)
            continue
        if held is not None and entry.monotonic_ms < held.monotonic_ms:
            continue
        if held is not None and entry.monotonic_ms > held.monotonic_ms:
            yield held
        yield from gaps
        gaps.clear()
        held = entry
    if held is not None:
        yield held
    yield from gaps
