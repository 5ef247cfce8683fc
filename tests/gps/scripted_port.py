"""A serial line that brings what a test says when it says so; its clock is what the receiver takes for time."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date

import serial

from dashcam.clock import NANOSECONDS
from dashcam.gps.serial_nmea import SerialReceiver
from dashcam.gps.tracker import FixSink
from dashcam.settings.schema import GpsSettings
from tests.gps.made import LIMIT_SECONDS, sentence

# Two sentences, by which the port is found, before what the test sends.
_FIRST_WORDS = sentence("GPGSV,1,1,00") * 2

Arrivals = Sequence[tuple[float, bytes]]


class ScriptedPort(serial.Serial):
    """Each arrival is a moment in seconds and what is there to be read then."""

    def __init__(self, arrivals: Arrivals) -> None:
        super().__init__()
        self._arrivals = iter([(arrivals[0][0], _FIRST_WORDS), *arrivals])
        self._heard = bytearray()
        self.now_ns = round(arrivals[0][0] * NANOSECONDS)
        self.is_over = threading.Event()
        self._is_read = False
        self._closed = threading.Event()

    @property
    def in_waiting(self) -> int:
        return len(self._heard)

    def read(self, size: int = 1, /) -> bytes:
        if not self._heard:
            self._wait()
        taken = bytes(self._heard[: max(size, 1)])
        # As a line does: of what waits, all that fits.
        del self._heard[: len(taken)]
        return taken

    def _wait(self) -> None:
        arrival = next(self._arrivals, None)
        if arrival is None:
            if self._is_read:
                # What came last was told when the line was silent.
                self.is_over.set()
            self._is_read = True
            self._closed.wait(0.05)
            return
        self.now_ns = round(arrival[0] * NANOSECONDS)
        self._heard += arrival[1]

    def reset_input_buffer(self) -> None:
        """Nothing came before the test began."""

    def close(self) -> None:
        self._closed.set()

    def monotonic_ns(self) -> int:
        return self.now_ns


@contextmanager
def heard(
    arrivals: Arrivals, on_fix: FixSink, reference: date, silent_seconds: float = 15.0
) -> Iterator[SerialReceiver]:
    """The serial receiver after it has read all of them."""
    port = ScriptedPort(arrivals)
    receiver = SerialReceiver(
        GpsSettings(device="scripted"),
        on_fix,
        reference,
        silent_seconds=silent_seconds,
        open_port=lambda _device: port,
        monotonic_ns=port.monotonic_ns,
    )
    receiver.start()
    try:
        assert port.is_over.wait(LIMIT_SECONDS)
        yield receiver
    finally:
        receiver.close()
