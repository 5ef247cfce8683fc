"""Monotonic and wall time, and how far the wall time is trusted.

Media time is monotonic and never stepped. Wall time is an anchor: one moment known on both clocks, with the source
that vouches for it. Everything here takes its two clocks as arguments, so tests inject them.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from dashcam import RELEASE_DATE
from dashcam.errors import SettingsError

ClockSource = Literal["none", "saved", "system", "phone", "ntp", "gps"]

# From least to most trusted; the words stand in sidecars and in the API.
CLOCK_SOURCES: tuple[ClockSource, ...] = ("none", "saved", "system", "phone", "ntp", "gps")

# How far each may be from the truth, in seconds; None: nobody knows. A clock chip drifts by a minute a year or two, a
# phone tells over a radio, a serial line brings a fix a few tenths late.
ERROR_SECONDS: dict[ClockSource, float | None] = {
    "none": None,
    "saved": None,
    "system": 60.0,
    "phone": 2.0,
    "ntp": 0.2,
    "gps": 0.5,
}
# Names, EXIF and the tags of a file hold only what these say; the others are estimates.
TRUSTED_SOURCES: tuple[ClockSource, ...] = ("system", "phone", "ntp", "gps")

NANOSECONDS = 1_000_000_000
RELEASE_UTC_NS = int(datetime.fromisoformat(RELEASE_DATE).replace(tzinfo=UTC).timestamp()) * NANOSECONDS


@dataclass(frozen=True, slots=True)
class Anchor:
    """One moment on both clocks: `monotonic_ns` (CLOCK_MONOTONIC) was `utc_ns` (since 1970), says `source`."""

    monotonic_ns: int
    utc_ns: int
    source: ClockSource

    @property
    def is_trusted(self) -> bool:
        """True when a name may be made of it; false for what the machine only remembers from its last run."""
        return self.source in TRUSTED_SOURCES

    @property
    def error_seconds(self) -> float | None:
        """How far it may be from the truth; None when nobody knows."""
        return ERROR_SECONDS[self.source]

    def utc_ns_at(self, monotonic_ns: int) -> int:
        """UTC in nanoseconds since 1970 at a monotonic moment of the same boot."""
        return self.utc_ns + (monotonic_ns - self.monotonic_ns)


class WallClock:
    """Tells the best anchor there is now.

    The machine's clock counts as right once it reads later than this program's release date: without a clock chip it
    starts in 1970 or at the last shutdown, and jumps when the network time arrives. Thread-safe: it keeps no state.
    """

    def __init__(
        self,
        monotonic_ns: Callable[[], int] = time.monotonic_ns,
        system_utc_ns: Callable[[], int] = time.time_ns,
        earliest_utc_ns: int = RELEASE_UTC_NS,
    ) -> None:
        self.monotonic_ns = monotonic_ns
        self._system_utc_ns = system_utc_ns
        self._earliest_utc_ns = earliest_utc_ns

    def anchor(self) -> Anchor:
        """The present anchor; its source is `none` while the machine's clock cannot be right."""
        monotonic_ns, utc_ns = self.monotonic_ns(), self._system_utc_ns()
        return Anchor(monotonic_ns, utc_ns, "system" if utc_ns >= self._earliest_utc_ns else "none")


def zone_of(name: str) -> ZoneInfo | None:
    """The time zone of a setting such as `Europe/Berlin`; empty means the machine's own (None).

    Raises SettingsError for a name that the machine's time zone tables do not have.
    """
    if not name:
        return None
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise SettingsError(f"clock.zone: {name!r} is no known time zone; write one such as Europe/Berlin") from error


def local_time(utc_ns: int, zone: ZoneInfo | None) -> datetime:
    """UTC nanoseconds as local time of `zone` (None: the machine's own), with its offset."""
    utc = datetime.fromtimestamp(utc_ns / NANOSECONDS, UTC)
    return utc.astimezone(zone)


def utc_text(utc_ns: int) -> str:
    """UTC nanoseconds as ISO 8601 with milliseconds: `2026-11-20T14:45:00.123Z`."""
    utc = datetime.fromtimestamp(utc_ns // NANOSECONDS, UTC)
    return f"{utc:%Y-%m-%dT%H:%M:%S}.{utc_ns % NANOSECONDS // 1_000_000:03d}Z"


def utc_ns_of(text: str) -> int:
    """The inverse of `utc_text`. Raises ValueError when it is no ISO 8601 time."""
    return round(datetime.fromisoformat(text).timestamp() * 1000) * 1_000_000
