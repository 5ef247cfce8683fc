"""`dashcam network`: one process that looks after the machine's clock; Wi-Fi and shares join later."""

from __future__ import annotations

import logging

from dashcam.errors import DashcamError
from dashcam.network.service import Service
from dashcam.network.system_clock import Machine
from dashcam.options import ProgramOptions
from dashcam.system.exit_codes import OK, exit_code_of
from dashcam.system.notify import Notifier, Pulse
from dashcam.system.signals import stop_event_on_signals

log = logging.getLogger(__name__)


def run(options: ProgramOptions, machine: Machine | None = None) -> int:
    """Works until told to stop; gives the exit code. `machine`: this one if None."""
    stop = stop_event_on_signals()
    notifier = Notifier()
    for mistake in options.loaded.mistakes:
        log.warning("settings: %s", mistake)
    notifier.ready()
    try:
        Service(options.state, stop, machine=machine).run(Pulse(notifier).beat)
    except DashcamError as error:
        log.error("%s", error)
        return exit_code_of(error)
    finally:
        notifier.stopping()
    return OK
