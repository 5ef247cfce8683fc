"""`dashcam keep`: one process that looks after everything on the card once a clip is closed."""

from __future__ import annotations

import logging

from dashcam.errors import DashcamError
from dashcam.keeper.growing import ignore_lease_signals
from dashcam.keeper.service import Service
from dashcam.options import ProgramOptions
from dashcam.system.exit_codes import OK, exit_code_of
from dashcam.system.notify import Notifier, Pulse
from dashcam.system.priority import lower_priority
from dashcam.system.signals import stop_event_on_signals

log = logging.getLogger(__name__)


def run(options: ProgramOptions) -> int:
    """Keeps the card until told to stop; gives the exit code."""
    stop = stop_event_on_signals()
    ignore_lease_signals()
    lower_priority()
    notifier = Notifier()
    for mistake in options.loaded.mistakes:
        log.warning("settings: %s", mistake)
    try:
        Service(options).run(stop, Pulse(notifier).beat, notifier.ready)
    except DashcamError as error:
        log.error("%s", error)
        return exit_code_of(error)
    finally:
        notifier.stopping()
    return OK
