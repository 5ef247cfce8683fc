"""A recorder as its clients see it: asked over its link, waited for until it is as it should be."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from dashcam.errors import LinkError
from dashcam.link import messages as m
from dashcam.link.client import ask

LIMIT_SECONDS = 60.0
_LOOK_SECONDS = 0.02
Reply = TypeVar("Reply", bound=m.Message)


def wait_until(is_so: Callable[[], bool], what: str, limit_seconds: float = LIMIT_SECONDS) -> None:
    """Returns as soon as `is_so()`. Raises TimeoutError after the limit."""
    until = time.monotonic() + limit_seconds
    while not is_so():
        if time.monotonic() > until:
            raise TimeoutError(f"not within {limit_seconds:g} s: {what}")
        threading.Event().wait(_LOOK_SECONDS)


class AskedRecorder:
    """The recorder of the state folder `state`, in this process or another."""

    def __init__(self, state: Path) -> None:
        self.state = state

    @property
    def has_ended(self) -> bool:
        """True when it has stopped by itself, as far as one can know."""
        return False

    def ask(self, request: m.Message, reply: type[Reply]) -> Reply:
        """One question, as the web program asks it."""
        return ask(self.state, "recorder", request, reply, LIMIT_SECONDS)

    @property
    def is_reachable(self) -> bool:
        """True once the link answers."""
        try:
            self.ask(m.GetStatus(), m.RecorderStatus)
        except LinkError:
            return False
        return True

    def status(self) -> m.RecorderStatus:
        """How it stands now; waits for the link at the start."""
        wait_until(lambda: self.is_reachable or self.has_ended, "the recorder's link")
        return self.ask(m.GetStatus(), m.RecorderStatus)

    def wait_for(
        self, fits: Callable[[m.RecorderStatus], bool], what: str, limit_seconds: float = LIMIT_SECONDS
    ) -> m.RecorderStatus:
        """The first status that fits. Raises TimeoutError with the last one."""
        seen: list[m.RecorderStatus] = []

        def look() -> bool:
            seen[:] = [self.status()]
            return fits(seen[0])

        try:
            wait_until(look, what, limit_seconds)
        except TimeoutError as error:
            raise TimeoutError(f"{error}; it is {seen[0].state}: {seen[0].reason}") from error
        return seen[0]

    def wait_until_recording(self, frames: int = 1) -> m.RecorderStatus:
        """The status once it records and so many frames are in clips."""
        return self.wait_for(
            lambda status: status.state == "recording" and status.frames_written >= frames, f"{frames} recorded frames"
        )
