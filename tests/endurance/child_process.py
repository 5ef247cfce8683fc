"""Programs as child processes that never outlive the rig that started them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.conftest import CHECKOUT

_STOP_LIMIT_SECONDS = 60.0


def dies_with_us(command: Sequence[str]) -> list[str]:
    """The command so that the kernel kills it when the thread that started it ends, however that happens."""
    return ["setpriv", "--pdeathsig", "KILL", *command]


def tidy_up_on_sigterm() -> None:
    """SIGTERM ends the rig as an exception, so that it takes down what it put up."""
    signal.signal(signal.SIGTERM, lambda number, _frame: sys.exit(128 + number))


class ChildProcess:
    """A command with its log in a file. Leaving the context kills it if it still runs."""

    def __init__(self, command: Sequence[str], log: Path, pass_descriptors: Sequence[int] = ()) -> None:
        with open(log, "ab") as log_file:
            self._process = subprocess.Popen(
                dies_with_us(command), cwd=CHECKOUT, pass_fds=pass_descriptors, stdout=log_file, stderr=log_file
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self.kill()

    @property
    def is_alive(self) -> bool:
        """False once it has ended."""
        return self._process.poll() is None

    def kill(self) -> int:
        """SIGKILL; may be called twice. Gives CLOCK_MONOTONIC right after the signal was sent, in nanoseconds."""
        if self.is_alive:
            os.kill(self._process.pid, signal.SIGKILL)
        killed_ns = time.monotonic_ns()
        self._process.wait()
        return killed_ns

    def stop(self) -> int:
        """SIGTERM, as a supervisor does. Gives the exit code."""
        if self.is_alive:
            self._process.terminate()
        return self._process.wait(_STOP_LIMIT_SECONDS)


def dashcam_process(command: str, data: Path, log: Path, *options: str) -> ChildProcess:
    """`dashcam <command>` on the folder `data`."""
    return ChildProcess([sys.executable, "-m", "dashcam", command, "--data", str(data), *options], log)
