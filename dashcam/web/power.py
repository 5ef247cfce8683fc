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
# A disk that is still being written to when all else has ended is left to it.
_SYNC_FAREWELL_SECONDS = 1.0
# By then this program has been told to end, if the machine goes off at all: a job of the system may be stuck.
STILL_ON_SECONDS = 60.0
_AGAIN_SECONDS = 5.0
# The programs end within seconds and file systems are let go; a small board with a slow card takes most of this.
UNPLUG_SECONDS = 20


class GoingDown(msgspec.Struct, frozen=True, kw_only=True):
    """It has begun. After so many seconds the machine may be unplugged, or is starting anew."""

    unplug_after_seconds: int


class PowerSwitch:
    """One order at a time. What is refused, or accepted and then not done, leaves the recording as it was."""

    def __init__(self, state: Path, board: StatusBoard, logind: Logind, stop: threading.Event) -> None:
        self._state = state
        self._board = board
        self._logind = logind
        self._stop = stop
        self._going_down = threading.Lock()  # held during an order, and while what came of one is looked at
        self._owes_recording = False  # stopped by an order, and not started again
        self._watch: Worker | None = None
        self._sync: Worker | None = None
        self._is_written = threading.Event()

    def ability(self) -> PowerAbility:
        """What this machine lets us do. Never raises."""
        return self._logind.ability()

    def go_down(self, action: PowerAction) -> None:
        """Closes the clip, then begins. Raises PowerRefused when it does not begin; it is recorded again then."""
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
            self._owes_recording = self._owes_recording or has_stopped
            self._watch_for_life(action)
        finally:
            self._going_down.release()

    def close(self) -> None:
        """Ends its threads; `stop` is set before. May be called twice."""
        if self._watch is not None:
            self._watch.stop()
        if self._sync is not None and self._sync.is_alive:
            self._sync.stop(_SYNC_FAREWELL_SECONDS)

    def _watch_for_life(self, action: PowerAction) -> None:
        """Called with the lock held. A watch of an earlier order ends: it would judge this one too soon."""
        if self._watch is not None:
            self._watch.stopping.set()
        until = time.monotonic() + STILL_ON_SECONDS

        def watch(stop: threading.Event) -> None:
            wait_seconds = max(0.0, until - time.monotonic())
            while not (self._stop.wait(wait_seconds) or stop.is_set() or self._is_alive_again(action, stop)):
                wait_seconds = _AGAIN_SECONDS

        self._board.say("")
        self._watch = Worker("power-watch", watch)
        self._watch.start()

    def _is_alive_again(self, action: PowerAction, stop: threading.Event) -> bool:
        """The machine is still on. True when nothing is left to be done about it."""
        with self._going_down:
            if stop.is_set() or self._stop.is_set():
                return True
            order = "switch off" if action == "off" else "restart"
            log.warning("the machine was told to %s and is still on", order)
            words = f"The dashcam was told to {order} and is still on"
            if self._owes_recording:
                recorder = self._board.recorder
                is_recording = recorder is not None and recorder.is_recording
                self._owes_recording = not (is_recording or self._record_again())
                again = "it could not begin to record again, which is tried on"
                words = f"{words}; {again if self._owes_recording else 'it records again'}"
            self._board.say(f"{words}. Try again; if that does not help, take its power away and give it again.")
            return not self._owes_recording

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

    def _record_again(self) -> bool:
        """False when the recorder does not begin."""
        try:
            ask(self._state, "recorder", StartRecording(), Done, _RECORDER_LIMIT_SECONDS)
        except DashcamError:
            log.exception("the recording does not go on after the machine has not gone off")
            return False
        return True

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
        if self._sync is None or not self._sync.is_alive:
            self._is_written.clear()
            self._sync = Worker("power-sync", self._write)
            self._sync.start()
        if not self._is_written.wait(_SYNC_LIMIT_SECONDS):
            log.warning("not everything is written to the disks after %g s", _SYNC_LIMIT_SECONDS)

    def _write(self, _stop: threading.Event) -> None:
        os.sync()
        self._is_written.set()


class PowerResource:
    """Orders for the switch."""

    def __init__(self, switch: PowerSwitch) -> None:
        self._switch = switch

    def add_to(self, app: Any) -> None:
        """Adds the routes."""
        app.route("/api/power", "GET", self.power)
        app.route("/api/power/off", "POST", self.switch_off)
        app.route("/api/power/restart", "POST", self.restart)

    @needs("viewer")
    @describes(answers=PowerAbility)
    def power(self) -> HTTPResponse:
        """Whether the machine can be switched off or started anew from here, and in words why not."""
        return json_reply(self._switch.ability())

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
        self._switch.go_down(action)
        return json_reply(GoingDown(unplug_after_seconds=UNPLUG_SECONDS))
