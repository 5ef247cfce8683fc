"""`/api/boots`: how long the last starts of the machine took, until it recorded and until it could be reached."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
from bottle import HTTPResponse

from dashcam.system.boot_history import BootStart, MarkFigures, figures, read_boots
from dashcam.web.access import needs
from dashcam.web.describe import describes
from dashcam.web.reply import json_reply


class BootTimes(msgspec.Struct, frozen=True, kw_only=True):
    """The last starts, newest first, and what they have in common, in the order in which it is reached.

    All times are seconds since the kernel started, which is some seconds after power was switched on.
    """

    boots: list[BootStart]
    figures: tuple[MarkFigures, ...]


class BootsResource:
    """Reads what the programs have written down; asks nobody."""

    def __init__(self, state: Path) -> None:
        self._state = state

    def add_to(self, app: Any) -> None:
        """Adds the route."""
        app.route("/api/boots", "GET", self.boots)

    @needs("viewer")
    @describes(answers=BootTimes)
    def boots(self) -> HTTPResponse:
        """The last 50 starts of the machine."""
        boots = read_boots(self._state)
        return json_reply(BootTimes(boots=boots, figures=figures(boots)))
