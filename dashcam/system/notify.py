"""What systemd is told: ready, how it goes, still alive (sd_notify(3)). Without systemd nothing happens."""

from __future__ import annotations

import logging
import os
import socket
import time
from collections.abc import Mapping

log = logging.getLogger(__name__)

# systemd shows a line; a whole traceback helps nobody there.
_MAX_STATUS_CHARACTERS = 400


class Notifier:
    """Sends datagrams to the socket that NOTIFY_SOCKET names: a path, or an abstract name that begins with @.

    Callable from any thread, never blocks, never raises: a systemd that does not listen must not disturb a recording.
    """

    def __init__(self, environment: Mapping[str, str] | None = None) -> None:
        environment = os.environ if environment is None else environment
        address = environment.get("NOTIFY_SOCKET", "")
        self._address = "\0" + address[1:] if address.startswith("@") else address
        self._watchdog_seconds = _watchdog_seconds(environment)

    @property
    def watchdog_seconds(self) -> float | None:
        """The period after which systemd kills a program that does not call `watchdog`; None: it does not watch.

        Call at least twice in it.
        """
        return self._watchdog_seconds

    def ready(self, status: str = "") -> None:
        """The start is over; `status` in words."""
        self._send("READY=1", *_status_lines(status))

    def status(self, text: str) -> None:
        """How it goes, for `systemctl status`."""
        self._send(*_status_lines(text))

    def watchdog(self) -> None:
        """Still alive; asks for no answer."""
        self._send("WATCHDOG=1")

    def stopping(self) -> None:
        """The end has begun; systemd waits for it."""
        self._send("STOPPING=1")

    def _send(self, *lines: str) -> None:
        if not self._address or not lines:
            return
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as sender:
                sender.setblocking(False)
                sender.sendto("\n".join(lines).encode(), self._address)
        except OSError as error:
            log.debug("systemd was not reached: %s", error)


class Pulse:
    """Tells systemd now and then that the work goes on, however often it turns."""

    def __init__(self, notifier: Notifier) -> None:
        self._notifier = notifier
        self._period_seconds = (notifier.watchdog_seconds or 0.0) / 4
        self._due_at = 0.0

    def beat(self) -> None:
        """At every turn of the work."""
        now = time.monotonic()
        if self._period_seconds and now >= self._due_at:
            self._due_at = now + self._period_seconds
            self._notifier.watchdog()


def _status_lines(text: str) -> list[str]:
    # A line break would end the assignment and begin another.
    return [f"STATUS={' '.join(text.split())[:_MAX_STATUS_CHARACTERS]}"] if text else []


def _watchdog_seconds(environment: Mapping[str, str]) -> float | None:
    try:
        period = int(environment.get("WATCHDOG_USEC", "0")) / 1_000_000
        process = int(environment.get("WATCHDOG_PID", os.getpid()))
    except ValueError:
        return None
    # The variables are inherited; they are meant for one process.
    return period if period > 0 and process == os.getpid() else None
