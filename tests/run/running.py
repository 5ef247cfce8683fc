"""A `dashcam run` under test: what it prints, what its parts say, and its end."""

from __future__ import annotations

import os
import pty
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

from dashcam.run.page import free_port
from dashcam.system.runtime_folder import socket_folder

LONG_SECONDS = 60.0
CHECKOUT = Path(__file__).resolve().parent.parent.parent


class Heard:
    """Everything that comes out of a descriptor, and waiting for what shall come."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._changed = threading.Condition()
        self._is_over = False
        self.text = ""
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def wait_for(self, pattern: str, after: int = 0) -> re.Match[str]:
        """The first match behind the first `after` characters; fails if it never comes."""
        expression = re.compile(pattern)
        with self._changed:
            self._changed.wait_for(lambda: self._is_over or expression.search(self.text, after), LONG_SECONDS)
            found = expression.search(self.text, after)
        assert found is not None, f"{pattern!r} did not come; this did:\n{self.text}"
        return found

    def wait_for_end(self) -> str:
        """All of it, once every writer has closed."""
        self._reader.join(LONG_SECONDS)
        assert self._is_over, f"still somebody writes; so far:\n{self.text}"
        return self.text

    def _read(self) -> None:
        while True:
            try:
                content = os.read(self._descriptor, 65536)
            except OSError:  # a terminal that nobody has open any more
                content = b""
            with self._changed:
                self.text += content.decode(errors="replace")
                self._is_over = not content
                self._changed.notify_all()
            if not content:
                return


class Running:
    """`dashcam run` of stand-ins on `data`, perhaps at a terminal of its own; `pipe` is made for the events."""

    def __init__(self, data: Path, pipe: Path, *what: str, at_terminal: bool, is_read: bool) -> None:
        self.port = free_port("127.0.0.1")
        self._data = data
        os.mkfifo(pipe)
        # Open for both, so that opening blocks nobody; see `without_own_end`.
        own_end = os.open(pipe, os.O_RDWR | os.O_CLOEXEC)
        self.events = Heard(os.open(pipe, os.O_RDONLY | os.O_CLOEXEC))
        command = [sys.executable, "-m", "tests.run.stand_ins", "parent", str(data), str(self.port), str(pipe), *what]
        self.terminal = -1
        self.process = self._at_terminal(command) if at_terminal else self._with_pipe(command)
        if is_read:
            self.output = Heard(self.terminal if at_terminal else self._pipe_of(self.process))
        self._own_end = own_end

    def without_own_end(self) -> Heard:
        """The events, which end when the last part has ended."""
        os.close(self._own_end)
        return self.events

    def wait(self) -> int:
        return self.process.wait(LONG_SECONDS)

    def remove_sockets(self) -> None:
        """What parts that were killed have left; the next start would replace it."""
        shutil.rmtree(socket_folder(self._data / ".state"), ignore_errors=True)

    def process_id(self, part: str) -> int:
        return int(self.events.wait_for(rf"{part} (\d+)\n")[1])

    def wait_until_all_run(self) -> None:
        for part in ("recorder", "keeper", "page"):
            self.process_id(part)

    def _with_pipe(self, command: Sequence[str]) -> subprocess.Popen[bytes]:
        return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, cwd=CHECKOUT)

    def _pipe_of(self, process: subprocess.Popen[bytes]) -> int:
        assert process.stdout is not None
        return process.stdout.fileno()

    def _at_terminal(self, command: Sequence[str]) -> subprocess.Popen[bytes]:
        self.terminal, inner = pty.openpty()
        process = subprocess.Popen(
            ["setsid", "--ctty", *command],  # so that Ctrl-C comes from the terminal itself
            stdin=inner,
            stdout=inner,
            stderr=inner,
            env={**os.environ, "TERM": "xterm", "COLUMNS": "100"},
            cwd=CHECKOUT,
        )
        os.close(inner)
        return process
