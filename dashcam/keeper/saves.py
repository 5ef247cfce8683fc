"""Works off save requests: locks the clips that a driver wanted to keep, as soon as they are closed."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from dashcam.clips.save_request import SaveRequest, SaveRequests
from dashcam.keeper.locking import Locking

log = logging.getLogger(__name__)


# A clip that was asked for in its first moments is not on the card yet, and is found late where no folder is watched.
MISSING_SECONDS = 120.0


class Saves:
    """Used by the keeper's one working thread."""

    def __init__(
        self,
        requests: SaveRequests,
        locking: Locking,
        is_all_known: Callable[[], bool],
        *,
        missing_seconds: float = MISSING_SECONDS,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """`is_all_known`: everything on the card has been looked at, and nothing waits to be finished.

        A clip that has been missing for `missing_seconds` although all was known is given up.
        """
        self._requests = requests
        self._locking = locking
        self._is_all_known = is_all_known
        self._missing_seconds = missing_seconds
        self._monotonic = monotonic
        self._missing_since: dict[str, float] = {}
        self._complaints: dict[str, str] = {}

    def step(self) -> bool:
        """Does what can be done of each request; True when one is done. Raises OSError and CatalogueLost."""
        waiting = self._requests.waiting()
        done = [request for request in waiting if self._is_done(request)]
        for request in done:
            self._requests.done(request)
            self._missing_since.pop(request.id, None)
            self._complaints.pop(request.id, None)
        return bool(done)

    def _is_done(self, request: SaveRequest) -> bool:
        known = [clip_id for clip_id in request.clip_ids if self._locking.is_known(clip_id)]
        outcome = self._locking.lock(known, request.cause)
        if outcome.failed:
            self._complain(request, "; ".join(outcome.failed.values()))
            return False
        missing = [clip_id for clip_id in request.clip_ids if clip_id not in known]
        if missing and not self._is_given_up(request):
            return False
        if missing:
            self._complain(request, f"there is no clip {', '.join(missing)} any more")
        return True

    def _is_given_up(self, request: SaveRequest) -> bool:
        """True once what is missing has been so for long, without a break in which not all was known."""
        if not self._is_all_known():
            self._missing_since.pop(request.id, None)
            return False
        now = self._monotonic()
        return now - self._missing_since.setdefault(request.id, now) >= self._missing_seconds

    def _complain(self, request: SaveRequest, words: str) -> None:
        if self._complaints.get(request.id) != words:
            self._complaints[request.id] = words
            log.warning("save %s: %s", request.id, words)
