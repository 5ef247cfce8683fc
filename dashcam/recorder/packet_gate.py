"""What stands between a camera that has just been opened and the queue."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from dashcam.camera.base import Packet
from dashcam.recorder.watch import PacketPulse


class PulseSink:
    """Lets the watchdog's pulse see every packet."""

    def __init__(self, pulse: PacketPulse) -> None:
        self._pulse = pulse

    def put(self, packet: Packet) -> None:
        """One packet has come."""
        self._pulse.saw(time.monotonic(), len(packet.data), is_keyframe=packet.is_keyframe)


class PacketGate:
    """Holds the camera's first packets until the queue knows their format, in order."""

    def __init__(self, forward: Callable[[Packet], None]) -> None:
        self._forward = forward
        self._lock = threading.Lock()
        self._held: list[Packet] = []
        self._is_open = False

    def put(self, packet: Packet) -> None:
        """Hands it on, or holds it. Called by the camera's thread."""
        if self._is_open or not self._hold(packet):
            self._forward(packet)

    def _hold(self, packet: Packet) -> bool:
        with self._lock:
            if not self._is_open:
                self._held.append(packet)
            return not self._is_open

    def open(self) -> None:
        """Hands on what is held, and all that follows."""
        with self._lock:
            for packet in self._held:
                self._forward(packet)
            self._held.clear()
            self._is_open = True
