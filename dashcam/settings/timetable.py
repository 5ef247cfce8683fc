"""The mode of recording by the time of day, as the setting writes it: `22:00-06:00 park, Mon-Fri 08:00-18:00 watch`.

Days are optional (`Sat`, `Mon-Fri`, also over the weekend as `Fri-Mon`); a span that ends before it begins goes over
midnight and belongs to the day it begins on. Where spans overlap the first one counts.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Literal, get_args

from msgspec import Struct

from dashcam.errors import SettingsError

RecordingMode = Literal["drive", "park", "watch", "off"]

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MOST_SPANS = 20
_MODES: tuple[RecordingMode, ...] = get_args(RecordingMode)
_SPAN = re.compile(
    r"(?:(?P<first>[A-Za-z]{3})(?:-(?P<last>[A-Za-z]{3}))?\s+)?"
    r"(?P<from>\d{1,2}:\d{2})\s*-\s*(?P<to>\d{1,2}:\d{2})\s+(?P<mode>[a-z]+)"
)
_MINUTES_OF_DAY = 24 * 60


class Span(Struct, frozen=True):
    """On these days (0: Monday), from one minute of the day to another, the later may be on the next day."""

    days: frozenset[int]
    from_minute: int
    to_minute: int
    mode: RecordingMode

    def holds(self, local: datetime) -> bool:
        """True at this local time."""
        minute, day = local.hour * 60 + local.minute, local.weekday()
        if self.from_minute < self.to_minute:
            return day in self.days and self.from_minute <= minute < self.to_minute
        began_yesterday = minute < self.to_minute and (day - 1) % 7 in self.days
        return began_yesterday or (minute >= self.from_minute and day in self.days)


def parse_timetable(text: str) -> tuple[Span, ...]:
    """The spans of the setting, in its order. Raises SettingsError, which says what is wrong."""
    parts = [part.strip() for part in text.split(",") if part.strip()]
    if len(parts) > MOST_SPANS:
        raise SettingsError(f"recording.timetable: {len(parts)} spans are too many; write at most {MOST_SPANS}")
    return tuple(_span_of(part) for part in parts)


def mode_at(timetable: tuple[Span, ...], local: datetime) -> RecordingMode | None:
    """The mode that the timetable wants at a local time; None where it says nothing."""
    return next((span.mode for span in timetable if span.holds(local)), None)


def _span_of(part: str) -> Span:
    found = _SPAN.fullmatch(part)
    if found is None:
        raise SettingsError(
            f"recording.timetable: {part[:40]!r} is no span; write such as 22:00-06:00 park "
            "or Mon-Fri 08:00-18:00 watch"
        )
    mode = next((mode for mode in _MODES if mode == found["mode"]), None)
    if mode is None:
        raise SettingsError(f"recording.timetable: {found['mode']!r} is no mode; choose one of {', '.join(_MODES)}")
    return Span(_days_of(found["first"], found["last"]), _minute_of(found["from"]), _minute_of(found["to"]), mode)


def _days_of(first: str | None, last: str | None) -> frozenset[int]:
    if first is None:
        return frozenset(range(len(DAYS)))
    begin = _day_of(first)
    length = (_day_of(last) - begin) % 7 if last else 0
    return frozenset((begin + offset) % 7 for offset in range(length + 1))


def _day_of(name: str) -> int:
    try:
        return DAYS.index(name.capitalize())
    except ValueError:
        raise SettingsError(f"recording.timetable: {name!r} is no day; write one of {', '.join(DAYS)}") from None


def _minute_of(text: str) -> int:
    hours, minutes = map(int, text.split(":"))
    if minutes > 59 or hours * 60 + minutes > _MINUTES_OF_DAY:
        raise SettingsError(f"recording.timetable: {text} is no time of day")
    return hours * 60 + minutes
