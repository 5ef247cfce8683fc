"""The board of jobs: what goes on is told, what ended for a while, and only what goes on can be stopped."""

from __future__ import annotations

from typing import Literal

import pytest

from dashcam.errors import ClipNotFound
from dashcam.keeper.jobs import ENDED_SECONDS, MOST_ENDED, Jobs, stop_job
from dashcam.link.status import JobStatus


def job(job_id: str, state: Literal["waiting", "running", "done", "failed", "stopped"]) -> JobStatus:
    return JobStatus(id=job_id, kind="cut", state=state, words="")


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


class Queue:
    def __init__(self, *job_ids: str) -> None:
        self.job_ids = list(job_ids)

    def stop_job(self, job_id: str) -> bool:
        if job_id not in self.job_ids:
            return False
        self.job_ids.remove(job_id)
        return True


def test_what_ended_comes_first_and_what_goes_on_last() -> None:
    jobs = Jobs()
    for number in (1, 2, 3, 4):
        jobs.put(job(f"42-{number}", "waiting"))
    jobs.put(job("42-3", "running"))
    jobs.put(job("42-2", "done"))
    jobs.put(job("42-1", "failed"))
    assert [(found.id, found.state) for found in jobs.statuses()] == [
        ("42-2", "done"),
        ("42-1", "failed"),
        ("42-3", "running"),
        ("42-4", "waiting"),
    ]
    jobs.drop("42-4")
    assert [found.id for found in jobs.statuses()] == ["42-2", "42-1", "42-3"]


def test_what_ended_is_told_for_a_while_and_not_without_limit() -> None:
    clock = Clock()
    jobs = Jobs(clock)
    jobs.put(job("42-1", "waiting"))
    for number in range(2, 2 + MOST_ENDED + 3):
        jobs.put(job(f"42-{number}", "done"))
    newest = [f"42-{number}" for number in range(5, MOST_ENDED + 5)]
    assert [found.id for found in jobs.statuses()] == [*newest, "42-1"]
    clock.now = ENDED_SECONDS + 1
    assert [found.id for found in jobs.statuses()] == ["42-1"]


def test_only_what_goes_on_can_be_stopped() -> None:
    cuts, searches = Queue("42-1"), Queue("search-1")
    stop_job((cuts, searches), "search-1")
    assert (cuts.job_ids, searches.job_ids) == (["42-1"], [])
    with pytest.raises(ClipNotFound, match="may have ended"):
        stop_job((cuts, searches), "search-1")
