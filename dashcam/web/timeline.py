"""A day at a glance: its line, and what came together on it."""

from __future__ import annotations

import threading
from typing import Any

from bottle import HTTPResponse, request

from dashcam.clips.catalogue import CatalogueNotReady, CatalogueReader
from dashcam.clips.timeline import DayCounters, DayTimeline, counters_of, timeline_of
from dashcam.web.access import needs
from dashcam.web.describe import describes
from dashcam.web.maps import wanted_day
from dashcam.web.pages import accepts_gzip
from dashcam.web.reply import json_reply


class TimelineResource:
    """Both are made of the catalogue's rows of a day, one answer at a time: a long day is some megabytes of them."""

    def __init__(self, catalogue: CatalogueReader) -> None:
        self._catalogue = catalogue
        self._making = threading.Lock()

    def add_to(self, app: Any) -> None:
        """Adds the routes."""
        app.route("/api/days/<day>/timeline", "GET", self.timeline)
        app.route("/api/days/<day>/counters", "GET", self.counters)

    @needs("viewer")
    @describes(answers=DayTimeline, refuses=(CatalogueNotReady,))
    def timeline(self, day: str) -> HTTPResponse:
        """What was recorded when on a day, what moved, what happened, and how fast the car was."""
        wanted = wanted_day(day)
        is_packed = accepts_gzip(request.headers.get("Accept-Encoding", ""))
        with self._making:
            line = timeline_of(day, self._catalogue.each(wanted, with_lines=True))
            return json_reply(line, is_packed=is_packed)

    @needs("viewer")
    @describes(answers=DayCounters, refuses=(CatalogueNotReady,))
    def counters(self, day: str) -> HTTPResponse:
        """Events, motion, recorded time, gaps and distance of a day."""
        wanted = wanted_day(day)
        with self._making:
            return json_reply(counters_of(day, self._catalogue.each(wanted)))
