"""The system's Chromium: as a phone's browser, and one that others drive, too."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from tests.conftest import skip_unless_in_ci

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, BrowserType

_NAMES = ("chromium", "chromium-browser", "google-chrome")
_LIMIT_SECONDS = 60.0
_LOOK_SECONDS = 0.01


class Driven(NamedTuple):
    """A Chromium that others can drive, too."""

    context: BrowserContext
    port: int


def find_chromium() -> str:
    """Its path; skips the test (fails it in CI) where there is none."""
    for name in _NAMES:
        if found := shutil.which(name):
            return found
    skip_unless_in_ci("there is no Chromium; install the package chromium")
    raise AssertionError("unreachable")


def arguments() -> list[str]:
    """What it needs here: as root there is no sandbox to be had."""
    return ["--no-sandbox"] if os.geteuid() == 0 else []


@contextmanager
def driven_chromium(kind: BrowserType, profile: Path) -> Iterator[Driven]:
    """Its own Chromium, listening on a port that it chooses itself and writes into its profile."""
    told = profile / "DevToolsActivePort"
    context = kind.launch_persistent_context(
        profile, executable_path=find_chromium(), args=["--remote-debugging-port=0", *arguments()]
    )
    try:
        end = time.monotonic() + _LIMIT_SECONDS
        while not (told.is_file() and (lines := told.read_text().split())):
            assert time.monotonic() < end, f"Chromium does not say in {told} where it listens"
            time.sleep(_LOOK_SECONDS)
        yield Driven(context, int(lines[0]))
    finally:
        context.close()
