"""Runs a command of the owner's, without a shell."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from typing import ClassVar

from dashcam.errors import DashcamError

_LOOK_SECONDS = 0.1
# A pipe takes so much without anybody reading it.
_LARGEST_INPUT_BYTES = 60_000


class CommandFailed(DashcamError):
    """It cannot be started, took too long, or ended with an error."""

    code: ClassVar[str] = "command_failed"


def run_command(words: Sequence[str], content: bytes, limit_seconds: float, stop: threading.Event) -> None:
    """Hands `content` to its standard input and waits until it has ended; what it prints goes to our own stderr.

    With the limit, or when `stop` is set, it is killed with all that it has started. Raises CommandFailed.
    """
    if len(content) > _LARGEST_INPUT_BYTES:
        raise CommandFailed(f"{len(content)} bytes are too many for its standard input")
    try:
        process = subprocess.Popen(
            list(words), stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, start_new_session=True
        )
    except (OSError, ValueError) as error:
        raise CommandFailed(f"it cannot be started: {error}") from error
    try:
        assert process.stdin is not None
        with suppress(OSError):  # it need not read what it gets
            process.stdin.write(content)
        with suppress(OSError):
            process.stdin.close()
        until = time.monotonic() + limit_seconds
        while process.poll() is None:
            if stop.wait(_LOOK_SECONDS):
                raise CommandFailed("it was ended, because the dashcam ends")
            if time.monotonic() >= until:
                raise CommandFailed(f"it took longer than {limit_seconds:g} s and was ended")
    finally:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    if process.returncode:
        raise CommandFailed(f"it ended with {process.returncode}")
