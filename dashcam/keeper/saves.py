"""The save requests that wait: locks what was asked for as soon as it is closed, and hands out what is to be cut."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from dashcam.clips.save_request import SaveRequest, SaveRequests
from dashcam.clock import NANOSECONDS
from dashcam.errors import ClipNotFound
from dashcam.keeper.cut_pieces import fitting_ns
from dashcam.keeper.cut_sources import CutSources, Readiness
from dashcam.keeper.jobs import Jobs
from dashcam.keeper.locking import Locking
from dashcam.keeper.save_merging import merged
from dashcam.link.status import JobStatus

log = logging.getLogger(__name__)


# A clip that was asked for in its first moments is not on the card yet, and is found late where no folder is watched.
MISSING_SECONDS = 120.0
# Who presses again and again gets the next clip: one of ten minutes is still found one's way in.
_LONGEST_MERGED_NS = 600 * NANOSECONDS
# A retry says nothing of the request: the card was full, or the child came to grief.
REST_SECONDS = 15.0
# A clip that is shorter than asked for by less is as long as asked for: frames are where they are.
_LITTLE_SECONDS = 1.5


class Saves:
    """Used by the keeper's one working thread."""

    def __init__(
        self,
        requests: SaveRequests,
        locking: Locking,
        sources: CutSources,
        readiness: Readiness,
        jobs: Jobs,
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
        self._sources = sources
        self._readiness = readiness
        self._jobs = jobs
        self._is_all_known = is_all_known
        self._missing_seconds = missing_seconds
        self._monotonic = monotonic
        self._missing_since: dict[str, float] = {}
        self._complaints: dict[str, str] = {}
        self._not_before: dict[str, float] = {}
        self._told: set[str] = set()

    def step(self) -> bool:
        """Does what can be done of each request; True when one is done. Raises OSError and CatalogueLost."""
        waiting = self._requests.waiting()
        is_merged = self._merge([request for request in waiting if request.kind == "cut"])
        done = [request for request in waiting if request.kind == "lock" and self._is_locked(request)]
        for request in done:
            self.done(request)
        for request in waiting if not is_merged else ():
            if request.kind == "cut" and request.id not in self._told:
                self._told.add(request.id)
                self._jobs.put(waiting_job(request))
        return is_merged or bool(done)

    def next_cut(self) -> SaveRequest | None:
        """The first of which all that will ever be there is there. Raises OSError and CatalogueLost."""
        now = self._monotonic()
        waiting = [request for request in self._requests.waiting() if request.kind == "cut"]
        if self._merge(waiting):
            return None
        for request in waiting:
            is_resting = now < self._not_before.get(request.id, now)
            if not is_resting and self._is_ready(request):
                return request
        return None

    def waiting_cut(self, request_id: str) -> SaveRequest | None:
        """The request of an id, while it waits."""
        found = (request for request in self._requests.waiting() if request.kind == "cut")
        return next((request for request in found if request.id == request_id), None)

    def put(self, request: SaveRequest) -> None:
        """A request that is new, or has become another one; durable when it returns. Raises OSError."""
        self._requests.add(request)

    def hold(self, request: SaveRequest) -> None:
        """Somebody is at it: should that come to nothing, it is not handed out at once again."""
        self._not_before[request.id] = self._monotonic() + REST_SECONDS

    def release(self, request: SaveRequest) -> None:
        """It may go on at once."""
        self._not_before.pop(request.id, None)

    def rest(self, request: SaveRequest, words: str) -> None:
        """It goes on later: something hindered it."""
        self.hold(request)
        self._complain(request, words)
        self._jobs.put(waiting_job(request, words))

    def done(self, request: SaveRequest) -> None:
        """It is done with, one way or the other. Raises OSError."""
        self._requests.done(request)
        self._readiness.forget(request.id)
        self._told.discard(request.id)
        for known in (self._missing_since, self._complaints, self._not_before):
            known.pop(request.id, None)

    def protected_ids(self) -> frozenset[str]:
        """Ids that count as locked: those that requests name, and what was begun in their ranges since."""
        found = set(self._requests.protected_ids())
        for request in self._requests.waiting():
            if request.kind == "cut" and not request.parts:
                found |= {source.sidecar.id for source in self._sources.of(request)}
        return frozenset(found)

    def _is_ready(self, request: SaveRequest) -> bool:
        try:
            return self._readiness.is_ready(request)
        except ClipNotFound:
            return True  # whoever cuts it says so

    def _merge(self, waiting: list[SaveRequest]) -> bool:
        """Whoever is killed in between merges the same again."""
        found = merged(waiting, _LONGEST_MERGED_NS)
        if found:
            found = merged(waiting, self._longest_ns([request for request, _ in found]))
        for request, others in found:
            self._requests.add(request)
            for other in others:
                log.info("save %s becomes part of save %s", other.id, request.id)
                self.done(other)
                self._jobs.drop(other.id)
            self._told.discard(request.id)
        return bool(found)

    def _longest_ns(self, requests: list[SaveRequest]) -> int:
        """What is merged shall fit into one file; nothing is merged before its clips could be known."""
        sources = [source for request in requests for source in self._sources.of(request)]
        if not sources and not self._readiness.is_looked_at():
            return 0
        return min(_LONGEST_MERGED_NS, fitting_ns(sources))

    def _is_locked(self, request: SaveRequest) -> bool:
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


def what_it_is(request: SaveRequest) -> str:
    """What people asked for: a save of 70 s, a cut."""
    if request.parts:
        return "Cut"
    return f"Save of {(request.to_monotonic_ns - request.from_monotonic_ns) / NANOSECONDS:.0f} s"


def made_words(request: SaveRequest, seconds: float) -> str:
    """What came of it: a clip of so many seconds, and why it is shorter than asked for."""
    clip = f"a clip of {seconds:.1f} s"
    if request.parts:
        return f"Cut: {clip}"
    if request.words:
        return f"Saved: {clip}; {request.words}"
    asked = (request.to_monotonic_ns - request.from_monotonic_ns) / NANOSECONDS
    is_short = seconds < asked - _LITTLE_SECONDS
    return f"Saved: {clip}; not the {asked:.0f} s asked for: no more was recorded" if is_short else f"Saved: {clip}"


def waiting_job(request: SaveRequest, hindrance: str = "") -> JobStatus:
    """A request that waits, as the page shows it."""
    reason = hindrance or ("waits for its turn" if request.parts else "waits until its last clip is closed")
    return JobStatus(id=request.id, kind="cut", state="waiting", words=f"{what_it_is(request)}: {reason}")
