"""What `dashcam check` says of motion detection and of the button."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from dashcam.check.noticing import check_button, check_motion
from dashcam.link.messages import MotionStatus, RecorderStatus
from dashcam.settings.schema import MotionSettings
from dashcam.settings.schema_events import EventsSettings
from tests.golden_values import STATUS


def running(**facts: Any) -> RecorderStatus:
    return msgspec.structs.replace(STATUS, **{"warnings": (), **facts})


@pytest.mark.parametrize(
    ("motion", "words"),
    [
        (MotionSettings(), "looked for in the modes park and watch: 5 pictures a second, threshold 25"),
        (
            MotionSettings(detect="on", zones="ignore 0,0 1,0 1,1"),
            "looked for all the time, while driving, too: 5 pictures a second, threshold 25, 1 zone drawn",
        ),
        (MotionSettings(detect="off"), "switched off (motion.detect)"),
    ],
)
def test_motion_by_the_settings(motion: MotionSettings, words: str) -> None:
    found = check_motion(motion, None)
    assert (found.mark, found.subject, found.words) == ("ok", "motion", words)


def test_motion_in_a_running_recorder() -> None:
    off = running(motion=MotionStatus(words="the mode is off"))
    assert check_motion(MotionSettings(), off).words == "not looked for just now: the mode is off"
    still = running(motion=MotionStatus(state="still"))
    assert check_motion(MotionSettings(), still).words == "looked for just now: still"
    failing = running(warnings=("Motion detection fails (no numpy); it is tried again and again",))
    assert check_motion(MotionSettings(), failing).mark == "warn"


def test_a_button_is_told_of_only_where_one_is_set() -> None:
    assert check_button(EventsSettings(), None) is None
    without = check_button(EventsSettings(button_pin=17), None, has_gpiozero=lambda: False)
    assert without is not None
    assert (without.mark, without.words) == ("warn", "GPIO 17 needs gpiozero: sudo apt install python3-gpiozero")
    with_it = check_button(EventsSettings(button_pin=17), None, has_gpiozero=lambda: True)
    assert with_it is not None
    assert (with_it.mark, with_it.subject) == ("ok", "button")


def test_a_running_recorder_says_whether_it_has_its_button() -> None:
    fine = check_button(EventsSettings(button_pin=17), running())
    assert fine is not None
    assert (fine.mark, fine.words) == ("ok", "GPIO 17 saves")
    broken = check_button(EventsSettings(button_pin=17), running(warnings=("GPIO 17 cannot be used",)))
    assert broken is not None
    assert broken.mark == "warn"
