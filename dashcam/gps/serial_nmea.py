"""A receiver on a serial port, USB or pins, that sends NMEA; the only module that knows pyserial.

Nothing is ever written to a port: it may belong to something else.
"""

from __future__ import annotations

import logging
import termios
import threading
import time
from collections.abc import Callable
from contextlib import closing
from datetime import date
from typing import Literal

import serial

from dashcam.clock import NANOSECONDS
from dashcam.gps.assembler import Counts, LineSplitter, SentenceAssembler
from dashcam.gps.base import GpsState
from dashcam.gps.ports import PortFinder, all_ports
from dashcam.gps.tracker import FixSink, Tracker
from dashcam.settings.schema import GpsSettings
from dashcam.worker import Worker

log = logging.getLogger(__name__)

# The usual ones, the most usual first. On USB without a converter (ttyACM) all are the same.
BAUD_RATES = (9600, 38400, 115200, 4800, 57600, 19200, 230400, 460800)
# A read ends after so long, so that a stop is seen and a moment that is over is told.
_READ_SECONDS = 0.25
_MOST_READ_BYTES = 4096
# Receivers send every second; a port that says nothing for so long has nothing on it.
_LISTEN_SECONDS = 2.5
# Two sentences with the right checksum are no coincidence; so much without any is another baud rate.
_HEARD_SENTENCES = 2
# Once one was heard it may be a receiver that is slow.
_SLOW_SECONDS = 10.0
_TOO_MUCH_NOISE_BYTES = 600
# A receiver that has become silent, or only sends what cannot be read, is looked for anew.
_SILENT_SECONDS = 15.0
_SEARCH_PAUSE_SECONDS = 2.0
_JOIN_SECONDS = 5.0

_PORT_ERRORS = (serial.SerialException, termios.error, OSError, ValueError)


def open_port(device: str) -> serial.Serial:
    """Opens it for this program alone. Raises what pyserial and the system raise."""
    return serial.Serial(device, BAUD_RATES[0], timeout=_READ_SECONDS, exclusive=True)


