"""`/api/logs`: what recorder, keeper, page and their parent have logged, also of one that hangs or is dead."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, get_args

import msgspec
from bottle import HTTPResponse
from msgspec import Meta

from dashcam.system.log_file import LogLevel, LogPage, LogProgram, log_folder, log_names, read_log
from dashcam.web.access import needs
from dashcam.web.describe import describes
from dashcam.web.reply import asked_query, json_reply

_LINES, _MOST_LINES = 200, 1000
_LONGEST_TEXT = 200


class LogPrograms(msgspec.Struct, frozen=True, kw_only=True):
    """The programs that have a log."""

    programs: list[LogProgram]


class LogQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Which lines."""

    level: Annotated[LogLevel, Meta(description=f"the least: write one of {', '.join(get_args(LogLevel))}")] = "debug"
    text: Annotated[
        str, Meta(max_length=_LONGEST_TEXT, description=f"write at most {_LONGEST_TEXT} letters to look for")
    ] = ""
    after: Annotated[
        str, Meta(pattern="^[0-9a-f-]{0,40}$", description="take it from the page before, as it was given")
    ] = ""
    limit: Annotated[int, Meta(ge=1, le=_MOST_LINES, description=f"write a number from 1 to {_MOST_LINES}")] = _LINES


class LogsResource:
    """Reads the files beside the sockets; asks nobody."""

    def __init__(self, state: Path) -> None:
        self._state = state

    def add_to(self, app: Any) -> None:
        """Adds the routes, one a program."""
        app.route("/api/logs", "GET", self.programs)
        app.route("/api/logs/<program>", "GET", self.lines)

    @needs("owner")
    @describes(answers=LogPrograms)
    def programs(self) -> HTTPResponse:
        """Who has a log."""
        found = [
            program
            for program in get_args(LogProgram)
            if any((log_folder(self._state, program) / name).is_file() for name in log_names(program))
        ]
        return json_reply(LogPrograms(programs=found))

    @needs("owner")
    @describes(answers=LogPage, query=LogQuery)
    def lines(self, program: LogProgram) -> HTTPResponse:
        """Lines of a log, oldest first: the newest there are, or what came after the `next` of an earlier page."""
        asked = asked_query(LogQuery)
        page = read_log(
            self._state,
            program,
            least_level=asked.level,
            containing=asked.text,
            after=asked.after,
            limit=asked.limit,
        )
        return json_reply(page)
