"""Has what a search has found cut into clips of events, each once, whatever ends it on the way."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from dashcam.clips.catalogue_search import days_of, looked_at_in, motion_events_of
from dashcam.clips.catalogue_writer import CatalogueWriter
from dashcam.clips.names import CardFolders, sidecar_of
from dashcam.clips.save_request import SaveRequest, SaveRequests
from dashcam.clips.sidecar import read_sidecar
from dashcam.errors import BadMedia, BadRequest, ClipNotFound
from dashcam.keeper.search_events import FoundEvent, events_in
from dashcam.keeper.search_wishes import SearchWish
from dashcam.settings.schema_events import EventsSettings

# Each is a synced file.
_MOST_AT_ONCE = 5
# A trigger is confirmed a little later than what moves is seen.
_NEAR_SECONDS = 2.0

# Begins with a range; its request is durable when it returns, and its id is that of the clip that it becomes. Takes the
# event, when it was strongest in its clip, and the seconds.
Cut = Callable[[FoundEvent, float], str]


class SearchCuts:
    """Used by the keeper's one working thread."""

    def __init__(
        self, card: CardFolders, catalogue: CatalogueWriter, requests: SaveRequests, settings: EventsSettings, cut: Cut
    ) -> None:
        self._card = card
        self._catalogue = catalogue
        self._requests = requests
        self._settings = settings
        self._cut = cut
        self._wish: SearchWish | None = None
        self._days: deque[str] = deque()
        self._events: deque[FoundEvent] = deque()
        self._made: list[str] = []

    def take_settings(self, settings: EventsSettings) -> None:
        """Other seconds before and after from the next search on."""
        self._settings = settings

    def begin(self, wish: SearchWish) -> tuple[str, ...] | None:
        """The ids of the clips that are made; None while they are still being asked for, by `step`."""
        if self._wish is None or self._wish.id != wish.id:
            self._wish, self._made = wish, []
            self._days = deque(self._catalogue.ask(lambda found: days_of(found, wish.scope)))
            self._events.clear()
        if self._days or self._events:
            return None
        self._wish = None
        return tuple(self._made)

    def forget(self) -> None:
        """The search was stopped: what is asked for already is cut, the rest is not."""
        self._wish = None
        self._days.clear()
        self._events.clear()

    def step(self) -> bool:
        """Asks for some; True when it did. Raises OSError of the state and CatalogueLost."""
        wish = self._wish
        if wish is None or not (self._days or self._events):
            return False
        if not self._events:
            day = self._days[0]
            rows = self._catalogue.ask(lambda found: looked_at_in(found, wish.scope, day))
            self._events.extend(events_in([row for row in rows if row.event is None], self._settings))
            self._days.popleft()
            return True
        for _ in range(min(_MOST_AT_ONCE, len(self._events))):
            found = self._events[0]
            if not self._is_made(found):
                self._make(found)
            self._events.popleft()
        return True

    def _make(self, found: FoundEvent) -> None:
        try:
            self._made.append(self._cut(found, self._peak_seconds(found)))
        except (BadRequest, ClipNotFound):
            return  # gone meanwhile

    def _is_made(self, found: FoundEvent) -> bool:
        """An event lies there already, or is being cut."""
        if any(_asks_for(request, found) for request in self._requests.waiting()):
            return True
        rows = self._catalogue.ask(lambda asked: motion_events_of(asked, found.at_id, found.day))
        for row in rows:
            assert row.event is not None
            begins = row.event.loop_seconds - row.event.at_seconds
            if begins - _NEAR_SECONDS <= found.at_seconds <= begins + row.duration_seconds:
                return True
        return False

    def _peak_seconds(self, found: FoundEvent) -> float:
        """When its first window was strongest, by the scores in the sidecar."""
        row = self._catalogue.get(found.at_id)
        try:
            trace = read_sidecar(sidecar_of(self._card.dcim / row.path)).motion if row is not None else None
        except (FileNotFoundError, BadMedia):
            trace = None
        if trace is None or not trace.scores or trace.step_seconds <= 0:
            return found.at_seconds
        first = int(found.window.from_seconds / trace.step_seconds)
        last = int(found.window.to_seconds / trace.step_seconds)
        scores = trace.scores[first : last + 1]
        if not scores:
            return found.at_seconds
        strongest = first + scores.index(max(scores))
        return min(max((strongest + 0.5) * trace.step_seconds, found.at_seconds), found.window.to_seconds)


def _asks_for(request: SaveRequest, found: FoundEvent) -> bool:
    if request.cause != "motion" or not request.parts:
        return False
    return any(
        part.clip_id == found.at_id
        and (part.from_seconds or 0.0) <= found.at_seconds
        # The seconds after an earlier event may reach into this one: it is asked for with its motion, not its begin.
        and (part.to_seconds is None or found.window.to_seconds <= part.to_seconds)
        for part in request.parts
    )
