"""Which mode is in force, in words that a driver understands."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from dashcam.recorder.modes import Circumstances, choose_mode, why_not_looking
from dashcam.settings.schema import MotionSettings, RecordingSettings
from dashcam.settings.timetable import parse_timetable

# A Saturday.
NIGHT, NOON = datetime(2026, 11, 21, 23, 30, tzinfo=UTC), datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
NIGHTS = "22:00-06:00 park, Mon-Fri 08:00-18:00 watch"


@pytest.mark.parametrize(
    ("stood_seconds", "mode", "words"),
    [
        (None, "drive", "GPS has not seen yet whether the car stands"),
        (0.0, "drive", "the car drives, or has not stood for 10 minutes yet"),
        (599.9, "drive", "the car drives, or has not stood for 10 minutes yet"),
        (600.0, "park", "the car has stood for 10 minutes"),
        (86_400.0, "park", "the car has stood for 10 minutes"),
    ],
)
def test_auto_parks_a_car_that_was_seen_to_stand(stood_seconds: float | None, mode: str, words: str) -> None:
    chosen = choose_mode(RecordingSettings(), (), Circumstances(None, stood_seconds))
    assert (chosen.wanted, chosen.mode, chosen.words) == ("auto", mode, words)


@pytest.mark.parametrize("mode", ["drive", "park", "watch", "off"])
def test_what_is_set_by_hand_counts_whatever_the_car_does(mode: str) -> None:
    recording = RecordingSettings(mode=mode)  # type: ignore[arg-type]
    for stood_seconds in (None, 0.0, 86_400.0):
        chosen = choose_mode(recording, (), Circumstances(NOON, stood_seconds))
        assert (chosen.wanted, chosen.mode, chosen.words) == (mode, mode, "as set by hand")


def test_the_time_of_day_goes_before_the_mode_that_is_set() -> None:
    recording, table = RecordingSettings(mode="drive", timetable=NIGHTS), parse_timetable(NIGHTS)
    at_night = choose_mode(recording, table, Circumstances(NIGHT, None))
    assert (at_night.wanted, at_night.mode, at_night.words) == ("drive", "park", "from 22:00 to 06:00")
    assert choose_mode(recording, table, Circumstances(NOON, None)).mode == "drive"


def test_by_a_clock_that_nobody_trusts_nothing_is_switched() -> None:
    recording, table = RecordingSettings(mode="drive", timetable=NIGHTS), parse_timetable(NIGHTS)
    chosen = choose_mode(recording, table, Circumstances(None, None))
    assert chosen.mode == "drive"
    assert "the timetable waits until the time is known" in chosen.words


def test_who_chooses_by_hand_overrules_this_span_of_the_timetable_and_no_other() -> None:
    recording, table = RecordingSettings(mode="watch", timetable=NIGHTS), parse_timetable(NIGHTS)
    chosen = choose_mode(recording, table, Circumstances(NIGHT, None, overruled=table[0]))
    assert (chosen.mode, chosen.words) == ("watch", "as set by hand; the timetable counts again after 06:00")
    assert choose_mode(recording, table, Circumstances(NIGHT, None, overruled=table[1])).mode == "park"


def test_start_by_hand_records_although_the_mode_is_off() -> None:
    off = RecordingSettings(mode="off")
    assert choose_mode(off, (), Circumstances(None, None)).mode == "off"
    started = choose_mode(off, (), Circumstances(None, None, is_started_by_hand=True))
    assert (started.mode, started.words) == ("drive", "started by hand, although the mode is off")


@pytest.mark.parametrize(
    ("detect", "mode", "is_wanted", "words"),
    [
        ("auto", "park", True, ""),
        ("auto", "watch", True, ""),
        ("on", "drive", True, ""),
        ("auto", "drive", True, "while the car drives everything moves; it looks in the modes park and watch"),
        ("off", "park", True, "motion detection is switched off"),
        ("on", "off", True, "the mode is off"),
        ("on", "watch", False, "recording is stopped"),
    ],
)
def test_motion_is_looked_for_where_it_says_something(detect: str, mode: str, is_wanted: bool, words: str) -> None:
    assert why_not_looking(MotionSettings(detect=detect), mode, is_wanted=is_wanted) == words  # type: ignore[arg-type]
