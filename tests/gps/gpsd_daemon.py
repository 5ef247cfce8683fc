"""The real gpsd on a port of its own, in the foreground, ended by its process id."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from types import TracebackType

from tests.conftest import skip_unless_in_ci
from tests.gps.made import LIMIT_SECONDS


def free_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


class GpsdDaemon:
    """Reads the given devices at 9600 baud; it can be ended and started again on the same port.

    Devices are given by names that go away with them: the number of a pseudo terminal is soon somebody else's.
    """

    def __init__(self, *devices: str) -> None:
        self.port = free_port()
        self._devices = devices
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> GpsdDaemon:
        self.start()
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Returns when it answers. Skips the test where gpsd is not installed."""
        program = shutil.which("gpsd", path="/usr/sbin:/usr/bin:/usr/local/sbin")
        if program is None:
            skip_unless_in_ci("gpsd is not installed")
            raise AssertionError
        # Read-only, so that it does not write to the terminal; without devices it would leave at once.
        control = [] if self._devices else ["-F", f"/tmp/gpsd-{self.port}.sock"]
        options = ["-N", "-n", "-b", "-s", "9600", "-S", str(self.port), *control, *self._devices]
        self._process = subprocess.Popen([program, *options], stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        until = time.monotonic() + LIMIT_SECONDS
        while not self._answers():
            assert self._process.poll() is None, "gpsd ended by itself"
            assert time.monotonic() < until
            time.sleep(0.05)

    def stop(self) -> None:
        """Ends it; may be called twice."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(LIMIT_SECONDS)
            self._process = None

    def _answers(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), 1.0):
                return True
        except OSError:
            return False
