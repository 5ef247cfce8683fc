"""Runs a program of the system's for its answer: without a shell, with a time limit, and with nothing of ours in its
environment.
"""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from typing import ClassVar

from dashcam.errors import DashcamError

_ENVIRONMENT = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8"}
_SHOWN_CHARACTERS = 300


class ToolFailed(DashcamError):
    """It is not there, took too long, or ended with an error; the message has its own last words."""

    code: ClassVar[str] = "tool_failed"

    def __init__(self, text: str, *, is_missing: bool = False) -> None:
        super().__init__(text)
        self.is_missing = is_missing


def run_tool(words: Sequence[str], content: bytes = b"", *, limit_seconds: float = 20.0) -> str:
    """What it prints. `content` goes to its standard input. Raises ToolFailed."""
    name = words[0]
    try:
        done = subprocess.run(
            list(words),
            input=content,
            capture_output=True,
            timeout=limit_seconds,
            env=_ENVIRONMENT,
            start_new_session=True,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise ToolFailed(f"{name} took longer than {limit_seconds:g} s") from error
    except FileNotFoundError as error:
        raise ToolFailed(f"{name} is not installed", is_missing=True) from error
    except OSError as error:
        raise ToolFailed(f"{name} cannot be started: {error.strerror}") from error
    if done.returncode:
        said = (done.stderr.strip() or done.stdout.strip()).decode(errors="replace")
        raise ToolFailed(f"{name} ended with {done.returncode}: {said[-_SHOWN_CHARACTERS:]}")
    return done.stdout.decode(errors="replace")
