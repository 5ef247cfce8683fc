"""A receiver that gpsd looks after, through its socket."""

from __future__ import annotations

import logging
import socket
import threading
import time
from datetime import date

from dashcam.gps.base import GpsState
from dashcam.gps.gpsd_messages import ASK_DEVICES, WATCH, GpsdParser
from dashcam.gps.tracker import FixSink, Tracker
from dashcam.settings.schema import GpsSettings
from dashcam.worker import Worker

log = logging.getLogger(__name__)

_CONNECT_SECONDS = 3.0
_READ_SECONDS = 0.25
_READ_BYTES = 65_536
_PAUSE_SECONDS = 2.0
# gpsd answers ?WATCH at once.
_ANSWER_SECONDS = 2.0
# With a receiver it speaks every second. When one is unplugged it falls silent without a word, so it is asked; one
# that does not even answer that is connected to anew.
_ASK_SECONDS = 2.5
_SILENT_SECONDS = 20.0
# A receiver that gpsd has said nothing of for so long is gone, or speaks nothing that gpsd understands.
_REPORT_SECONDS = 8.0
_JOIN_SECONDS = 5.0


class GpsdReceiver:
    """Follows gpsd, and connects again as often as it goes away."""

    def __init__(self, settings: GpsSettings, on_fix: FixSink, reference: date | None) -> None:
        self._address = (settings.host, settings.port)
        self._name = f"gpsd at {settings.host}:{settings.port}"
        self._reference = reference
        self._tracker = Tracker("gpsd", on_fix, is_real=True)
        self._worker = Worker("gpsd client", self._work, self._tracker.died)

    def start(self) -> None:
        """Begins to connect."""
        self._tracker.disconnected(f"looking for {self._name}")
        self._worker.start()

    def state(self) -> GpsState:
        """How it is at this moment."""
        return self._tracker.state()

    def close(self) -> None:
        """Disconnects; may be called twice."""
        self._worker.stop(_JOIN_SECONDS)

    def _work(self, stopping: threading.Event) -> None:
        while not stopping.is_set():
            try:
                with socket.create_connection(self._address, _CONNECT_SECONDS) as connection:
                    words = self._follow(connection, stopping)
            except OSError as error:
                words = f"{self._name} does not answer ({error.strerror or error}); is it running?"
            self._tracker.disconnected("stopped" if stopping.is_set() else words)
            stopping.wait(_PAUSE_SECONDS)

    def _follow(self, connection: socket.socket, stopping: threading.Event) -> str:
        """Reads until gpsd goes away or says nothing any more; which, in words."""
        connection.sendall(WATCH)
        connection.settimeout(_READ_SECONDS)
        parser = GpsdParser(self._reference)
        last_heard = last_asked = last_report = time.monotonic()
        while not stopping.is_set() and time.monotonic() - last_heard < _SILENT_SECONDS:
            data = _received(connection)
            if data == b"":
                return f"{self._name} went away; connecting again"
            now = time.monotonic()
            if data is None:
                if now - max(last_heard, last_asked) > _ASK_SECONDS:
                    connection.sendall(ASK_DEVICES)
                    last_asked = now
                data = b""
            else:
                last_heard = now
            fixes = parser.feed(data, time.monotonic_ns())
            if fixes:
                last_report = now
            self._tell(parser, now - last_report)
            for fix in fixes:
                self._tracker.take(fix)
        return f"{self._name} has become silent; connecting again"

    def _tell(self, parser: GpsdParser, silent_seconds: float) -> None:
        """Whether there is a receiver: gpsd keeps one in its list for a while that was unplugged."""
        if silent_seconds > _REPORT_SECONDS and parser.devices:
            self._tracker.disconnected(f"the receiver of {self._name} is silent; is it plugged in?")
        elif parser.devices or silent_seconds == 0:
            self._tracker.connected(self._name)
        elif parser.has_told_devices:
            self._tracker.disconnected(f"{self._name} has no receiver; plug one in")


def _received(connection: socket.socket) -> bytes | None:
    """What has come; None when nothing did, and nothing at all when gpsd has hung up."""
    try:
        return connection.recv(_READ_BYTES)
    except TimeoutError:
        return None


def has_receiver(host: str, port: int) -> bool:
    """Whether a gpsd answers there and has a receiver; takes two seconds at most where one is running."""
    parser = GpsdParser(None)
    try:
        with socket.create_connection((host, port), _ANSWER_SECONDS) as connection:
            connection.sendall(WATCH)
            until = time.monotonic() + _ANSWER_SECONDS
            while not parser.devices and time.monotonic() < until:
                connection.settimeout(max(0.01, until - time.monotonic()))
                data = connection.recv(_READ_BYTES)
                if not data:
                    return False
                parser.feed(data, time.monotonic_ns())
                if parser.has_told_devices:
                    break
    except OSError:
        return False
    return parser.devices > 0
