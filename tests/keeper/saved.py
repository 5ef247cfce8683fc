"""Requests for cuts as a test makes them, and what came of them."""

from __future__ import annotations

from dashcam.clips.names import sidecar_of
from dashcam.clips.save_request import SaveRequest, SaveRequests
from dashcam.keeper.patience import Patience
from tests.keeper.rig import Rig, digest_of
from tests.numbered import (
    Recorded,
    moment_of,
)

# Not before its range is covered, or nothing more of it can come.
PATIENT = Patience(quiet_seconds=0.0, lonely_seconds=0.0)


def save_of(
    number: int,
    from_: float,
    to: float,
    *clip_ids: str,
    at: float | None = None,
    boot: int = 42,
    loop_id: str = "",
) -> SaveRequest:
    """A request for a range of frames."""
    return SaveRequest(
        id=f"{boot}-{number}",
        clip_ids=clip_ids,
        cause="button",
        requested_utc="2026-11-20T14:46:00.000Z",
        from_monotonic_ns=moment_of(from_),
        to_monotonic_ns=moment_of(to),
        at_monotonic_ns=moment_of(to if at is None else at),
        loop_id=loop_id,
        words="as asked",
    )


def asked(rig: Rig, *requests: SaveRequest) -> SaveRequests:
    saves = SaveRequests(rig.options.state)
    for request in requests:
        saves.add(request)
    return saves


def contents(clips: list[Recorded]) -> dict[str, tuple[str, bytes]]:
    """Clips and their sidecars, byte for byte."""
    return {clip.id: (digest_of(clip.path), sidecar_of(clip.path).read_bytes()) for clip in clips}


def only_cut(rig: Rig) -> str:
    """The id of the one clip that was made."""
    (made,) = (clip_id for clip_id in rig.rows() if "-k" in clip_id)
    return made
