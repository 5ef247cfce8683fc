"""The one face of every GPS receiver.

A receiver is a thread that hands a `Fix` to its owner for every moment that it reports, the bad ones marked as such. It
is started once and closed once, survives what happens to its hardware, and tells its `state()` to whoever asks. What is
absent has the same shape as what is there.
"""

from __future__ import annotations

from typing import Literal, Protocol

import msgspec

# What a receiver says of itself (NMEA 0183, GGA field 6 and RMC's mode). `simulated`: it is on a test bench, or has a
# demo mode; its places are shown and stored like others, its state says so in words, and no clock follows it.
Quality = Literal["none", "gps", "dgps", "pps", "rtk", "rtk_float", "estimated", "manual", "simulated"]

# What we think of it. `no_fix`: the receiver itself says so. `imprecise`: satellites stand badly (HDOP), or it only
# estimates. `implausible`: no place on earth, or faster than a plane. `stale`: the receiver repeats
# itself, or the fix came later than its fixes usually do: the car has driven on.
Verdict = Literal["good", "no_fix", "imprecise", "implausible", "stale"]

# What a person wants to know. `absent`: no receiver. `searching`: one, without a fix so far. `stale`: the last good fix
# is too old to be shown as the present place.
Status = Literal["absent", "searching", "fix", "stale"]

ReceiverKind = Literal["none", "serial", "gpsd", "replay", "simulated"]


class Fix(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One moment of a receiver. Only what `is_good` may be shown or stored as the place where the car is.

    Absent values are None: a receiver without a fix still sends moments, so that gaps can be told from silence.
    """

    received_monotonic_ns: int
    """CLOCK_MONOTONIC when its first sentence came; of a burst after a stall that is later than it was measured."""
    verdict: Verdict
    quality: Quality = "none"
    utc_ns: int | None = None
    """UTC since 1970, of satellites, only when the receiver vouches for it and its date can be believed."""
    latitude: float | None = None
    """Degrees WGS 84, north is positive."""
    longitude: float | None = None
    """Degrees WGS 84, east is positive."""
    altitude_m: float | None = None
    """Metres above mean sea level."""
    speed_mps: float | None = None
    """Metres a second over ground."""
    course_degrees: float | None = None
    """Where it drives to, degrees from true north, clockwise; meaningless when standing."""
    hdop: float | None = None
    """Horizontal dilution of precision: 1 is ideal, above 10 the place is a guess."""
    satellites: int | None = None
    """How many the place was computed from."""
    satellites_in_view: int | None = None

    @property
    def is_good(self) -> bool:
        """True when place, speed and course may be believed."""
        return self.verdict == "good"


class GpsState(msgspec.Struct, frozen=True, kw_only=True):
    """What a person wants to know of the receiver; the defaults are those of a machine without one."""

    kind: ReceiverKind = "none"
    device: str = ""
    """For people: `/dev/ttyACM0 at 9600 baud`, `gpsd at 127.0.0.1:2947`, the name of a file."""
    is_connected: bool = False
    is_real: bool = False
    """By its kind: False for a replay and for the simulated drive, neither of which may set a clock.

    Whether a real receiver simulates is told by the quality of its fixes.
    """
    is_fallback: bool = False
    """True when it stands in for what was not found."""
    status: Status = "absent"
    fix: Fix | None = None
    """The last good one, however old."""
    age_seconds: float | None = None
    """How old that is."""
    satellites: int | None = None
    satellites_in_view: int | None = None
    words: str = "no GPS receiver"
    """The state in a few words, with the cure where something is wrong."""


class Receiver(Protocol):
    """A receiver of any kind. The constructor is cheap and touches nothing."""

    def start(self) -> None:
        """Begins to look for its hardware and returns at once; called once. Raises GpsError for what can never work."""

    def state(self) -> GpsState:
        """How it is at this moment; from any thread, also before `start()` and after `close()`."""

    def close(self) -> None:
        """Stops and releases everything within seconds; may be called twice."""


class NoReceiver:
    """The receiver of a machine that has none, or shall have none."""

    def __init__(self, words: str = "GPS is switched off in the settings") -> None:
        self._state = GpsState(words=words)

    def start(self) -> None:
        """Nothing to do."""

    def state(self) -> GpsState:
        """Always absent."""
        return self._state

    def close(self) -> None:
        """Nothing to do."""
