"""What makes events: motion detection, and the button where one is set."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable

from dashcam.check.finding import Finding
from dashcam.errors import SettingsError
from dashcam.link.messages import RecorderStatus
from dashcam.settings.schema import MotionSettings
from dashcam.settings.schema_events import EventsSettings
from dashcam.settings.zones import parse_zones

_MOTION, _BUTTON = "motion", "button"
_WHEN = {"auto": "in the modes park and watch", "on": "all the time, while driving, too", "off": ""}


def check_motion(motion: MotionSettings, recorder: RecorderStatus | None) -> Finding:
    """When it looks, and in a running recorder whether it does."""
    if motion.detect == "off":
        return Finding("ok", _MOTION, "switched off (motion.detect)")
    if recorder is not None:
        failures = [warning for warning in recorder.warnings if warning.startswith("Motion detection")]
        if failures:
            return Finding("warn", _MOTION, f"{failures[0]}; the log says more")
        seen = recorder.motion
        now = f"not looked for just now: {seen.words}" if seen.state == "off" else f"looked for just now: {seen.state}"
        return Finding("ok", _MOTION, now)
    try:
        zones = len(parse_zones(motion.zones))
    except SettingsError as error:
        return Finding("warn", _MOTION, str(error))
    where = f", {zones} zone{'s' if zones > 1 else ''} drawn" if zones else ""
    looks = f"{motion.rate:g} pictures a second, threshold {motion.threshold}{where}"
    return Finding("ok", _MOTION, f"looked for {_WHEN[motion.detect]}: {looks}")


def _has_gpiozero() -> bool:
    return importlib.util.find_spec("gpiozero") is not None


def check_button(
    events: EventsSettings, recorder: RecorderStatus | None, *, has_gpiozero: Callable[[], bool] = _has_gpiozero
) -> Finding | None:
    """None where no button is set. The pin is left alone: a running recorder listens to it."""
    pin = events.button_pin
    if pin < 0:
        return None
    if recorder is not None:
        failures = [warning for warning in recorder.warnings if f"GPIO {pin}" in warning]
        return Finding("warn", _BUTTON, failures[0]) if failures else Finding("ok", _BUTTON, f"GPIO {pin} saves")
    if not has_gpiozero():
        return Finding("warn", _BUTTON, f"GPIO {pin} needs gpiozero: sudo apt install python3-gpiozero")
    return Finding("ok", _BUTTON, f"GPIO {pin} is listened to while it records: connected to ground it saves")
