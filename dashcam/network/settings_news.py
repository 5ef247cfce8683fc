"""Tells recorder and keeper that settings were saved by somebody else than the page."""

from __future__ import annotations

import logging
from pathlib import Path

from dashcam.errors import DashcamError
from dashcam.link.client import ask
from dashcam.link.messages import SettingsChanged, SettingsTaken
from dashcam.link.place import Program

log = logging.getLogger(__name__)

_TOLD: tuple[Program, ...] = ("recorder", "keeper")
_ANSWER_SECONDS = 5.0


def tell_programs(state: Path) -> None:
    """What can be is in force when it returns, and the recording is not interrupted. The page reads them by itself."""
    for program in _TOLD:
        try:
            ask(state, program, SettingsChanged(may_interrupt=False), SettingsTaken, _ANSWER_SECONDS)
        except DashcamError as error:
            # Not running, most likely: it reads them when it starts.
            log.info("the %s has not taken the settings: %s", program, error)