class SerialReceiver:
    """Finds its receiver by listening, and again after it was unplugged, on whichever port it comes back."""

    def __init__(
        self,
        settings: GpsSettings,
        on_fix: FixSink,
        reference: date | None,
        ports: PortFinder = all_ports,
        silent_seconds: float = _SILENT_SECONDS,
        open_port: Callable[[str], serial.Serial] = open_port,
        monotonic_ns: Callable[[], int] = time.monotonic_ns,
    ) -> None:
        """`reference`: a date surely past; `ports`: where to look when the settings name none.

        `silent_seconds`: without a sentence for so long it is looked for anew.
        """
        self._open_port = open_port
        self._monotonic_ns = monotonic_ns
        self._device = settings.device
        self._ports = ports
        self._reference = reference
        self._silent_seconds = silent_seconds
        self._tracker = Tracker("serial", on_fix, is_real=True, monotonic_ns=monotonic_ns)
        self._worker = Worker("GPS receiver", self._work, self._tracker.died)
        self._rates: dict[str, int] = {}
        self._trouble = ""

    def start(self) -> None:
        """Begins to look for it."""
        self._tracker.disconnected("looking for a GPS receiver")
        self._worker.start()

    def state(self) -> GpsState:
        """How it is at this moment."""
        return self._tracker.state()

    def close(self) -> None:
        """Stops reading; may be called twice."""
        self._worker.stop(_JOIN_SECONDS)

    def _work(self, stopping: threading.Event) -> None:
        while not stopping.is_set():
            self._trouble = ""
            devices = [self._device] if self._device else self._ports()
            if not any(self._try(device, stopping) for device in devices):
                self._tracker.disconnected(self._why_none())
                stopping.wait(_SEARCH_PAUSE_SECONDS)
        self._tracker.disconnected("stopped")

    def _try(self, device: str, stopping: threading.Event) -> bool:
        """Listens to a port and, when a receiver is heard, reads it until it is gone: True."""
        has_heard = False
        try:
            with closing(self._open_port(device)) as port:
                rate = self._find_rate(port, device, stopping)
                if rate is None:
                    return False
                has_heard = True
                self._rates[device] = rate
                self._tracker.connected(f"{device} at {rate} baud")
                self._read(port, stopping)
                self._tracker.disconnected(f"the GPS receiver on {device} has become silent; looking for it")
        except _PORT_ERRORS as error:
            log.debug("%s: %s", device, error)
            self._trouble = self._trouble or _trouble_with(device, error)
            if has_heard:
                self._tracker.disconnected(f"the GPS receiver on {device} is gone; plug it in again")
                # A port that is going away answers with errors for a moment.
                stopping.wait(_READ_SECONDS)
        return has_heard

    def _find_rate(self, port: serial.Serial, device: str, stopping: threading.Event) -> int | None:
        """The baud rate at which a receiver is heard, the last one first; None when there is none."""
        last = self._rates.get(device)
        for rate in sorted(BAUD_RATES, key=lambda rate: rate != last):
            port.baudrate = rate
            port.reset_input_buffer()
            match self._listen(port, stopping):
                case "receiver":
                    return rate
                case "silence":
                    # At another rate it would have been heard as noise.
                    return None
        return None

    def _listen(self, port: serial.Serial, stopping: threading.Event) -> Literal["receiver", "noise", "silence"]:
        """What is on a port at its present rate."""
        counts = Counts()
        splitter = LineSplitter(counts)
        heard_bytes = 0
        until_ns = self._monotonic_ns() + round(_LISTEN_SECONDS * NANOSECONDS)
        while self._monotonic_ns() < until_ns and not stopping.is_set():
            data = _read_some(port)
            heard_bytes += len(data)
            sentences = len(splitter.feed(data))
            if sentences and not counts.good:
                until_ns += round(_SLOW_SECONDS * NANOSECONDS)
            counts.good += sentences
            if counts.good >= _HEARD_SENTENCES:
                return "receiver"
            if heard_bytes > _TOO_MUCH_NOISE_BYTES and not counts.good:
                break
        return "noise" if heard_bytes else "silence"

    def _read(self, port: serial.Serial, stopping: threading.Event) -> None:
        """Reads until the receiver has become silent."""
        assembler = SentenceAssembler(self._reference)
        last_good_ns = self._monotonic_ns()
        while not stopping.is_set():
            before = assembler.counts.good
            data = _read_some(port)
            for fix in assembler.feed(data, self._monotonic_ns()) if data else assembler.flush():
                self._tracker.take(fix)
            now_ns = self._monotonic_ns()
            if assembler.counts.good > before:
                last_good_ns = now_ns
            elif now_ns - last_good_ns > self._silent_seconds * NANOSECONDS:
                return

    def _why_none(self) -> str:
        if self._trouble:
            return self._trouble
        if self._device:
            return f"no GPS receiver is heard on {self._device} (gps.device); is it connected, has it power?"
        return "no GPS receiver was found; plug one in by USB, or name its port in gps.device"


def _read_some(port: serial.Serial) -> bytes:
    """What has come, or what comes within the read's time."""
    return bytes(port.read(min(_MOST_READ_BYTES, max(1, port.in_waiting))))


def _trouble_with(device: str, error: Exception) -> str:
    reason = str(error)
    if "No such file" in reason or "No such device" in reason:
        return f"{device} is not there; plug the GPS receiver in, or empty gps.device to have it found"
    if "ermission denied" in reason:
        return f"{device} may not be opened; add this program's user to the group dialout"
    if "lock" in reason or "busy" in reason:
        return f"{device} is in use by another program, perhaps gpsd: then gps.kind=gpsd is right"
    return f"{device} cannot be read ({reason})"
