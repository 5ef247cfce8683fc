"""`dashcam web`: the page for the phone, in a process of its own."""

from __future__ import annotations

import ctypes
import threading

from dashcam.clips.catalogue import CatalogueReader
from dashcam.options import ProgramOptions
from dashcam.system.boot_marks import BootMarks
from dashcam.system.notify import Notifier
from dashcam.system.signals import stop_event_on_signals
from dashcam.web.inherited import take_inherited
from dashcam.web.own_visit import gets_an_answer
from dashcam.web.pages import find_www
from dashcam.web.website import Website
from dashcam.worker import Worker

_M_ARENA_MAX = -8  # malloc.h
_MEMORY_POOLS = 2


def _share_memory_pools() -> None:
    """glibc makes memory pools for threads, up to eight a core; with dozens of threads that cost 6 MB under load."""
    set_option = getattr(ctypes.CDLL(None), "mallopt", None)
    if set_option is not None:  # other C libraries have no such pools
        set_option(_M_ARENA_MAX, _MEMORY_POOLS)


def run(options: ProgramOptions) -> int:
    """Serves until told to stop; 0 then, 1 when serving ended by itself. Raises DashcamError when it cannot begin."""
    _share_memory_pools()
    stop = stop_event_on_signals()
    marks = BootMarks(options.state, "web")
    marks.mark("imported")
    notifier = Notifier()
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
        assignments=options.assignments,
        inherited=take_inherited(),
    )
    website.start()
    notifier.ready(f"listening on {website.address}")
    marks.mark("served")
    noting = Worker("boot marks", lambda _stop: marks.write())  # a card that stalls holds up nobody
    noting.start()
    try:
        _prove_alive(website, notifier, stop)
    finally:
        notifier.stopping()
        website.close()
        catalogue.close()
    if not deaths and noting.stop():
        marks.mark("ended")
        marks.write()
    return 1 if deaths else 0


def _prove_alive(website: Website, notifier: Notifier, stop: threading.Event) -> None:
    """Until told to stop; systemd, where it wants to know, hears of every answer that the page gives us."""
    if notifier.watchdog_seconds is None:
        stop.wait()
        return
    while not stop.is_set():
        if gets_an_answer(website.address):
            notifier.watchdog()
        stop.wait(notifier.watchdog_seconds / 4)
