"""A whole recorder in this process, asked over its link as the page asks it."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

from dashcam.clock import WallClock
from dashcam.media.durable_file import SyncPolicy
from dashcam.options import ProgramOptions
from dashcam.recorder.service import Recorder
from dashcam.settings import load_settings
from dashcam.system.notify import Notifier
from dashcam.worker import Worker
from tests.recorder.asked import LIMIT_SECONDS, AskedRecorder, wait_until
from tests.recorder.cameras import SPEED, Cameras


class RunningRecorder(AskedRecorder):
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
        with_defaults: bool = True,
    ) -> None:
        """`with_defaults`: quick cameras and short clips, and no GPS receiver of this machine, given as with --set."""
        super().__init__(state or data / ".state")
        self.data = data
        self.cameras = cameras
        self.ends: list[str] = []
        """Why the process would have ended itself."""
        self.on_end: Callable[[], None] = cameras.let_go
        quick = (f"camera.speed={SPEED}", "recording.segment_seconds=2", "gps.kind=none")
        defaults = quick if with_defaults else ()
        loaded = load_settings(self.state, (*defaults, *assignments), data / "no system file")
        assert not loaded.mistakes
        self._recorder = Recorder(
            ProgramOptions(data, self.state, loaded, (*defaults, *assignments), for_seconds=for_seconds),
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

    def let_stop(self) -> None:
        """Tells it to stop and does not wait for it."""
        self._stop.set()

    @property
    def has_ended(self) -> bool:
        """True when it has stopped by itself."""
        return not self._worker.is_alive

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
