"""Tells the person at the terminal how the recording stands: changes as lines, the rest as one status line."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime

from dashcam.link.messages import RecorderStatus
from dashcam.run.console import Console
from dashcam.run.repeats import Repeats
from dashcam.run.words import (
    blames_card_for_losses,
    camera_words,
    frames_lost,
    is_calm,
    not_recording,
    reason_of,
    status_line,
)

# What a start may take, here and at every restart, before it counts as not recording.
_PATIENCE_SECONDS = 10.0
# While frames are being lost the count changes all the time.
_LOSS_SECONDS = 10.0


def clock_text() -> str:
    """The time of day that stands before a line."""
    return datetime.now().astimezone().strftime("%H:%M:%S")


class Teller:
    """`turn` is called at every change and at least every few seconds, always by the same thread."""

    def __init__(
        self,
        console: Console,
        *,
        monotonic: Callable[[], float] = time.monotonic,
        clock: Callable[[], str] = clock_text,
    ) -> None:
        self._console = console
        self._monotonic = monotonic
        self._clock = clock
        self._uncalm_since: float | None = None
        self._told_reason = ""
        self._reasons = Repeats(monotonic)
        self._told_recording = ""
        self._told_process = 0
        self._told_warnings: tuple[str, ...] = ()
        self._seen_lost = 0
        self._lost_to_slow_card = 0
        self._told_lost = 0
        self._told_lost_at = -_LOSS_SECONDS

    def say(self, text: str) -> None:
        """One line with the time before it."""
        self._console.say(f"{self._clock()} {text}")

    def turn(self, status: RecorderStatus | None) -> None:
        """Says what has changed and renews the status line."""
        if status is not None and (status.is_recording or status.state == "guarding"):
            self._tell_recording(status)
        else:
            self._tell_reason(status)
        if status is not None:
            self._tell_warnings(status)
            self._tell_losses(status)
        self._console.show(status_line(status, is_patient=self._is_patient()), self._colour(status))

    def _colour(self, status: RecorderStatus | None) -> str:
        if status is None:
            return "plain" if self._is_patient() else "bad"
        return "good" if status.is_recording and not status.warnings else "plain" if is_calm(status) else "bad"

    def _is_patient(self) -> bool:
        return self._uncalm_since is None or self._monotonic() - self._uncalm_since < _PATIENCE_SECONDS

    def _tell_recording(self, status: RecorderStatus) -> None:
        self._uncalm_since = None
        is_parked = status.mode.mode == "park"
        camera = camera_words(status.camera) if status.camera is not None else ""
        recording = f"{camera}; {reason_of(status)}" if is_parked and status.reason else camera
        if is_parked and not status.reason:
            recording = self._told_recording  # an event is shown in the status line
        is_back = self._told_reason or self._told_process not in (0, status.pid)
        if recording != self._told_recording or is_back:
            doing = "Guarding" if is_parked else "Recording"
            self.say(f"{doing}{' again' if is_back else ''}: {recording}".removesuffix(": "))
        self._told_recording, self._told_reason, self._told_process = recording, "", status.pid
        self._reasons.forget()

    def _tell_reason(self, status: RecorderStatus | None) -> None:
        reason = reason_of(status)
        if self._uncalm_since is None:
            self._uncalm_since = self._monotonic()
        if (status is None or status.state == "starting") and self._is_patient():
            return
        if reason != self._told_reason:
            self._reasons.forget()
        if self._reasons.is_due(reason):
            self.say(not_recording(status))
        self._told_reason = reason

    def _tell_warnings(self, status: RecorderStatus) -> None:
        for warning in status.warnings:
            if warning not in self._told_warnings:
                self.say(f"Warning: {warning}")
        self._told_warnings = status.warnings

    def _tell_losses(self, status: RecorderStatus) -> None:
        lost, now = status.queue.dropped_frames, self._monotonic()
        if lost < self._seen_lost:  # another recorder, which counts anew
            self._seen_lost = self._lost_to_slow_card = self._told_lost = 0
        if blames_card_for_losses(status):
            self._lost_to_slow_card += lost - self._seen_lost
        self._seen_lost = lost
        if self._lost_to_slow_card > self._told_lost and now - self._told_lost_at >= _LOSS_SECONDS:
            self.say(f"{frames_lost(self._lost_to_slow_card)} since the start: the card was too slow")
            self._told_lost, self._told_lost_at = self._lost_to_slow_card, now
