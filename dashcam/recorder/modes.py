"""Which mode is in force, and why that. Pure.

`auto` is `drive`, and `park` once GPS has seen the car stand for long enough. It errs on the side of recording: it
stays `drive` without a fix, begins with `drive` at power-on, and the first metres that GPS sees end `park`. A car that
was seen to stand and then lost its fix, as in a garage below ground, stays parked: nobody drove it, and motion
protects it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from dashcam.link.status import ModeStatus
from dashcam.settings.schema import MotionSettings, RecordingSettings
from dashcam.settings.timetable import RecordingMode, Span

_OFF_BY_HAND = "started by hand, although the mode is off"


class Circumstances(NamedTuple):
    """What is known at a moment, beside the settings."""

    local: datetime | None
    """Local time; None while nobody can be trusted to know it."""
    stood_seconds: float | None
    """For how long GPS has seen the car stand; None before the first fix."""
    overruled: Span | None = None
    """The span of the timetable during which somebody chose another mode by hand: it counts for this once."""
    is_started_by_hand: bool = False
    """Somebody pressed Start although the mode was off."""


def choose_mode(recording: RecordingSettings, timetable: Sequence[Span], now: Circumstances) -> ModeStatus:
    """The mode in force. The timetable goes before `recording.mode`, and what somebody chose since before that."""
    span = span_at(timetable, now.local)
    if span is not None and span != now.overruled:
        mode: RecordingMode = span.mode
        words = f"from {_clock(span.from_minute)} to {_clock(span.to_minute)}"
    elif recording.mode == "auto":
        mode, words = _by_standing(recording.park_after_minutes, now.stood_seconds)
    else:
        mode, words = recording.mode, "as set by hand"
    if span is None and timetable and now.local is None:
        words += "; the timetable waits until the time is known"
    elif span is not None and span == now.overruled:
        words += f"; the timetable counts again after {_clock(span.to_minute)}"
    if mode == "off" and now.is_started_by_hand:
        mode, words = "drive", _OFF_BY_HAND
    return ModeStatus(wanted=recording.mode, mode=mode, words=words)


def span_at(timetable: Sequence[Span], local: datetime | None) -> Span | None:
    """The span of the timetable that counts; None outside of all, and while the time is not known."""
    return None if local is None else next((span for span in timetable if span.holds(local)), None)


def _by_standing(park_after_minutes: float, stood_seconds: float | None) -> tuple[RecordingMode, str]:
    minutes = f"{park_after_minutes:g} minute{'' if park_after_minutes == 1 else 's'}"
    if stood_seconds is None:
        return "drive", "GPS has not seen yet whether the car stands"
    if stood_seconds >= park_after_minutes * 60:
        return "park", f"the car has stood for {minutes}"
    return "drive", f"the car drives, or has not stood for {minutes} yet"


def _clock(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"


def why_not_looking(detect: MotionSettings, mode: RecordingMode, *, is_wanted: bool) -> str:
    """Why nobody looks for motion now; empty when somebody does. `is_wanted`: nobody has stopped recording."""
    if not is_wanted:
        return "recording is stopped"
    if mode == "off":
        return "the mode is off"
    if detect.detect == "off":
        return "motion detection is switched off"
    if detect.detect == "auto" and mode == "drive":
        return "while the car drives everything moves; it looks in the modes park and watch"
    return ""
