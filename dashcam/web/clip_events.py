"""What happened in one clip: its whole motion trace, and where its event is in the loop."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec
from bottle import HTTPResponse

from dashcam.clips.catalogue import CatalogueNotReady, CatalogueReader
from dashcam.clips.catalogue_questions import Wanted
from dashcam.clips.clip import ClipId
from dashcam.clips.event import MotionTrace
from dashcam.clips.names import CardFolders, sidecar_of
from dashcam.clips.row import ClipRow
from dashcam.clips.sidecar import read_sidecar
from dashcam.errors import BadMedia, ClipNotFound
from dashcam.web.access import needs
from dashcam.web.describe import describes
from dashcam.web.reply import json_reply

_VIDEOS = Wanted(kinds=("loop", "event"))
# So many clips beside an event are looked at for the loop's; between them lie other events.
_MOST_STEPS = 20


class MotionOfClip(msgspec.Struct, frozen=True, kw_only=True):
    """The trace of a clip; None: nobody has looked for motion in it."""

    id: str
    motion: MotionTrace | None


class LoopPlace(msgspec.Struct, frozen=True, kw_only=True):
    """A moment of the loop: which clip, and which of its media seconds."""

    id: str
    seconds: float


class ClipEventsResource:
    """Rows come from the catalogue, the traces' scores from the sidecars."""

    def __init__(self, data: Path, catalogue: CatalogueReader) -> None:
        self._card = CardFolders(data)
        self._catalogue = catalogue

    def add_to(self, app: Any) -> None:
        """Adds the routes."""
        app.route("/api/clips/<clip_id>/motion", "GET", self.motion)
        app.route("/api/clips/<clip_id>/loop", "GET", self.loop)

    @needs("viewer")
    @describes(answers=MotionOfClip, refuses=(CatalogueNotReady, ClipNotFound))
    def motion(self, clip_id: str) -> HTTPResponse:
        """What moved in a clip, with a score for every step; of a clip without sidecar only the windows."""
        row = self._catalogue.get(clip_id)
        trace = row.motion
        # Moved or deleted in this moment, or damaged: the catalogue knows the windows.
        with suppress(OSError, BadMedia):
            trace = read_sidecar(sidecar_of(self._card.dcim / row.path)).motion or trace
        return json_reply(MotionOfClip(id=row.id, motion=trace))

    @needs("viewer")
    @describes(answers=LoopPlace, refuses=(CatalogueNotReady, ClipNotFound))
    def loop(self, clip_id: str) -> HTTPResponse:
        """Where the event of a clip is in the loop, which was recorded beside it."""
        return json_reply(place_in_loop(self._catalogue, self._catalogue.get(clip_id)))


def place_in_loop(catalogue: CatalogueReader, row: ClipRow) -> LoopPlace:
    """Raises ClipNotFound, in words for people, when there is nothing of the loop of that time."""
    event = row.event
    if event is None:
        raise ClipNotFound("This clip was not made for an event: it is of the drive itself.")
    if event.loop_id:
        with suppress(ClipNotFound):
            return LoopPlace(id=catalogue.get(event.loop_id).id, seconds=event.loop_seconds)
    if row.started_utc_ms is not None:
        moment_ms = row.started_utc_ms + event.at_seconds * 1000
        for side in ("older", "newer"):
            found = _beside(catalogue, row, side, moment_ms)
            if found is not None and found.started_utc_ms is not None:
                return LoopPlace(id=found.id, seconds=max(0.0, (moment_ms - found.started_utc_ms) / 1000))
    raise ClipNotFound(
        "Nothing else is there of that time: only this clip was recorded, or the drive was deleted since."
    )


def _beside(catalogue: CatalogueReader, row: ClipRow, side: str, moment_ms: float) -> ClipRow | None:
    """The nearest clip on one side, of the same boot, that was recorded at that moment and for no event itself."""
    boot = ClipId.parse(row.id).boot
    found: ClipRow | None = row
    for _ in range(_MOST_STEPS):
        assert found is not None
        found = getattr(catalogue.neighbours(found.id, _VIDEOS), side)
        if found is None:
            return None
        start_ms = found.started_utc_ms
        is_of_then = start_ms is not None and start_ms <= moment_ms < start_ms + found.duration_seconds * 1000
        if is_of_then and found.event is None and ClipId.parse(found.id).boot == boot:
            return found
    return None
