"""Recorder, keeper and web program on one folder, as processes of their own: what `dashcam run` starts."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Literal, Self
from urllib.parse import urlsplit

from dashcam.errors import LinkError
from dashcam.link.client import ask
from dashcam.link.messages import GetProgress, GetStatus, KeeperProgress, RecorderStatus
from dashcam.link.place import page_address_path
from dashcam.system.runtime_folder import socket_folder
from tests.conftest import CHECKOUT
from tests.endurance.child_process import dies_with_us

Command = Literal["record", "keep", "web"]

_LIMIT_SECONDS = 60.0
_LOOK_SECONDS = 0.05


class Programs:
    """Those of the three that are started, on `data`; leaving the context ends them, the page first, the keeper last.

    Must be used by one thread, which has to live on: the kernel ends the programs with it.
    """

    def __init__(self, data: Path, log: Path, *settings: str) -> None:
        self.data = data
        self.state = data / ".state"
        self.log = log
        self._settings = settings
        self._processes: dict[Command, subprocess.Popen[bytes]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        with ExitStack() as closing:
            closing.callback(shutil.rmtree, socket_folder(self.state), ignore_errors=True)
            for process in self._processes.values():
                closing.callback(process.wait)
                closing.callback(process.kill)
            self.stop()

    def start(self, command: Command, *options: str) -> None:
        """Starts one; what it logs goes into the log file."""
        settings = [f"--set={setting}" for setting in self._settings]
        words = [sys.executable, "-P", "-m", "dashcam", command, "--data", str(self.data), *settings, *options]
        with open(self.log, "ab") as log_file:
            self._processes[command] = subprocess.Popen(
                dies_with_us(words), cwd=CHECKOUT, stdout=log_file, stderr=log_file
            )

    def start_page(self) -> str:
        """Starts the web program on a free port of this machine alone; gives its `host:port`."""
        self.start("web", "--port", "0", "--set=web.host=127.0.0.1")
        file = page_address_path(self.state)
        self._wait(file.is_file, "the page")
        return urlsplit(file.read_text().strip()).netloc

    def pid_of(self, command: Command) -> int:
        """Of one that was started."""
        return self._processes[command].pid

    def recorder(self) -> RecorderStatus:
        """Raises LinkError while it starts."""
        return ask(self.state, "recorder", GetStatus(), RecorderStatus)

    def keeper(self) -> KeeperProgress:
        """Raises LinkError while it starts."""
        return ask(self.state, "keeper", GetProgress(), KeeperProgress)

    def wait_until_recording(self) -> None:
        """Until the first clip has its name."""

        def is_recording() -> bool:
            status = self.recorder()
            return status.is_recording and status.open_clip is not None and bool(status.open_clip.path)

        self._wait(is_recording, "the recording")

    def wait_until_kept(self) -> None:
        """Until the keeper has nothing to do."""
        self._wait(lambda: self.keeper().state == "idle", "the keeper's rest")

    def stop(self, commands: Sequence[Command] = ("web", "record", "keep")) -> None:
        """Ends these in order, as a supervisor does. Raises AssertionError when one ends with an error."""
        for command in commands:
            process = self._processes.pop(command, None)
            if process is not None:
                process.terminate()
                code = process.wait(_LIMIT_SECONDS)
                assert code == 0, f"dashcam {command} ended with {code}; its log is\n{self._last_words()}"

    def kill(self, command: Command) -> None:
        """Ends one without a word, and returns when it is gone."""
        process = self._processes.pop(command)
        process.kill()
        process.wait()

    def _wait(self, holds: Callable[[], bool], what: str) -> None:
        until = time.monotonic() + _LIMIT_SECONDS
        while True:
            try:
                if holds():
                    return
            except LinkError:
                pass  # it is being started
            assert time.monotonic() < until, f"{what} did not come; the log is\n{self._last_words()}"
            dead = [command for command, process in self._processes.items() if process.poll() is not None]
            assert not dead, f"dashcam {dead[0]} has ended; the log is\n{self._last_words()}"
            time.sleep(_LOOK_SECONDS)

    def _last_words(self) -> str:
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-30:])
