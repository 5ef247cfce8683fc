"""A range that somebody has chosen, of one clip or over several, as the request that is worked off."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from dashcam.clips.clip import ClipId
from dashcam.clips.event import EventCause
from dashcam.clips.save_request import ClipRange, SaveRequest
from dashcam.clips.sidecar import Sidecar
from dashcam.errors import BadRequest
from dashcam.keeper.cut_pieces import Piece, Source, in_time, longest_gap_seconds, why_too_large
from dashcam.keeper.cut_sources import CutSources

# About 4 GB at 8 Mbit/s; of more bits a second fewer seconds fit into a file.
LONGEST_CUT_SECONDS = 3600.0
# In a clip it would be a picture that stands still.
LONGEST_GAP_SECONDS = 60.0


def request_for(
    sources: CutSources,
    next_id: Callable[[int], ClipId],
    *,
    from_id: str,
    from_seconds: float,
    to_id: str,
    to_seconds: float,
    cause: EventCause,
    utc: str | None,
    at_seconds: float | None = None,
    peak_seconds: float | None = None,
    score: float = 0.0,
) -> SaveRequest:
    """The request, with the id of the clip that it becomes; not written down yet.

    `at_seconds` and `peak_seconds` are of the first clip. Raises BadRequest for what cannot be one clip, ClipNotFound,
    and OSError when no id can be had.
    """
    pieces = _pieces(sources, sources.source(from_id), from_seconds, sources.source(to_id), to_seconds)
    gap_seconds = longest_gap_seconds(pieces)
    if gap_seconds > LONGEST_GAP_SECONDS:
        raise BadRequest(
            f"For {gap_seconds / 60:.0f} minutes in between nothing was recorded; cut what lies before and after it "
            "one by one."
        )
    if from_seconds >= pieces[0].source.sidecar.duration_seconds > 0:
        lasts = pieces[0].source.sidecar.duration_seconds
        raise BadRequest(f"The clip that the range begins in lasts only {lasts:.1f} s; choose an earlier beginning.")
    seconds = sum(piece.seconds for piece in pieces)
    if seconds <= 0 or any(piece.seconds <= 0 for piece in pieces):
        raise BadRequest("The end of the range lies before its beginning; choose them the other way round.")
    if seconds > LONGEST_CUT_SECONDS:
        raise BadRequest(f"At most {LONGEST_CUT_SECONDS / 60:.0f} minutes can be cut at once; choose a shorter range.")
    too_large = why_too_large(pieces)
    if too_large:
        raise BadRequest(f"This range cannot be cut at once: {too_large}; choose a shorter range.")
    first, last = pieces[0], pieces[-1]
    made_id = str(next_id(ClipId.parse(from_id).boot))
    return SaveRequest(
        id=made_id,
        clip_ids=tuple(piece.source.sidecar.id for piece in pieces),
        cause=cause,
        requested_utc=utc,
        kind="cut",
        from_monotonic_ns=first.source.moment_at(from_seconds) or 0,
        to_monotonic_ns=last.source.moment_at(to_seconds) or 0,
        at_monotonic_ns=first.source.moment_at(from_seconds if at_seconds is None else at_seconds) or 0,
        parts=tuple(
            ClipRange(clip_id=piece.source.sidecar.id, from_seconds=piece.from_seconds, to_seconds=piece.to_seconds)
            for piece in pieces
        ),
        at_seconds=at_seconds,
        peak_seconds=peak_seconds,
        score=score,
        made_id=made_id,
    )


def _pieces(sources: CutSources, first: Source, from_seconds: float, last: Source, to_seconds: float) -> list[Piece]:
    if "photo" in (first.sidecar.kind, last.sidecar.kind):
        raise BadRequest("A photo cannot be cut; choose a clip.")
    from_seconds = max(from_seconds, 0.0)
    if first.sidecar.id == last.sidecar.id:
        return [Piece(first, from_seconds, to_seconds)]
    _check_that_they_go_on(first.sidecar, last.sidecar)
    found = sources.between(first.sidecar, last.sidecar)
    pieces = in_time([Piece(source) for source in found])
    pieces[0] = replace(pieces[0], from_seconds=from_seconds)
    pieces[-1] = replace(pieces[-1], to_seconds=to_seconds)
    return pieces


def _check_that_they_go_on(first: Sidecar, last: Sidecar) -> None:
    """Raises BadRequest for clips that are not of one recording, in its order."""
    one, other = ClipId.parse(first.id), ClipId.parse(last.id)
    if one.by_keeper or other.by_keeper or None in (first.started_monotonic_ns, last.started_monotonic_ns):
        raise BadRequest("Clips that were cut or dropped in do not continue each other; cut them one by one.")
    if one.boot != other.boot:
        raise BadRequest("Between these clips the dashcam was started anew; cut what lies before and after it.")
    if (first.event and first.event.id) != (last.event and last.event.id):
        raise BadRequest("These clips do not continue each other: one is of an event, the other is not of that.")
    if one.number > other.number:
        raise BadRequest("The end of the range lies before its beginning; choose them the other way round.")
