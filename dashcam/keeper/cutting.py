"""What is saved and cut, put together: the requests that wait, the clips that they need, and who makes theirs."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from dashcam.clips.catalogue_writer import CatalogueWriter
from dashcam.clips.save_request import SaveRequest, SaveRequests
from dashcam.clips.track_log_reader import TrackLogReader, place_in_log
from dashcam.keeper.card import Card
from dashcam.keeper.cut_sources import CutSources, Readiness
from dashcam.keeper.cuts import Cuts
from dashcam.keeper.desk import Desk
from dashcam.keeper.jobs import Jobs
from dashcam.keeper.locking import Locking
from dashcam.keeper.numbers import Numbers
from dashcam.keeper.placing import Placing
from dashcam.keeper.ranges import request_for
from dashcam.keeper.saves import Saves, waiting_job
from dashcam.keeper.unfinished import Unfinished
from dashcam.link.messages import CutRange, JobTaken


class Cutting:
    """Used by the keeper's one working thread."""

    def __init__(
        self,
        card: Card,
        catalogue: CatalogueWriter,
        unfinished: Unfinished,
        desk: Desk,
        placing: Placing,
        numbers: Numbers,
        locking: Locking,
        requests: SaveRequests,
        jobs: Jobs,
        *,
        is_looked_at: Callable[[], bool],
        is_all_known: Callable[[], bool],
        utc_now: Callable[[], str | None],
        calm_seconds: float,
        missing_seconds: float,
    ) -> None:
        """As `Readiness` and `Saves` have it."""
        self._numbers = numbers
        self._jobs = jobs
        self._utc_now = utc_now
        self.sources = CutSources(card.folders, catalogue, unfinished)
        readiness = Readiness(
            self.sources,
            newest_boot=numbers.newest_boot,
            is_looked_at=is_looked_at,
            calm_seconds=calm_seconds,
            missing_seconds=missing_seconds,
        )
        self.saves = Saves(
            requests, locking, self.sources, readiness, jobs, is_all_known, missing_seconds=missing_seconds
        )
        self.cuts = Cuts(
            card.folders,
            catalogue,
            desk,
            self.saves,
            self.sources,
            placing,
            numbers,
            locking,
            jobs,
            space=card.space,
            logged=partial(place_in_log, TrackLogReader(card.folders)),
        )

    def take_range(self, asked: CutRange) -> JobTaken:
        """A range that somebody has chosen. Raises BadRequest, ClipNotFound, and OSError of the state."""
        request = request_for(
            self.sources,
            self._numbers.next_id,
            from_id=asked.from_id,
            from_seconds=asked.from_seconds,
            to_id=asked.to_id,
            to_seconds=asked.to_seconds,
            cause=asked.cause,
            utc=self._utc_now(),
        )
        return self.take(request)

    def take(self, request: SaveRequest) -> JobTaken:
        """A request that the keeper makes itself; durable when it returns. Raises OSError of the state."""
        self.saves.put(request)
        self._jobs.put(waiting_job(request))
        return JobTaken(id=request.id)
