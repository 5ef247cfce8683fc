"""How a trial inside the virtual machine tells the host how it goes: lines on the console."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Callable, Sequence
from typing import Any

MARK = "RIG "
_LOOK_SECONDS = 0.2


def uptime() -> float:
    """Seconds since the kernel started, by the guest's own clock."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


def tell(kind: str, **facts: Any) -> None:
    """One line for the host."""
    line = json.dumps({"kind": kind, "uptime": round(uptime(), 2), **facts}, ensure_ascii=True)
    print(f"\n{MARK}{line}", flush=True)


class TrialFailed(Exception):
    """What was to come did not."""


def until(what: str, is_so: Callable[[], Any], limit_seconds: float) -> float:
    """Waits; gives how long it took. Raises TrialFailed after the limit, in guest time."""
    began = uptime()
    while not is_so():
        if uptime() - began > limit_seconds:
            raise TrialFailed(f"{what}: not within {limit_seconds:g} s")
        time.sleep(_LOOK_SECONDS)
    return uptime() - began


def run(*words: str, limit_seconds: float = 120.0, is_checked: bool = True, given: bytes | None = None) -> str:
    """Runs a command; gives what it prints. Raises TrialFailed with its errors, unless they do not matter."""
    done = subprocess.run(list(words), input=given, capture_output=True, timeout=limit_seconds, check=False)
    if is_checked and done.returncode:
        said = (done.stderr or done.stdout).decode(errors="replace").strip()
        raise TrialFailed(f"{' '.join(words)}: {done.returncode}: {said[-400:]}")
    return done.stdout.decode(errors="replace")


def in_namespace(name: str, *words: str) -> Sequence[str]:
    """A command as it is run within a network namespace."""
    return ("ip", "netns", "exec", name, *words)
