"""`/api/power`: the machine off or started anew, after the clip was closed and everything written down."""

from __future__ import annotations

import logging
import os
import threading
import time
from pathlib import Path
from typing import Any

import msgspec
from bottle import HTTPResponse

from dashcam.errors import DashcamError
from dashcam.link.client import ask
from dashcam.link.messages import Done, GetProgress, KeeperProgress, StartRecording, Stopped, StopRecording
from dashcam.system.power import Logind, PowerAbility, PowerAction, PowerRefused
from dashcam.web.access import needs
from dashcam.web.describe import describes
from dashcam.web.reply import json_reply
from dashcam.web.status import StatusBoard
from dashcam.worker import Worker

log = logging.getLogger(__name__)

# Longer than the recorder gives itself for closing a clip on a slow card.
_RECORDER_LIMIT_SECONDS = 15.0
_KEEPER_LIMIT_SECONDS = 1.0
# The keeper only loses what it would do again at the next start.
_KEEPER_MOMENT_SECONDS = 5.0
_LOOK_SECONDS = 0.2
_SYNC_LIMIT_SECONDS = 20.0
# The programs end within seconds and file systems are let go; a small board with a slow card takes most of this.
UNPLUG_SECONDS = 20


class GoingDown(msgspec.Struct, frozen=True, kw_only=True):
    """It has begun. After so many seconds the machine may be unplugged, or is starting anew."""

    unplug_after_seconds: int


class PowerResource:
    """One at a time. What is refused leaves the recording as it was."""

    def __init__(self, state: Path, board: StatusBoard, logind: Logind, stop: threading.Event) -> None:
        self._state = state
        self._board = board
        self._logind = logind
        self._stop = stop
        self._going_down = threading.Lock()

    def add_to(self, app: Any) -> None:
        """Adds the routes."""
        app.route("/api/power", "GET", self.power)
        app.route("/api/power/off", "POST", self.switch_off)
        app.route("/api/power/restart", "POST", self.restart)

    @needs("viewer")
    @describes(answers=PowerAbility)
    def power(self) -> HTTPResponse:
        """Whether the machine can be switched off or started anew from here, and in words why not."""
        return json_reply(self._logind.ability())

    @needs("owner")
    @describes(answers=GoingDown, refuses=(PowerRefused,))
    def switch_off(self) -> HTTPResponse:
        """Closes the clip, then switches the machine off."""
        return self._go_down("off")

    @needs("owner")
    @describes(answers=GoingDown, refuses=(PowerRefused,))
    def restart(self) -> HTTPResponse:
        """Closes the clip, then starts the machine anew."""
        return self._go_down("restart")

    def _go_down(self, action: PowerAction) -> HTTPResponse:
        if not self._going_down.acquire(blocking=False):
            raise PowerRefused("The machine is going off already; wait a moment.")
        try:
            ability = self._logind.ability()
            if not (ability.can_power_off if action == "off" else ability.can_restart):
                raise PowerRefused(ability.reason)
            has_stopped = self._stop_recording()
            try:
                self._wait_for_keeper()
                self._write_all_down()
                self._logind.do(action)
            except BaseException:
                if has_stopped:
                    self._record_again()
                raise
        finally:
            self._going_down.release()
        return json_reply(GoingDown(unplug_after_seconds=UNPLUG_SECONDS))

    def _stop_recording(self) -> bool:
        """True when this has stopped it: not when nothing was recorded, or there is no recorder to ask."""
        recorder = self._board.recorder
        if recorder is None or not recorder.is_recording:
            return False
        try:
            ask(self._state, "recorder", StopRecording(), Stopped, _RECORDER_LIMIT_SECONDS)
        except DashcamError as error:
            # A recorder that hangs closes no clip; two seconds are lost then, as if the power were cut.
            log.warning("the recording could not be stopped before the machine goes off: %s", error)
        return True

    def _record_again(self) -> None:
        try:
            ask(self._state, "recorder", StartRecording(), Done, _RECORDER_LIMIT_SECONDS)
        except DashcamError:
            log.exception("the recording does not go on after the machine has not gone off")

    def _wait_for_keeper(self) -> None:
        """A moment to take the last clip in."""
        until = time.monotonic() + _KEEPER_MOMENT_SECONDS
        while time.monotonic() < until and not self._stop.wait(_LOOK_SECONDS):
            try:
                if ask(self._state, "keeper", GetProgress(), KeeperProgress, _KEEPER_LIMIT_SECONDS).state == "idle":
                    return
            except DashcamError:
                return  # not there, or busy beyond asking

    def _write_all_down(self) -> None:
        """To all disks; a card that takes for ever does not keep the machine from going off."""
        is_done = threading.Event()

        def write(_stop: threading.Event) -> None:
            os.sync()
            is_done.set()

        Worker("power-sync", write).start()
        if not is_done.wait(_SYNC_LIMIT_SECONDS):
            log.warning("not everything is written to the disks after %g s", _SYNC_LIMIT_SECONDS)
