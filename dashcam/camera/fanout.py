"""One packet to every sink. A sink that fails or is slow loses its own copy and holds up nobody."""

from __future__ import annotations

import logging
from typing import Protocol

from dashcam.camera.base import Packet

log = logging.getLogger(__name__)


class Sink(Protocol):
    """Takes packets and returns at once."""

    def put(self, packet: Packet) -> None:
        """Called in the camera's thread for every packet."""


class Fanout:
    """Hands packets on in the order they come. The set of sinks is fixed when it is made."""

    def __init__(self, **sinks: Sink) -> None:
        self._sinks = sinks
        self._complained: set[str] = set()

    def put(self, packet: Packet) -> None:
        """Called in the camera's thread; never raises into the camera."""
        for name, sink in self._sinks.items():
            try:
                sink.put(packet)
            except Exception:
                if name not in self._complained:
                    self._complained.add(name)
                    log.exception("%s fails on packets; the others go on", name)
