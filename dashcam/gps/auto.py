"""Looks for a receiver, and goes on looking while there is none: in a car it may be plugged in later."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from dashcam.gps.base import GpsState, Receiver, ReceiverKind
from dashcam.worker import Worker

log = logging.getLogger(__name__)

_LOOK_SECONDS = 5.0
# A receiver that was chosen has so many looks to be heard: gpsd may only be restarting, a port has many baud rates.
_PATIENCE_LOOKS = 4
_JOIN_SECONDS = 10.0


def next_kind(*, gpsd_has_receiver: bool, has_ports: bool, listened_in_vain: bool, or_simulated: bool) -> ReceiverKind:
    """What to try next. gpsd comes first: what it looks after nobody else may open.

    `listened_in_vain`: the ports that there are have been listened to, and none of them has a receiver on it.
    """
    if gpsd_has_receiver:
        return "gpsd"
    if has_ports and not (or_simulated and listened_in_vain):
        return "serial"
    return "simulated" if or_simulated else "none"


class AutoReceiver:
    """Holds the receiver that was found last, and changes it when it is gone and another one is there."""

    def __init__(
        self,
        make: Callable[[ReceiverKind], Receiver],
        *,
        gpsd_has_receiver: Callable[[], bool],
        has_ports: Callable[[], bool],
        or_simulated: bool,
        look_seconds: float = _LOOK_SECONDS,
    ) -> None:
        self._make = make
        self._gpsd_has_receiver = gpsd_has_receiver
        self._has_ports = has_ports
        self._or_simulated = or_simulated
        self._look_seconds = look_seconds
        self._worker = Worker("GPS search", self._look)
        # Replaced by the search alone; whoever asks takes the one there is.
        self._kind: ReceiverKind = "none"
        self._receiver: Receiver | None = None

    def start(self) -> None:
        """Begins to look."""
        self._worker.start()

    def state(self) -> GpsState:
        """How what was found is at this moment."""
        receiver = self._receiver
        return GpsState(words="looking for a GPS receiver") if receiver is None else receiver.state()

    def close(self) -> None:
        """Stops looking and closes what was found; may be called twice."""
        self._worker.stop(_JOIN_SECONDS)
        if self._receiver is not None:
            self._receiver.close()

    def _look(self, stopping: threading.Event) -> None:
        looks = _PATIENCE_LOOKS
        while not stopping.is_set():
            if self._receiver is not None and self._receiver.state().is_connected:
                looks = 0
            elif looks >= _PATIENCE_LOOKS or self._kind == "none":
                self._change()
                looks = 0
            else:
                looks += 1
            stopping.wait(self._look_seconds)

    def _change(self) -> None:
        kind = next_kind(
            gpsd_has_receiver=self._gpsd_has_receiver(),
            has_ports=self._has_ports(),
            listened_in_vain=self._kind == "serial",
            or_simulated=self._or_simulated,
        )
        if self._receiver is not None:
            if kind == self._kind:
                return
            self._receiver.close()
        if kind == "simulated":
            log.warning("no GPS receiver was found, a simulated drive stands in; gps.kind chooses")
        elif kind == "none":
            log.info("no GPS receiver was found; looking again every %g s", self._look_seconds)
        self._kind = kind
        self._receiver = self._make(kind)
        self._receiver.start()
