"""The parts that `dashcam run` starts, in the order of their start."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import dashcam
from dashcam.options import ProgramOptions

PartName = Literal["recorder", "keeper", "page"]

# How long each may take over its end before it is killed: the recorder has its last seconds to bring to a card that may
# be slow, the keeper may be in the middle of a repair, the page only has viewers.
_RECORDER_END_SECONDS = 40.0
_KEEPER_END_SECONDS = 20.0
_PAGE_END_SECONDS = 10.0


def nothing_to_do() -> None:
    """The default of a part that can be stopped at any time."""


@dataclass(frozen=True, slots=True)
class Part:
    """A program that is kept running.

    `stop_rank`: the lowest is stopped first. `before_stop` is called when it is about to be stopped. `ends_all`: when
    it cannot go on (see exit_codes), nothing does. `ends_when_done`: its exit with code 0 is the end of everything.
    """

    name: PartName
    command: tuple[str, ...]
    stop_rank: int
    end_seconds: float
    before_stop: Callable[[], None] = nothing_to_do
    ends_all: bool = True
    ends_when_done: bool = False


def dashcam_parts(
    options: ProgramOptions,
    assignments: Sequence[str],
    *,
    is_verbose: bool,
    page_port: int | None,
    settle_keeper: Callable[[], None],
) -> tuple[Part, ...]:
    """Recorder, keeper and page on the same folders and settings.

    The recorder starts first, so that recording waits for nothing; the keeper ends last, so that it has seen the last
    clip. Without a page there is still a recording, so the page alone ends nothing. `page_port`: where the settings
    leave the port open; else it is theirs, and may be changed from the page.
    """
    folders = ("--data", str(options.data), "--state", str(options.state))
    common = (*folders, *(f"--set={assignment}" for assignment in assignments), *(("--verbose",) if is_verbose else ()))
    duration = () if options.for_seconds is None else ("--for", str(options.for_seconds))

    def command(*words: str) -> tuple[str, ...]:
        return (sys.executable, "-P", "-m", "dashcam", *words)

    return (
        Part(
            "recorder",
            command("record", *common, *duration, *(("--or-pattern",) if options.or_pattern else ())),
            stop_rank=2,
            end_seconds=_RECORDER_END_SECONDS,
            ends_when_done=options.for_seconds is not None,
        ),
        Part(
            "keeper",
            command("keep", *common),
            stop_rank=3,
            end_seconds=_KEEPER_END_SECONDS,
            before_stop=settle_keeper,
        ),
        Part(
            "page",
            command("web", *common, *(() if page_port is None else ("--port", str(page_port)))),
            stop_rank=1,
            end_seconds=_PAGE_END_SECONDS,
            ends_all=False,
        ),
    )


def child_environment() -> dict[str, str]:
    """This environment, in which `python -P -m dashcam` finds the package this program was started from."""
    package_root = str(Path(dashcam.__file__).resolve().parent.parent)
    paths = [package_root, *os.environ.get("PYTHONPATH", "").split(os.pathsep)]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in paths if path)}
