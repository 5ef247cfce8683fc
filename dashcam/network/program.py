"""`dashcam network`: one process that looks after clock, Wi-Fi, shares and the name on the network."""

from __future__ import annotations

import logging
import threading

from dashcam.errors import DashcamError
from dashcam.network.boot_file_duty import BootFileDuty
from dashcam.network.service import Service
from dashcam.network.system_clock import Machine
from dashcam.options import ProgramOptions
from dashcam.settings import Settings, load_settings
from dashcam.settings.load import boot_file
from dashcam.system.boot_marks import BootMarks
from dashcam.system.exit_codes import OK, exit_code_of
from dashcam.system.notify import Notifier, Pulse
from dashcam.system.runtime_folder import is_shared
from dashcam.system.signals import stop_event_on_signals
from dashcam.worker import Worker

log = logging.getLogger(__name__)

# A mark is known to the second that it tells; when it is written down matters little.
_WRITE_SECONDS = 5.0


def run(options: ProgramOptions, machine: Machine | None = None) -> int:
    """Works until told to stop; gives the exit code. `machine`: this one if None."""
    stop = stop_event_on_signals()
    notifier = Notifier()
    marks = BootMarks(options.state, "network")
    marks.mark("imported")
    for mistake in options.loaded.mistakes:
        log.warning("settings: %s", mistake)
    notifier.ready()
    # Only a machine that scripts/install has made an appliance is announced and shares.
    is_appliance = is_shared()
    writing = Worker("boot-times", lambda stop: _write_on(marks, stop))
    try:
        service = _service(options, stop, marks, machine, is_appliance=is_appliance)
        if (path := boot_file()) is not None:
            service.boot_file = BootFileDuty(path, options.state, service.boot_file_takers())
        writing.start()
        service.run(Pulse(notifier).beat)
        marks.mark("ended")
    except DashcamError as error:
        log.error("%s", error)
        return exit_code_of(error)
    finally:
        notifier.stopping()
        writing.stop()
        marks.write()
    return OK


def _service(
    options: ProgramOptions,
    stop: threading.Event,
    marks: BootMarks,
    machine: Machine | None,
    *,
    is_appliance: bool,
) -> Service:
    def load() -> Settings:
        return load_settings(options.state, options.assignments).settings

    if not is_appliance:
        return Service(options.state, stop, load=load, machine=machine, reached=marks.mark)
    from dashcam.network.announce import Announcer
    from dashcam.network.shares import Shares

    return Service(
        options.state,
        stop,
        load=load,
        machine=machine,
        shares=Shares(options.state),
        announcer=Announcer(),
        reached=marks.mark,
    )


def _write_on(marks: BootMarks, stop: threading.Event) -> None:
    while not stop.wait(_WRITE_SECONDS):
        marks.write()
