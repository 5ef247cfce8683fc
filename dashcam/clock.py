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

NANOSECONDS = 1_000_000_000

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

# What the owner says of the machine's own clock (`clock.machine`), and what speaks for a reading of it: the kernel,
# which keeps it with the help of network time; a clock chip that agrees; one that does not.
MachineTrust = Literal["auto", "trusted", "untrusted"]
Evidence = Literal["ntp", "chip", "other_chip", "nothing"]

# A quartz in a hot or freezing car is off by 50 parts in a million, and the kernel may be slewing it.
DRIFT = 100e-6
# Two right words of a source are no farther apart: a serial line delays by a few tenths, of phones each is as exact as
# its own clock, and several take turns.
_SAME_NS, _SAME_PHONE_NS = NANOSECONDS, 2 * NANOSECONDS

TIME_HELP = "A phone that opens the dashcam's page brings the time, and so do the internet and a GPS receiver."

RELEASE_UTC_NS = int(datetime.fromisoformat(RELEASE_DATE).replace(tzinfo=UTC).timestamp()) * NANOSECONDS
# Nobody runs a release longer than this: a clock that reads later is wrong. Chips with an empty battery say 2080, too.
LIFE_NS = 15 * 365 * 86_400 * NANOSECONDS


def trust_in(source: ClockSource) -> int:
    """More for a clock that is better."""
    return CLOCK_SOURCES.index(source)


def is_possible(utc_ns: int) -> bool:
    """False for a time at which this release cannot be running: 1970, 1980, 2080."""
    return RELEASE_UTC_NS <= utc_ns < RELEASE_UTC_NS + LIFE_NS


def is_apart(source: ClockSource, apart_ns: int, between_ns: int) -> bool:
    """True when two words of a source, this far apart, cannot both be right: leap seconds, a wrong date.

    `between_ns` lie between them, in which a quartz drifts.
    """
    same_ns = _SAME_PHONE_NS if source == "phone" else _SAME_NS
    return abs(apart_ns) > same_ns + abs(between_ns) * DRIFT


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

    def at(self, monotonic_ns: int) -> Anchor:
        """The same, told by another moment of the same boot."""
        return Anchor(monotonic_ns, self.utc_ns_at(monotonic_ns), self.source)

    def utc_ns_at(self, monotonic_ns: int) -> int:
        """UTC in nanoseconds since 1970 at a monotonic moment of the same boot."""
        return self.utc_ns + (monotonic_ns - self.monotonic_ns)


class WallClock:
    """Tells the best anchor there is now: that of the machine's own clock, as far as it is to be believed.

    Without a clock chip it starts in 1970 or at the last shutdown, and jumps when the network time arrives. `evidence`
    tells of a reading what speaks for it, at once, by what `refresh` has looked up (`dashcam.system.machine_clock` asks
    this machine; without it, it is a clock chip); `take` sets the owner's word over it. Thread-safe: it keeps nothing
    else.
    """

    def __init__(
        self,
        monotonic_ns: Callable[[], int] = time.monotonic_ns,
        system_utc_ns: Callable[[], int] = time.time_ns,
        *,
        evidence: Callable[[int], Evidence] = lambda _utc_ns: "chip",
        refresh: Callable[[float], None] = lambda _wait_seconds: None,
        trust: MachineTrust = "auto",
    ) -> None:
        self.monotonic_ns = monotonic_ns
        self._system_utc_ns = system_utc_ns
        self._evidence = evidence
        self._refresh = refresh
        self._trust: MachineTrust = trust

    def take(self, trust: MachineTrust) -> None:
        """Whether the machine's clock is believed, from now on."""
        self._trust = trust

    def refresh(self, wait_seconds: float = 0.0) -> None:
        """Has the evidence looked up anew, if it is time for that; called every now and then by one thread at a time.

        A clock chip may take long to tell: nobody waits for it longer than `wait_seconds`, and `anchor` never does.
        """
        self._refresh(wait_seconds)

    def anchor(self) -> Anchor:
        """The present anchor; its source is `none` while the machine's clock cannot be right."""
        return self._read()[0]

    def words(self) -> str:
        """Where the time is from, for people, and what helps where it is an estimate."""
        anchor, evidence = self._read()
        return machine_words(anchor.source, evidence, self._trust)

    def _read(self) -> tuple[Anchor, Evidence]:
        before = self._evidence(self._system_utc_ns())
        monotonic_ns, utc_ns = self.monotonic_ns(), self._system_utc_ns()
        evidence = self._evidence(utc_ns)
        if before != evidence:
            evidence = "nothing"  # it was just being set, and nobody knows on which side of that it was read
        source = machine_source(evidence, self._trust) if is_possible(utc_ns) else "none"
        return Anchor(monotonic_ns, utc_ns, source), evidence


def machine_source(evidence: Evidence, trust: MachineTrust) -> ClockSource:
    """What a clock of the machine that reads a possible time is worth."""
    if trust == "untrusted":
        return "saved"
    if evidence == "ntp":
        return "ntp"
    return "system" if evidence == "chip" or trust == "trusted" else "saved"


def machine_words(source: ClockSource, evidence: Evidence, trust: MachineTrust) -> str:
    """The state of the machine's clock in a sentence or two, with the cure where it is not trusted."""
    if source == "none":
        return f"Not known: the machine's clock is far off. {TIME_HELP}"
    if source == "ntp":
        return "From the internet (network time)."
    if source == "system":
        is_chip = evidence == "chip"
        return "From the machine's clock chip." if is_chip else "From the machine's clock, as clock.machine says."
    if trust == "untrusted":
        return f"An estimate: clock.machine says not to trust the machine's clock. {TIME_HELP}"
    if evidence == "other_chip":
        return f"An estimate: the machine's clock and its clock chip do not agree. {TIME_HELP}"
    return f"An estimate: without a clock chip, the machine goes on from when it was last on. {TIME_HELP}"


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
