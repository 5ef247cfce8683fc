"""Works off save requests: locks the clips that a driver wanted to keep, as soon as they are closed."""

from __future__ import annotations

import logging
from collections.abc import Callable

from dashcam.clips.save_request import SaveRequest, SaveRequests
from dashcam.keeper.locking import Locking

log = logging.getLogger(__name__)


class Saves:
    """Used by the keeper's one working thread."""

    def __init__(self, requests: SaveRequests, locking: Locking, is_all_known: Callable[[], bool]) -> None:
        """`is_all_known`: everything on the card has been looked at, and nothing waits to be finished."""
        self._requests = requests
        self._locking = locking
        self._is_all_known = is_all_known

    def step(self) -> bool:
        """Does what can be done of each request; True when one is done. Raises OSError and CatalogueLost."""
        waiting = self._requests.waiting()
        done = [request for request in waiting if self._is_done(request)]
        for request in done:
            self._requests.done(request)
        return bool(done)

    def _is_done(self, request: SaveRequest) -> bool:
        known = [clip_id for clip_id in request.clip_ids if self._locking.is_known(clip_id)]
        outcome = self._locking.lock(known, request.cause)
        if outcome.failed:
            log.warning("save %s: %s", request.id, "; ".join(outcome.failed.values()))
            return False
        missing = [clip_id for clip_id in request.clip_ids if clip_id not in known]
        if missing and not self._is_all_known():
            return False
        if missing:
            log.warning("save %s: there is no clip %s any more", request.id, ", ".join(missing))
        return True
