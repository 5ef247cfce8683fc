"""What tests of notices share."""

from __future__ import annotations

import time
from collections.abc import Callable

LIMIT_SECONDS = 60.0


def wait_until(holds: Callable[[], bool]) -> None:
    until = time.monotonic() + LIMIT_SECONDS
    while not holds():
        assert time.monotonic() < until, "it did not come"
        time.sleep(0.01)
