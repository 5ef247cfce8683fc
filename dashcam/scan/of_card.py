"""Has the keeper search the clips on the card for motion, and tells how it goes; starts one if none is running."""

from __future__ import annotations

import logging
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from dashcam.clips.catalogue import CatalogueNotReady, CatalogueReader
from dashcam.clips.clip import ClipId
from dashcam.clips.names import local_time_in_stem
from dashcam.clips.row import ClipRow
from dashcam.errors import BadRequest, ClipNotFound, LinkError
from dashcam.link.client import ask
from dashcam.link.messages import (
    Done,
    GetProgress,
    JobStatus,
    JobTaken,
    KeeperProgress,
    SearchMotion,
    StopJob,
)
from dashcam.options import ProgramOptions
from dashcam.scan.progress import Bar
from dashcam.system.children import Child
from dashcam.system.exit_codes import FAILED, INTERRUPTED, OK
from dashcam.system.signals import stop_event_on_signals

log = logging.getLogger(__name__)

_LOOK_SECONDS = 0.3
# A card with very many clips may be looked at first.
_START_SECONDS = 60.0
_END_SECONDS = 20.0
_ANSWER_SECONDS = 30.0


def is_clip_id(text: str) -> bool:
    """True for what is an id and no file that lies here."""
    try:
        ClipId.parse(text)
    except BadRequest:
        return False
    return not Path(text).exists()


def run(options: ProgramOptions, asked: SearchMotion, say: Callable[[str], None]) -> int:
    """Gives the exit code. Raises DashcamError when it cannot be begun. A signal stops the search."""
    stop = stop_event_on_signals()
    with _keeper(options, stop) as is_ours:
        job_id = _begin(options.state, asked, stop)
        if job_id is None:
            return INTERRUPTED
        job = _follow(options.state, job_id, stop)
        if is_ours and job is not None and job.state == "done":
            _follow_cuts(options.state, stop)
    if job is None:
        say("Stopped; what was found stays, and the next search goes on from there.")
        return INTERRUPTED
    say(job.words)
    for line in _lines(options.state, job):
        say(line)
    return OK if job.state == "done" else FAILED


@contextmanager
def _keeper(options: ProgramOptions, stop: threading.Event) -> Iterator[bool]:
    """Whether it is one that was started for this, and ends with it."""
    try:
        ask(options.state, "keeper", GetProgress(), KeeperProgress)
    except LinkError:
        pass
    else:
        yield False
        return
    words = [sys.executable, "-P", "-m", "dashcam", "keep", "--data", str(options.data), "--state", str(options.state)]
    words += [f"--set={assignment}" for assignment in options.assignments]
    last: list[str] = []
    child = Child("keeper", words, lambda line: last.__setitem__(slice(None), [line]))
    child.start()
    try:
        _wait_for(options.state, child, last, stop)
        yield True
    finally:
        child.stop(_END_SECONDS)


def _wait_for(state: Path, child: Child, last: list[str], stop: threading.Event) -> None:
    until = time.monotonic() + _START_SECONDS
    while not stop.is_set():
        try:
            ask(state, "keeper", GetProgress(), KeeperProgress)
            return
        except LinkError as error:
            if child.exit_code() is not None or time.monotonic() > until:
                raise LinkError(f"no keeper could be started: {last[0] if last else error}") from error
        stop.wait(_LOOK_SECONDS)


def _begin(state: Path, asked: SearchMotion, stop: threading.Event) -> str | None:
    until = time.monotonic() + _START_SECONDS
    while not stop.is_set():
        try:
            return ask(state, "keeper", asked, JobTaken, _ANSWER_SECONDS).id
        except LinkError:
            if time.monotonic() > until:
                raise
        stop.wait(_LOOK_SECONDS)
    return None


def _follow(state: Path, job_id: str, stop: threading.Event) -> JobStatus | None:
    """How it ended; None when it was stopped from here."""
    bar = Bar(sys.stderr)
    bar.begin()
    try:
        while True:
            jobs = ask(state, "keeper", GetProgress(), KeeperProgress, _ANSWER_SECONDS).jobs
            job = next((known for known in jobs if known.id == job_id), None)
            if job is not None and job.state in ("done", "failed", "stopped"):
                return job
            if job is not None:
                bar.show(f"{job.words} ", job.share)
            if stop.wait(_LOOK_SECONDS):
                ask(state, "keeper", StopJob(id=job_id), Done, _ANSWER_SECONDS)
                return None
    finally:
        bar.clear()


def _follow_cuts(state: Path, stop: threading.Event) -> None:
    """Until nothing is left to cut: with the keeper that was started for this nobody else would do it."""
    bar = Bar(sys.stderr)
    bar.begin()
    most = 1
    try:
        while True:
            jobs = ask(state, "keeper", GetProgress(), KeeperProgress, _ANSWER_SECONDS).jobs
            left = sum(job.kind == "cut" and job.state in ("waiting", "running") for job in jobs)
            most = max(most, left)
            bar.show(f"{left} clip{'' if left == 1 else 's'} to be cut ", 1 - left / most)
            if not left or stop.wait(_LOOK_SECONDS):
                return
    finally:
        bar.clear()


def _lines(state: Path, job: JobStatus) -> Iterator[str]:
    catalogue = CatalogueReader(state)
    try:
        for clip_id in job.result_ids:
            try:
                yield from _lines_of(catalogue.get(clip_id))
            except (ClipNotFound, CatalogueNotReady):
                yield f"{clip_id}: is being made"
    finally:
        catalogue.close()


def _lines_of(row: ClipRow) -> Iterator[str]:
    local = local_time_in_stem(PurePosixPath(row.path).stem)
    yield f"{row.id}  {row.path}" + (f"  {local:%Y-%m-%d %H:%M:%S}" if local is not None else "")
    for window in row.motion.windows if row.motion is not None else ():
        yield f"  {window.from_seconds:7.1f} s to {window.to_seconds:7.1f} s  score {window.score:3.0f}"
