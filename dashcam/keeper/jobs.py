"""The board of what people wait for: cuts and searches, as the page shows them.

Whoever works on a kind of job puts its state here whenever that changes, and takes the wish to stop one.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from typing import Protocol

from dashcam.errors import ClipNotFound
from dashcam.link.status import JobStatus

# So that a page that is opened a little later still tells what came of a job.
ENDED_SECONDS = 600.0
MOST_ENDED = 10
_ENDED = ("done", "failed", "stopped")


class Stoppable(Protocol):
    """Works on one kind of job."""

    def stop_job(self, job_id: str) -> bool:
        """Ends the job or takes it from the queue; False when it is none of this kind. In the working thread."""
        ...


def stop_job(kinds: Iterable[Stoppable], job_id: str) -> None:
    """Asks each kind. Raises ClipNotFound when none of them has such a job."""
    if not any(kind.stop_job(job_id) for kind in kinds):
        raise ClipNotFound(f"There is no job {job_id[:40]!r} that could be stopped; it may have ended.")


class Jobs:
    """Thread-safe: the working thread puts, the link's threads read; a lock guards the dictionary."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._jobs: dict[str, tuple[JobStatus, float | None]] = {}

    def put(self, status: JobStatus) -> None:
        """How a job stands now: a new one comes last, one that has ended is forgotten after a while."""
        ended_at = self._monotonic() if status.state in _ENDED else None
        with self._lock:
            if ended_at is not None:
                # Those that ended stand in the order in which they did.
                self._jobs.pop(status.id, None)
            self._jobs[status.id] = (status, ended_at)

    def drop(self, job_id: str) -> None:
        """Forgets a job that has become part of another one."""
        with self._lock:
            self._jobs.pop(job_id, None)

    def statuses(self) -> tuple[JobStatus, ...]:
        """Those that ended, the last one last, and then those that run and wait, in their order."""
        before = self._monotonic() - ENDED_SECONDS
        with self._lock:
            ended = [job_id for job_id, (_, ended_at) in self._jobs.items() if ended_at is not None]
            stale = [job_id for job_id in ended if (self._jobs[job_id][1] or 0.0) < before]
            for job_id in {*stale, *ended[:-MOST_ENDED]}:
                del self._jobs[job_id]
            known = list(self._jobs.values())
        going = [status for status, ended_at in known if ended_at is None]
        return (*(status for status, ended_at in known if ended_at is not None), *going)
