"""What people are told of a search."""

from __future__ import annotations

from typing import Literal

from dashcam.keeper.search_wishes import SearchWish
from dashcam.link.status import JobStatus

# Of less nobody can tell how fast it goes.
_LEAST_SHARE = 0.001
_ALMOST_ALL = 0.99


def running_job(wish: SearchWish, *, number: int, clips: int, share: float, gone_seconds: float) -> JobStatus:
    """One that is at a clip; `share` of the seconds of video is done."""
    share = min(max(share, 0.0), _ALMOST_ALL)
    found = words_of_found(wish) if wish.found or wish.failed_ids else "nothing moves so far"
    return JobStatus(
        id=wish.id,
        kind="search",
        state="running",
        words=f"Search for motion: clip {min(number, clips)} of {clips}; {found}",
        share=round(share, 4),
        seconds_left=round(gone_seconds * (1 - share) / share, 1) if share > _LEAST_SHARE else None,
        result_ids=wish.found_ids,
    )


def still_job(wish: SearchWish, state: Literal["waiting", "done", "stopped"], words: str) -> JobStatus:
    """One that waits or has ended; of one that cuts the results are the clips that it makes."""
    return JobStatus(
        id=wish.id,
        kind="search",
        state=state,
        words=f"Search for motion: {words}",
        share=1.0 if state == "done" else 0.0,
        result_ids=wish.made_ids if wish.cut and state == "done" else wish.found_ids,
    )


def words_of_found(wish: SearchWish) -> str:
    """What it has found."""
    if not wish.found:
        words = "nothing moves"
    else:
        words = f"something moves in {wish.found} clip{'' if wish.found == 1 else 's'}"
    if wish.made_ids:
        words += f", {_cut(wish)}"
    if wish.failed_ids:
        words += f", {len(wish.failed_ids)} could not be read"
    return words


def words_of_search(wish: SearchWish, clips: int) -> str:
    """What came of one that has ended; `clips` were searched since the keeper was started."""
    if not clips and not wish.found and not wish.failed_ids:
        return "0 clips searched: there is none that was not searched before" + (
            f", {_cut(wish)}" if wish.made_ids else ""
        )
    return f"{clips} clip{'' if clips == 1 else 's'} searched; {words_of_found(wish)}"


def _cut(wish: SearchWish) -> str:
    return f"{len(wish.made_ids)} event{'' if len(wish.made_ids) == 1 else 's'} cut from them"
