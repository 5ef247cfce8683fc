"""Child processes that die with their parent, and whose words are read line by line."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import threading
from collections.abc import Callable, Mapping, Sequence

from dashcam.worker import Worker

_PR_SET_PDEATHSIG = 1  # linux/prctl.h
# Names the process that a child must not outlive; set by `Child`, obeyed by `die_with_parent`.
PARENT_VARIABLE = "DASHCAM_PARENT"
# These are meant for the parent alone.
_SYSTEMD_VARIABLES = ("NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID", "LISTEN_FDS", "LISTEN_PID", "JOURNAL_STREAM")
# A line that does not end is handed on in pieces of this size.
_MAX_LINE_BYTES = 4000


def die_with_parent(environment: Mapping[str, str] | None = None) -> bool:
    """If a parent has started this process through `Child`: has the kernel send SIGTERM when that parent dies.

    To be called first thing in the child's main thread. False when it is nobody's child. Ends the process at once
    when the parent has died in between.
    """
    environment = os.environ if environment is None else environment
    parent = environment.get(PARENT_VARIABLE, "")
    if not parent.isdigit():
        return False
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
    if os.getppid() != int(parent):
        raise SystemExit(0)
    return True


class Child:
    """One run of a child program. Started once; its output is handed to `line` from a thread of its own.

    The kernel counts the thread that starts a child as the parent: start children in a thread that lives as long as
    they shall, such as the main thread.
    """

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        line: Callable[[str], None],
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self.name = name
        self._command = list(command)
        self._line = line
        self._environment = dict(os.environ if environment is None else environment)
        self._process: subprocess.Popen[bytes] | None = None
        self._reader = Worker(f"{name}-output", self._read_lines)

    def start(self) -> None:
        """Starts it. Raises OSError when there is no such program."""
        environment = {key: value for key, value in self._environment.items() if key not in _SYSTEMD_VARIABLES}
        environment[PARENT_VARIABLE] = str(os.getpid())
        # A process group of its own: Ctrl-C at the terminal reaches the parent only, which stops all in good order.
        self._process = subprocess.Popen(
            self._command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=environment,
            process_group=0,
        )
        self._reader.start()

    @property
    def pid(self) -> int:
        """Its process id; 0 before the start."""
        return self._process.pid if self._process is not None else 0

    def exit_code(self) -> int | None:
        """None while it runs; else its exit code, or minus the number of the signal that ended it."""
        return self._process.poll() if self._process is not None else None

    def stop(self, limit_seconds: float) -> bool:
        """Asks it to end, and kills it when it has not within the limit; False then. May be called twice."""
        if self._process is None:
            return True
        ended_in_time = True
        if self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(limit_seconds)
            except subprocess.TimeoutExpired:
                ended_in_time = False
                self._process.kill()
                self._process.wait()
        self.finish_reading()
        return ended_in_time

    def finish_reading(self) -> None:
        """Waits until the last line of an ended child has been handed on."""
        # A grandchild may hold the pipe open; then its words are not waited for.
        if self._reader.stop(1.0) and self._process is not None and self._process.stdout is not None:
            self._process.stdout.close()

    def _read_lines(self, _stop: threading.Event) -> None:
        assert self._process is not None
        assert self._process.stdout is not None
        while content := self._process.stdout.readline(_MAX_LINE_BYTES):
            self._line(content.decode(errors="replace").rstrip())
