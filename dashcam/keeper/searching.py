"""The search for motion, put together: who looks into clips, what is asked for, and what is cut of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from dashcam.clips.catalogue_writer import CatalogueWriter
from dashcam.clips.clip import ClipId
from dashcam.clips.names import CardFolders
from dashcam.clips.save_request import SaveRequests
from dashcam.errors import SettingsError
from dashcam.keeper.cutting import Cutting
from dashcam.keeper.jobs import Jobs
from dashcam.keeper.ranges import request_for
from dashcam.keeper.room import Room
from dashcam.keeper.search import Search
from dashcam.keeper.search_cuts import SearchCuts
from dashcam.keeper.search_events import FoundEvent
from dashcam.keeper.searcher import Searcher
from dashcam.settings import Settings
from dashcam.settings.schema import RecordingSettings
from dashcam.settings.timetable import mode_at, parse_timetable


class Searching:
    """Used by the keeper's one working thread."""

    def __init__(
        self,
        state: Path,
        card: CardFolders,
        catalogue: CatalogueWriter,
        cutting: Cutting,
        requests: SaveRequests,
        jobs: Jobs,
        settings: Settings,
        *,
        room: Room,
        next_id: Callable[[int], ClipId],
        deliver: Callable[[Callable[[], None]], None],
        on_death: Callable[[BaseException], None],
        again: Callable[[], None],
        local_now: Callable[[], datetime | None],
        utc_now: Callable[[], str | None],
    ) -> None:
        """`local_now` is None while no clock tells the time; `again`: there is more to do at once."""
        self._cutting = cutting
        self._next_id = next_id
        self._recording = settings.recording
        self._local_now = local_now
        self._utc_now = utc_now
        self.searcher = Searcher(deliver, on_death, room=room)
        self._cuts = SearchCuts(card, catalogue, requests, settings.events, self._cut)
        self.search = Search(
            state,
            card,
            catalogue,
            self.searcher,
            jobs,
            self._cuts,
            settings.motion,
            is_watching=lambda: watches(self._recording, self._local_now()),
            again=again,
        )

    def take(self, settings: Settings) -> None:
        """Settings that have changed."""
        self._recording = settings.recording
        self._cuts.take_settings(settings.events)
        self.search.take_settings(settings.motion)

    def _cut(self, found: FoundEvent, peak_seconds: float) -> str:
        """Raises BadRequest, ClipNotFound, and OSError of the state."""
        request = request_for(
            self._cutting.sources,
            self._next_id,
            from_id=found.from_id,
            from_seconds=found.from_seconds,
            to_id=found.to_id,
            to_seconds=found.to_seconds,
            cause="motion",
            utc=self._utc_now(),
            at_seconds=found.at_from_seconds,
            peak_seconds=found.at_from_seconds + peak_seconds - found.at_seconds,
            score=found.window.score,
        )
        return self._cutting.take(request).id


def watches(recording: RecordingSettings, local: datetime | None) -> bool:
    """Whether this is the time of the mode `watch`, by hand or by the timetable."""
    try:
        timetable = parse_timetable(recording.timetable)
    except SettingsError:
        timetable = ()
    by_time = mode_at(timetable, local) if local is not None else None
    return (by_time or recording.mode) == "watch"
