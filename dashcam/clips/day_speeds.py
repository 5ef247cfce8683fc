"""How fast the car was through a day: many lines of tracks, made into one that a screen can show."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from itertools import pairwise
from pathlib import PurePosixPath

import msgspec

from dashcam.clips.names import UNDATED, local_time_in_stem
from dashcam.clips.row import ClipRow
from dashcam.clips.track_summary import LinePoint

# A day has at most 4,320 steps: finer than a phone's screen shows of an hour, and little to send.
SPEED_STEP_SECONDS = 20.0


class SpeedPoint(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """`[seconds,speed,begins]`: the highest speed in so many seconds from there, since midnight."""

    seconds: float
    speed_mps: float
    begins: bool = False
    """True after a gap: nothing is drawn from the point before to this one."""


def start_in_day(day: str, row: ClipRow) -> float | None:
    """Seconds since the day's midnight by the clock in the row's name; None for one without a time."""
    local = local_time_in_stem(PurePosixPath(row.path).stem)
    if local is None or day == UNDATED:
        return None
    whole = (local - datetime.combine(date.fromisoformat(day), datetime.min.time())).total_seconds()
    return whole + (0 if row.started_utc_ms is None else row.started_utc_ms % 1000 / 1000)


class DaySpeeds:
    """The highest speed of each step of the day; lines are folded into it one by one, a day's are large."""

    def __init__(self) -> None:
        self._highest: dict[int, float] = {}

    def passing(self, rows: Iterable[ClipRow]) -> Iterator[ClipRow]:
        """The rows without their lines, which are taken in."""
        for row in rows:
            if row.track is None or not row.track.line:
                yield row
                continue
            start = start_in_day(row.day, row)
            if start is not None:
                self._add(start, row.track.line)
            yield msgspec.structs.replace(row, track=msgspec.structs.replace(row.track, line=()))

    def points(self) -> list[SpeedPoint]:
        """What came together, oldest first."""
        return [
            SpeedPoint(step * SPEED_STEP_SECONDS, round(speed, 2), step - 1 not in self._highest)
            for step, speed in sorted(self._highest.items())
        ]

    def _add(self, start: float, line: tuple[LinePoint, ...]) -> None:
        for point in line:
            self._raise_to(_step(start + point.seconds), point.speed_mps)
        for here, there in pairwise(line):
            if there.begins or here.speed_mps is None or there.speed_mps is None:
                continue
            # A car that goes straight on at one speed has few points: steps between two are on the line.
            gained = (there.speed_mps - here.speed_mps) / max(there.seconds - here.seconds, 1e-9)
            for step in range(_step(start + here.seconds) + 1, _step(start + there.seconds) + 1):
                speed = here.speed_mps + gained * (step * SPEED_STEP_SECONDS - start - here.seconds)
                self._raise_to(step - 1, speed)
                self._raise_to(step, speed)

    def _raise_to(self, step: int, speed: float | None) -> None:
        if speed is not None:
            self._highest[step] = max(self._highest.get(step, 0.0), speed)


def _step(seconds: float) -> int:
    return math.floor(seconds / SPEED_STEP_SECONDS)
