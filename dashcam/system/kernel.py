"""Since when this kernel runs: which start of the machine it is, and how long it has slept since."""

from __future__ import annotations

import time
from pathlib import Path


def kernel_boot(root: Path = Path("/")) -> str:
    """Another word for every start of the machine; empty where the kernel does not tell.

    CLOCK_MONOTONIC counts on over the starts of a program, not over those of the machine.
    """
    try:
        return (root / "proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        return ""


# Two readings of clocks are never that far apart, and no suspension is that short.
_SLEPT_NS = 500_000_000


def has_slept(before_ns: int, now_ns: int) -> bool:
    """True when the machine was suspended between two answers of `asleep_ns`: what was known of the time is void."""
    return abs(now_ns - before_ns) > _SLEPT_NS


def asleep_ns() -> int:
    """How long the machine was suspended since its start, to about a millisecond, in whole ones.

    CLOCK_MONOTONIC stands still then, and the day goes on.
    """
    asleep_ns = time.clock_gettime_ns(time.CLOCK_BOOTTIME) - time.monotonic_ns()
    return max(0, round(asleep_ns, -6))
