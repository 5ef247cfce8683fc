"""A child process that answers every line with a line: for work that may crash, hang or eat memory."""

from __future__ import annotations

import os
import select
import subprocess
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

import dashcam
from dashcam.errors import DashcamError
from dashcam.system.children import PARENT_VARIABLE

# Answers are short; what is longer is the child gone mad.
_MAX_ANSWER_BYTES = 1 << 20


class ChildFailed(DashcamError):
    """The child died, was killed because it took too long, or answered nonsense. The next question starts another."""

    code: ClassVar[str] = "child_failed"


class AnsweringChild:
    """Starts the child at the first question and again after it has failed.

    Asked by one thread at a time; `kill` may be called from any.
    """

    def __init__(self, command: Sequence[str]) -> None:
        self._command = list(command)
        self._guard = threading.Lock()  # of _process and _is_asked
        self._process: subprocess.Popen[bytes] | None = None
        self._is_asked = False

    @property
    def pid(self) -> int | None:
        """Its process id while it runs."""
        process = self._process
        return process.pid if process is not None and process.poll() is None else None

    def ask(self, line: bytes, limit_seconds: float) -> bytes:
        """The answer to `line` (both without line break). Raises ChildFailed; the child is gone then."""
        try:
            process = self._running()
        except OSError as error:  # no memory or no file handles left for another process
            raise ChildFailed(f"it cannot be started: {error}") from error
        reason = ""
        try:
            assert process.stdin is not None
            process.stdin.write(line + b"\n")
            return _read_line(process, limit_seconds)
        except OSError as error:  # a broken pipe is a child that has died, a timeout one that hangs
            reason = _reason(process, error)
            raise ChildFailed(reason) from error
        finally:
            with self._guard:
                self._is_asked = False
            if reason:
                self.kill()

    def close(self) -> None:
        """Lets an idle child end by itself. May be called twice."""
        with self._guard:
            process, self._process = self._process, None
        if process is not None:
            _end(process)

    def kill(self) -> None:
        """Ends it now; a question that waits for an answer fails."""
        with self._guard:
            process = self._process
            if process is None:
                return
            process.kill()
            if self._is_asked:
                return  # whoever waits for the answer reads from its pipe, and clears away
            self._process = None
        _end(process)

    def _running(self) -> subprocess.Popen[bytes]:
        with self._guard:
            gone = self._process
            if gone is not None and gone.poll() is not None:
                self._process = None
                _end(gone)
            if self._process is None:
                self._process = _start(self._command)
            self._is_asked = True
            return self._process


def _start(command: list[str]) -> subprocess.Popen[bytes]:
    # The child finds this very package, wherever it was started from and without what lies in the current folder.
    package = str(Path(dashcam.__file__).resolve().parent.parent)
    paths = [package, *filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(paths), PARENT_VARIABLE: str(os.getpid())}
    return subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment, process_group=0, bufsize=0
    )


def _end(process: subprocess.Popen[bytes]) -> None:
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            pipe.close()
    try:
        process.wait(1.0)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _read_line(process: subprocess.Popen[bytes], limit_seconds: float) -> bytes:
    assert process.stdout is not None
    deadline = time.monotonic() + limit_seconds
    poll = select.poll()
    poll.register(process.stdout, select.POLLIN)
    answer = b""
    while not answer.endswith(b"\n"):
        if not poll.poll(max(0.0, deadline - time.monotonic()) * 1000):
            raise TimeoutError(f"no answer within {limit_seconds:g} s")
        piece = process.stdout.read(65536)
        answer += piece
        if not piece:
            raise BrokenPipeError("it ended without an answer")
        if len(answer) > _MAX_ANSWER_BYTES:
            raise OSError("its answer does not end")
    return answer[:-1]


def _reason(process: subprocess.Popen[bytes], error: OSError) -> str:
    if isinstance(error, TimeoutError):
        return str(error)
    try:
        code = process.wait(1.0)
    except subprocess.TimeoutExpired:
        return str(error)
    return f"killed by signal {-code}" if code < 0 else f"ended with code {code}"
