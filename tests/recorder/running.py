"""A whole recorder in this process, asked over its link as the page asks it."""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

from dashcam.clock import WallClock
from dashcam.errors import LinkError
from dashcam.link import messages as m
from dashcam.link.client import ask
from dashcam.media.durable_file import SyncPolicy
from dashcam.options import ProgramOptions
from dashcam.recorder.service import Recorder
from dashcam.settings import load_settings
from dashcam.system.notify import Notifier
from dashcam.worker import Worker
from tests.recorder.cameras import SPEED, Cameras

LIMIT_SECONDS = 60.0
_LOOK_SECONDS = 0.02
Reply = TypeVar("Reply", bound=m.Message)


def wait_until(is_so: Callable[[], bool], what: str, limit_seconds: float = LIMIT_SECONDS) -> None:
    """Returns as soon as `is_so()`. Raises TimeoutError after the limit."""
    until = time.monotonic() + limit_seconds
    while not is_so():
        if time.monotonic() > until:
            raise TimeoutError(f"not within {limit_seconds:g} s: {what}")
        threading.Event().wait(_LOOK_SECONDS)


class RunningRecorder:
    """Runs from entering to leaving the context. Leaving stops it in good order and raises what it died of."""

    def __init__(
        self,
        data: Path,
        cameras: Cameras,
        *assignments: str,
        state: Path | None = None,
        sync: SyncPolicy = os.fdatasync,
        clock: WallClock | None = None,
        environment: Mapping[str, str] | None = None,
        for_seconds: float | None = None,
    ) -> None:
        self.data = data
        self.state = state or data / ".state"
        self.cameras = cameras
        self.ends: list[str] = []
        """Why the process would have ended itself."""
        self.on_end: Callable[[], None] = cameras.let_go
        defaults = (f"camera.speed={SPEED}", "recording.segment_seconds=2")
        loaded = load_settings(None, (*defaults, *assignments), data / "no system file")
        assert not loaded.mistakes
        self._recorder = Recorder(
            ProgramOptions(data, self.state, loaded, for_seconds=for_seconds),
            clock=clock or WallClock(),
            sync=sync,
            notifier=Notifier(environment or {}),
            end_process=self._end_process,
            open_camera=cameras,
        )
        self._stop = threading.Event()
        self._error: BaseException | None = None
        self._worker = Worker("recorder", self._run)

    def __enter__(self) -> Self:
        self._worker.start()
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self.cameras.let_go()
        self._stop.set()
        ended = self._worker.stop(LIMIT_SECONDS)
        if error is None:
            assert ended
            if self._error is not None:
                raise self._error

    @property
    def has_ended(self) -> bool:
        """True when it has stopped by itself."""
        return not self._worker.is_alive

    def ask(self, request: m.Message, reply: type[Reply]) -> Reply:
        """One question, as the web program asks it."""
        return ask(self.state, "recorder", request, reply, LIMIT_SECONDS)

    def status(self) -> m.RecorderStatus:
        """How it stands now; waits for the link at the start."""
        wait_until(lambda: self.is_reachable or self.has_ended, "the recorder's link")
        return self.ask(m.GetStatus(), m.RecorderStatus)

    @property
    def is_reachable(self) -> bool:
        """True once the link answers."""
        try:
            self.ask(m.GetStatus(), m.RecorderStatus)
        except LinkError:
            return False
        return True

    def wait_for(self, fits: Callable[[m.RecorderStatus], bool], what: str) -> m.RecorderStatus:
        """The first status that fits."""
        found: list[m.RecorderStatus] = []

        def look() -> bool:
            status = self.status()
            if fits(status):
                found.append(status)
            return bool(found)

        wait_until(look, what)
        return found[0]

    def wait_until_recording(self, frames: int = 1) -> m.RecorderStatus:
        """The status once it records and so many frames are in clips."""
        return self.wait_for(
            lambda status: status.state == "recording" and status.frames_written >= frames, f"{frames} recorded frames"
        )

    def _run(self, _stop: threading.Event) -> None:
        try:
            self._recorder.run(self._stop)
        except BaseException as error:  # noqa: BLE001 it is raised in the test's thread
            self._error = error

    def _end_process(self, reason: str) -> None:
        self.ends.append(reason)
        self._stop.set()
        self.on_end()


class Systemd:
    """The socket that systemd would listen on."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "notify"
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(str(self.path))
        self._socket.setblocking(False)
        self.heard: list[str] = []

    @property
    def environment(self) -> dict[str, str]:
        """What a service gets from systemd."""
        return {"NOTIFY_SOCKET": str(self.path)}

    def listen(self) -> list[str]:
        """Every line so far."""
        while True:
            try:
                self.heard += self._socket.recv(4096).decode().splitlines()
            except BlockingIOError:
                return self.heard

    def wait_for(self, line: str) -> None:
        """Returns as soon as the line has been heard."""
        wait_until(lambda: line in self.listen(), line)

    def forget(self) -> None:
        """Begins to listen anew."""
        self.listen()
        self.heard.clear()

    def close(self) -> None:
        """Stops listening."""
        self._socket.close()
