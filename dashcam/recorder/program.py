"""`dashcam record`: one process from camera to card."""

from __future__ import annotations

import logging
import os

from dashcam.errors import DashcamError
from dashcam.options import ProgramOptions
from dashcam.recorder.service import run_recorder
from dashcam.system.exit_codes import BROKEN, OK, exit_code_of
from dashcam.system.signals import stop_event_on_signals

log = logging.getLogger(__name__)

EXIT_BROKEN = BROKEN
"""The supervisor starts the recorder anew."""


def _end_process(reason: str) -> None:
    """The last resort when a thread or the hardware hangs: nothing in this process can be trusted to end it."""
    log.critical("the recorder ends itself so that it is started anew: %s", reason)
    logging.shutdown()  # lets these words come out, and waits no longer than a second or two
    os._exit(EXIT_BROKEN)


def run(options: ProgramOptions) -> int:
    """Records until told to stop; gives the exit code."""
    stop = stop_event_on_signals()
    try:
        run_recorder(options, stop, _end_process)
    except DashcamError as error:
        log.error("%s", error)
        return exit_code_of(error)
    return OK
