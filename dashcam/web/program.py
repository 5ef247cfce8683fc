"""`dashcam web`: the page for the phone, in a process of its own."""

from __future__ import annotations

import logging

from dashcam.clips.catalogue import CatalogueReader
from dashcam.options import ProgramOptions
from dashcam.system.signals import stop_event_on_signals
from dashcam.web.pages import find_www
from dashcam.web.website import Website

log = logging.getLogger(__name__)


def run(options: ProgramOptions) -> int:
    """Serves until told to stop; 0 then, 1 when serving ended by itself. Raises DashcamError when it cannot begin."""
    stop = stop_event_on_signals()
    deaths: list[BaseException] = []

    def end(error: BaseException) -> None:
        deaths.append(error)
        stop.set()

    catalogue = CatalogueReader(options.state)
    website = Website(
        data=options.data,
        state=options.state,
        www=find_www(),
        loaded=options.loaded,
        catalogue=catalogue,
        on_death=end,
    )
    website.start()
    try:
        stop.wait()
    finally:
        website.close()
        catalogue.close()
    return 1 if deaths else 0
