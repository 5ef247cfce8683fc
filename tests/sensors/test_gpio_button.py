"""The save button, on gpiozero's own mock pins; and what is said where there are none."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator

import pytest
from gpiozero import Device
from gpiozero.pins.mock import MockFactory

from dashcam.errors import SensorError
from dashcam.sensors.gpio_button import GpioButton
from tests.recorder.asked import LIMIT_SECONDS, wait_until

PIN = 17


@pytest.fixture
def pins() -> Iterator[MockFactory]:
    before, Device.pin_factory = Device.pin_factory, MockFactory()
    yield Device.pin_factory
    Device.pin_factory.close()
    Device.pin_factory = before


def test_a_press_is_heard_and_a_release_is_none(pins: MockFactory) -> None:
    pressed = threading.Semaphore(0)
    button = GpioButton(PIN)
    button.start(pressed.release)
    pin = pins.pin(PIN)
    assert pin.pull == "up"
    for _ in range(3):
        pin.drive_low()
        assert pressed.acquire(timeout=LIMIT_SECONDS)
        pin.drive_high()
    assert not pressed.acquire(blocking=False)
    button.close()
    button.close()


def test_contacts_that_bounce_press_once(pins: MockFactory) -> None:
    button = GpioButton(PIN)
    button.start(lambda: None)
    # The mock pins do not bounce: that they would be waited for is what can be seen of it.
    assert 0 < pins.pin(PIN).bounce <= 0.1
    button.close()


def test_a_pin_that_is_given_back_can_be_used_again(pins: MockFactory) -> None:
    pressed = threading.Event()
    for _ in range(2):
        pressed.clear()
        button = GpioButton(PIN)
        button.start(pressed.set)
        pins.pin(PIN).drive_low()
        wait_until(pressed.is_set, "the press")
        pins.pin(PIN).drive_high()
        button.close()


def test_without_gpiozero_its_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "gpiozero", None)
    with pytest.raises(SensorError, match="sudo apt install python3-gpiozero"):
        GpioButton(PIN).start(lambda: None)


@pytest.mark.filterwarnings("ignore:Falling back")
def test_on_a_machine_without_pins_it_is_said_how_to_switch_it_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Device, "pin_factory", None)
    with pytest.raises(SensorError, match=r"GPIO 17 cannot be used .*; is this a Raspberry Pi .*button_pin = -1"):
        GpioButton(PIN).start(lambda: None)


def test_a_pin_that_something_else_uses_is_said(pins: MockFactory) -> None:
    first = GpioButton(PIN)
    first.start(lambda: None)
    with pytest.raises(SensorError, match="nothing else on that pin"):
        GpioButton(PIN).start(lambda: None)
    first.close()
