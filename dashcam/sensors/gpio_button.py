"""A button between a GPIO pin and ground, by gpiozero."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from dashcam.errors import SensorError

if TYPE_CHECKING:
    from gpiozero import Button

# Contacts bounce for some milliseconds, old ones for longer; nobody presses twice as fast.
_BOUNCE_SECONDS = 0.05


class GpioButton:
    """See `base.Button`. `pin` is the BCM number."""

    def __init__(self, pin: int) -> None:
        self.pin = pin
        self._button: Button | None = None

    def start(self, on_press: Callable[[], None]) -> None:
        """Listens to the pin, pulled up inside the chip. Raises SensorError where there are no pins."""
        try:
            from gpiozero import Button
            from gpiozero.exc import GPIOZeroError
        except ImportError as error:
            raise SensorError(
                f"the button at GPIO {self.pin} needs gpiozero ({error}): sudo apt install python3-gpiozero"
            ) from error
        try:
            self._button = Button(self.pin, pull_up=True, bounce_time=_BOUNCE_SECONDS)
        except (GPIOZeroError, OSError, RuntimeError) as error:
            raise SensorError(
                f"GPIO {self.pin} cannot be used for the button ({error}); is this a Raspberry Pi with "
                "python3-lgpio, and nothing else on that pin? events.button_pin = -1 switches it off"
            ) from error
        self._button.when_pressed = on_press

    def close(self) -> None:
        """Gives the pin back."""
        button, self._button = self._button, None
        if button is not None:
            button.close()
