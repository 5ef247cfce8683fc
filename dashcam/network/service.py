"""The network program: answers on its link, follows the recorder, and looks after the machine's clock."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from dashcam import __version__
from dashcam.errors import BadRequest
from dashcam.link.follow import FollowedStatus
from dashcam.link.messages import (
    GetNetworkStatus,
    Message,
    NetworkRequest,
    NetworkStatus,
    SettingsChanged,
    SettingsTaken,
)
from dashcam.link.server import LinkServer
from dashcam.network.resting import RestNote
from dashcam.network.system_clock import ClockDuty, Machine
from dashcam.network.timedate import Timedate
from dashcam.system.bus import SYSTEM_BUS

# The recorder tells its status once a second; to be asked to end is noticed within this.
_TURN_SECONDS = 0.5


class Service:
    """The whole program; `run` is called by the main thread, requests come from the link's threads."""

    def __init__(
        self,
        state: Path,
        stop: threading.Event,
        *,
        machine: Machine | None = None,
        bus_address: str = SYSTEM_BUS,
    ) -> None:
        """It works until `stop` is set. `machine`: this one if None."""
        self._stop = stop
        self._server = LinkServer(state, "network", requests=NetworkRequest, answer=self.answer)
        self._followed = FollowedStatus(state)
        machine = machine or Machine()
        timedate = Timedate(RestNote(state), stop, address=bus_address, monotonic_ns=machine.monotonic_ns)
        self._clock = ClockDuty(timedate, machine)

    def run(self, turned: Callable[[], None] = lambda: None) -> None:
        """Works until told to stop. Raises AlreadyRunning when another one works for this state."""
        self._server.start()
        self._followed.start()
        version = -1
        try:
            while not self._stop.is_set():
                version, status = self._followed.wait_for_change(version, _TURN_SECONDS)
                if not self._stop.is_set():
                    self._clock.turn(None if status is None else status.clock)
                turned()
        finally:
            self._followed.close()
            self._clock.close()
            self._server.close()

    def answer(self, request: Any) -> Message:
        """Called by the link in a thread of each client's own."""
        match request:
            case GetNetworkStatus():
                return NetworkStatus(version=__version__, pid=os.getpid(), clock=self._clock.status)
            case SettingsChanged():
                return SettingsTaken(pending=())  # it has none yet
        raise BadRequest("the network program does not know this request; update it")
