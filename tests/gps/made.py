"""Sentences and fixes for tests, and someone who gets the fixes."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from dashcam.clock import NANOSECONDS
from dashcam.gps.base import Fix, Verdict
from dashcam.gps.nmea import checksum

# A busy machine with two cores.
LIMIT_SECONDS = 60.0


def sentence(text: str) -> bytes:
    """`GPRMC,...` as it goes over the line."""
    return f"${text}*{checksum(text):02X}\r\n".encode()


def second(utc: datetime, *, talker: str = "GP", north: float = 52.5, east: float = 13.4, kmh: float = 36.0) -> bytes:
    """RMC, VTG and GGA of one second with a fix, eastwards."""
    knots = f"{kmh / 1.852:.3f}"
    moment = f"{utc:%H%M%S}.00"
    place = f"{_angle(north, 2)},N,{_angle(east, 3)},E"
    return (
        sentence(f"{talker}RMC,{moment},A,{place},{knots},90.0,{utc:%d%m%y},,,A")
        + sentence(f"{talker}VTG,90.0,T,,M,{knots},N,{kmh:.1f},K,A")
        + sentence(f"{talker}GGA,{moment},{place},1,08,1.1,40.0,M,45.0,M,,")
    )


def drive(began: datetime, seconds: int) -> list[bytes]:
    """So many seconds, ten metres apart."""
    return [second(began + timedelta(seconds=number), east=13.4 + number * 0.00015) for number in range(seconds)]


def _angle(degrees: float, digits: int) -> str:
    whole = int(degrees)
    return f"{whole:0{digits}d}{(degrees - whole) * 60:08.5f}"


def fix(
    seconds: float = 0.0,
    *,
    utc_seconds: float | None = None,
    place: tuple[float, float] | None = (52.5, 13.4),
    verdict: Verdict = "good",
    hdop: float | None = 1.0,
) -> Fix:
    """A fix received after so many seconds; UTC counts from 1970."""
    return Fix(
        received_monotonic_ns=round(seconds * NANOSECONDS),
        verdict=verdict,
        quality="gps" if place else "none",
        utc_ns=None if utc_seconds is None else round(utc_seconds * NANOSECONDS),
        latitude=place[0] if place else None,
        longitude=place[1] if place else None,
        hdop=hdop,
    )


@dataclass
class Watcher:
    """Gets the fixes of a receiver."""

    fixes: list[Fix] = field(default_factory=list)
    changed: threading.Condition = field(default_factory=threading.Condition)

    def take(self, fix: Fix) -> None:
        with self.changed:
            self.fixes.append(fix)
            self.changed.notify_all()

    def wait_for(self, is_reached: Callable[[], bool]) -> None:
        """Until something is so; looked at with every fix, and ten times a second."""
        until = time.monotonic() + LIMIT_SECONDS
        with self.changed:
            while not is_reached():
                assert time.monotonic() < until, self.fixes[-3:]
                self.changed.wait(0.1)

    def wait_for_good(self, count: int) -> list[Fix]:
        """The first `count` good fixes."""
        self.wait_for(lambda: len(self.good) >= count)
        return self.good[:count]

    @property
    def good(self) -> list[Fix]:
        return [fix for fix in self.fixes if fix.is_good]
