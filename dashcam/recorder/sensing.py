"""Sensors of the recorder: impacts become events, a button saves. What fails here is told, and nothing else fails.

Its thread opens and closes the button, whose library takes its time to load, and waits until a press is durable.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from dashcam.errors import DashcamError, SensorError
from dashcam.recorder.trigger import Trigger
from dashcam.sensors.gpio_button import GpioButton
from dashcam.sensors.gps_deceleration import GpsDeceleration

if TYPE_CHECKING:
    from dashcam.place import Place
    from dashcam.sensors.base import Button, Impact
    from dashcam.settings import Settings

log = logging.getLogger(__name__)

# Without `wake` or a press it sees after so long that it is to stop.
_LOOK_SECONDS = 10.0
# An impact as hard as the threshold is in the middle of the scale.
_SCORE_AT_THRESHOLD, _MOST_SCORE = 50.0, 100.0


class Sensing:
    """`put` is called in the receiver's thread, `turn` and `take` in any; `work` is its own."""

    def __init__(
        self,
        settings: Settings,
        *,
        trigger: Callable[[Trigger], object],
        save: Callable[[], object],
        open_button: Callable[[int], Button] = GpioButton,
    ) -> None:
        """`save` is what a press on the button does; it may take its time and may raise DashcamError."""
        self._trigger = trigger
        self._save = save
        self._open_button = open_button
        self._settings = settings.events
        self._deceleration = GpsDeceleration(self._hit, settings.events.impact_g, replay_pace(settings))
        self._asked = threading.Event()
        self._is_pressed = threading.Event()
        self._button: Button | None = None
        self._pin = -1
        self.presses = 0
        self.impacts = 0
        self.complaint = ""
        """Why there is no button although one is set; empty when all is well."""

    def take(self, settings: Settings) -> None:
        """Other settings."""
        self._settings = settings.events
        self._deceleration.take(settings.events.impact_g, replay_pace(settings))
        self._asked.set()

    def put(self, monotonic_ns: int, place: Place | None) -> None:
        """A fix by when it was received; None is one that is not good."""
        self._deceleration.put(monotonic_ns, place)

    def turn(self) -> None:
        """To be called every second or so."""
        self._deceleration.turn(time.monotonic_ns())

    def wake(self) -> None:
        """Makes the thread see at once that it is to stop."""
        self._asked.set()

    def work(self, stop: threading.Event) -> None:
        """The thread's loop."""
        while not stop.is_set():
            if self._settings.button_pin != self._pin:
                self._change_button(self._settings.button_pin)
            if self._is_pressed.is_set():
                # Presses that come while this one is being saved are one more.
                self._is_pressed.clear()
                self._save_guarded()
            self._asked.wait(_LOOK_SECONDS)
            self._asked.clear()
        self._deceleration.close()
        self._close_button()

    def _change_button(self, pin: int) -> None:
        self._close_button()
        self._pin, self.complaint = pin, ""
        if pin < 0:
            return
        button = self._open_button(pin)
        try:
            button.start(self._press)
        except SensorError as error:
            self.complaint = str(error)
            log.warning("%s", error)
            return
        self._button = button
        log.info("a button at GPIO %d saves", pin)

    def _close_button(self) -> None:
        button, self._button = self._button, None
        if button is not None:
            button.close()

    def _press(self) -> None:
        """In the button's thread."""
        self.presses += 1
        self._is_pressed.set()
        self._asked.set()

    def _save_guarded(self) -> None:
        try:
            self._save()
        except DashcamError as error:
            log.warning("the button was pressed, and nothing is saved: %s", error)

    def _hit(self, impact: Impact) -> None:
        self.impacts += 1
        log.info("impact: the car was slowed down by %s", impact.words)
        score = _SCORE_AT_THRESHOLD * impact.g / (self._settings.impact_g or impact.g)
        try:
            self._trigger(
                Trigger(
                    cause="impact",
                    at_monotonic_ns=impact.at_monotonic_ns,
                    score=round(min(score, _MOST_SCORE), 1),
                    is_saved=True,
                    words=impact.words,
                )
            )
        except DashcamError as error:
            log.warning("no event for the impact: %s", error)


def replay_pace(settings: Settings) -> float:
    """So many times as fast as real comes what GPS says."""
    return settings.camera.speed if settings.gps.kind == "replay" else 1.0
