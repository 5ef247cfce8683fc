"""Many at work at once for some time, and what they leave on the card."""

from __future__ import annotations

import threading
from collections.abc import Sequence

from dashcam.worker import Worker

_STOP_LIMIT_SECONDS = 60.0


def work_for(seconds: float, workers: Sequence[Worker]) -> bool:
    """Lets them work for so long, then tells all to stop; False when one of them does not."""
    for worker in workers:
        worker.start()
    try:
        threading.Event().wait(seconds)
    finally:
        for worker in workers:
            worker.stopping.set()
        have_ended = [worker.stop(_STOP_LIMIT_SECONDS) for worker in workers]
    return all(have_ended)


def misplaced(numbers: Sequence[int]) -> list[str]:
    """What is wrong with the numbers of all frames, which have to go up from 0 one by one; empty when nothing is."""
    return [f"frame {number} stands where {place} belongs" for place, number in enumerate(numbers) if place != number][
        :1
    ]
