"""Runs what takes its time (pip, apt, mkfs) to its end, with the environment of whoever sits at the terminal."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence

from dashcam.system.tool import ToolFailed

# Beyond this something hangs: what pip and apt load over a slow line may take long.
_LONGEST_SECONDS = 3600.0
_LAST_LINES = 12
# A user's PATH often lacks the folders of root's programs.
_ROOT_FOLDERS = ("/usr/local/sbin", "/usr/sbin", "/sbin")


def run_patiently(words: Sequence[str], content: bytes = b"") -> str:
    """What it prints. `content` goes to its standard input. Raises ToolFailed, with its last lines."""
    environment = dict(os.environ)
    environment["PATH"] = ":".join([environment.get("PATH", "/usr/bin:/bin"), *_ROOT_FOLDERS])
    try:
        done = subprocess.run(
            list(words), input=content, capture_output=True, timeout=_LONGEST_SECONDS, env=environment, check=False
        )
    except FileNotFoundError as error:
        raise ToolFailed(f"{words[0]} is not installed", is_missing=True) from error
    except (OSError, ValueError) as error:
        raise ToolFailed(f"{words[0]} cannot be started: {error}") from error
    except subprocess.TimeoutExpired as error:
        raise ToolFailed(f"{words[0]} took longer than {_LONGEST_SECONDS:g} s and was ended") from error
    if done.returncode:
        said = (done.stderr + done.stdout).decode(errors="replace").strip().splitlines()[-_LAST_LINES:]
        raise ToolFailed(f"`{' '.join(words)}` ended with {done.returncode}: " + "\n  ".join(said))
    return done.stdout.decode(errors="replace")
