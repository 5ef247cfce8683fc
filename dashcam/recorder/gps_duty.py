"""Keeps a GPS receiver open, and hands its fixes to whoever needs them; nothing that it does holds up the recording."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Protocol, Self

import msgspec

from dashcam import RELEASE_DATE
from dashcam.clock import NANOSECONDS
from dashcam.gps.base import Fix, GpsState, NoReceiver, Receiver
from dashcam.gps.choose import open_receiver
from dashcam.gps.time_trust import TimeTrust
from dashcam.gps.tracker import FixSink
from dashcam.place import Place
from dashcam.recorder.rhythm import Rhythm
from dashcam.recorder.track_parts import Source
from dashcam.settings.schema import GpsSettings

if TYPE_CHECKING:
    from dashcam.clock import Anchor
    from dashcam.recorder.camera_duty import CameraDuty
    from dashcam.recorder.moments import Moments
    from dashcam.recorder.track_log import TrackLog
    from dashcam.recorder.trip import TripMeter
    from dashcam.settings import Settings

log = logging.getLogger(__name__)

# Without `follow` or `wake` it sees after so long that it is to stop.
_LOOK_SECONDS = 2.0
# Milliseconds, unless the receiver's first fix overtakes the return from its opening.
_OPENING_SECONDS = 5.0
# Finding the port and the baud rate of a receiver takes its time.
_PATIENCE_SECONDS = 30.0
_ALL = GpsSettings()


@dataclass(frozen=True, slots=True)
class ReceiverWish:
    """What a receiver is opened with."""

    gps: GpsSettings
    speed: float
    or_simulated: bool

    @classmethod
    def of(cls, settings: Settings, duty: CameraDuty) -> Self | None:
        """What the settings ask for beside this camera; None while the camera, which comes first, is being opened."""
        running = duty.running
        if running is None and duty.trouble is None:
            return None
        # What is written and shown of a fix is no reason for another receiver.
        gps = msgspec.structs.replace(
            settings.gps, telemetry=_ALL.telemetry, log_quota=_ALL.log_quota, speed_unit=_ALL.speed_unit
        )
        speed = duty.wish.camera.speed if gps.kind == "replay" else 1.0
        is_drawn = duty.wish.camera.kind == "pattern" if running is None else running.facts.kind == "pattern"
        return cls(gps, speed, is_drawn and gps.kind == "auto")

    @property
    def is_by_hand(self) -> bool:
        """True when somebody has said which receiver there is: it is missed when it is not there."""
        return self.gps.kind in ("serial", "gpsd", "replay") or (self.gps.kind == "auto" and bool(self.gps.device))


class ReceiverOpener(Protocol):
    """`dashcam.gps.choose.open_receiver`, or what a test puts in its place."""

    def __call__(
        self, settings: GpsSettings, on_fix: FixSink, *, reference: date, speed: float, or_simulated: bool
    ) -> Receiver:
        """Starts a receiver."""


def place_of(fix: Fix) -> Place:
    """Where a good fix says that the car is."""
    assert fix.latitude is not None
    assert fix.longitude is not None
    return Place(
        latitude=fix.latitude,
        longitude=fix.longitude,
        altitude_m=fix.altitude_m,
        speed_mps=fix.speed_mps,
        course_degrees=fix.course_degrees,
        hdop=fix.hdop,
        satellites=fix.satellites,
    )


def _no_clock(_anchor: Anchor) -> None:
    """The default where no clock is to be set."""


def _nobody_asks(_monotonic_ns: int, _place: Place | None) -> None:
    """The default where nobody else wants to know."""


class _Intake:
    """The way of one receiver's fixes; called in its thread. One that was closed too slowly is not heard any more."""

    def __init__(
        self,
        moments: Moments,
        track: TrackLog,
        trip: TripMeter,
        *,
        offer_time: Callable[[Anchor], None],
        on_place: Callable[[int, Place | None], None],
        speed: float,
        monotonic: Callable[[], float],
    ) -> None:
        self._moments = moments
        self._track = track
        self._trip = trip
        self._offer_time = offer_time
        self._on_place = on_place
        self._monotonic = monotonic
        self._rhythm = Rhythm(speed)
        self._trust = TimeTrust()
        self._receiver: Receiver | None = None
        self._is_known = threading.Event()
        self._is_over = False

    def know(self, receiver: Receiver) -> None:
        self._receiver = receiver
        self._is_known.set()

    def end(self) -> None:
        self._is_over = True
        self._is_known.set()

    def take(self, fix: Fix) -> None:
        self._is_known.wait(_OPENING_SECONDS)
        if self._is_over or self._receiver is None:
            return
        state = self._receiver.state()
        if state.is_real and (anchor := self._trust.take(fix)) is not None:
            self._offer_time(anchor)
        moment_ns = fix.received_monotonic_ns
        reach = self._rhythm.take(moment_ns, round(self._monotonic() * NANOSECONDS))
        if not fix.is_good:
            self._moments.miss(moment_ns, reach)
            self._track.miss(moment_ns, fix.verdict)
            self._on_place(moment_ns, None)
            return
        place = place_of(fix)
        self._moments.put(moment_ns, place, reach)
        self._track.put(moment_ns, place, Source(state.device, state.is_real))
        self._trip.put(moment_ns, place)
        self._on_place(moment_ns, place)


class GpsDuty:
    """Owns the receiver. `work` is its thread; any other may ask for `state` and say with `follow` what is wished."""

    def __init__(
        self,
        *,
        moments: Moments,
        track: TrackLog,
        trip: TripMeter,
        offer_time: Callable[[Anchor], None] = _no_clock,
        on_place: Callable[[int, Place | None], None] = _nobody_asks,
        open_receiver: ReceiverOpener = open_receiver,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """In the receiver's thread: `offer_time` gets what GPS vouches for, `on_place` each fix, None for a bad one."""
        self._moments = moments
        self._track = track
        self._trip = trip
        self._offer_time = offer_time
        self._on_place = on_place
        self._open_receiver = open_receiver
        self._monotonic = monotonic
        self._wish: ReceiverWish | None = None
        self._opened_with: ReceiverWish | None = None
        self._receiver: Receiver = NoReceiver("looking for a GPS receiver")
        self._intake: _Intake | None = None
        self._seen_at = monotonic()
        self._asked = threading.Event()

    def follow(self, wish: ReceiverWish | None) -> None:
        """What is wished from now on; None is no wish. The same as before costs nothing. Returns at once."""
        if wish is not None and wish != self._wish:
            self._wish = wish
            self._asked.set()

    def wake(self) -> None:
        """Makes the thread see at once that it is to stop."""
        self._asked.set()

    def work(self, stop: threading.Event) -> None:
        """The thread's loop."""
        while not stop.is_set():
            wish = self._wish
            if wish is not None and wish != self._opened_with:
                self._opened_with = wish
                self._change(wish)
            self._asked.wait(_LOOK_SECONDS)
            self._asked.clear()
        self._close()

    def state(self) -> GpsState:
        """How the receiver is at this moment."""
        return self._receiver.state()

    @property
    def complaint(self) -> str:
        """What is wrong, in words, with a receiver that somebody has configured; empty when nothing is.

        Who looks for one is given the time that it takes.
        """
        wish, state, now = self._opened_with, self._receiver.state(), self._monotonic()
        if state.is_connected or wish is None or not wish.is_by_hand:
            self._seen_at = now
            return ""
        has_failed = isinstance(self._receiver, NoReceiver)
        return f"GPS: {state.words}" if has_failed or now - self._seen_at > _PATIENCE_SECONDS else ""

    def _change(self, wish: ReceiverWish) -> None:
        """Closes the former receiver and opens another."""
        try:
            self._close()
            intake = _Intake(
                self._moments,
                self._track,
                self._trip,
                offer_time=self._offer_time,
                on_place=self._on_place,
                speed=wish.speed,
                monotonic=self._monotonic,
            )
            self._intake = intake
            self._receiver = self._open_receiver(
                wish.gps,
                intake.take,
                reference=date.fromisoformat(RELEASE_DATE),
                speed=wish.speed,
                or_simulated=wish.or_simulated,
            )
            self._seen_at = self._monotonic()
            intake.know(self._receiver)
        except Exception as error:
            # Whatever is wrong with GPS, the recording goes on.
            log.exception("no GPS")
            self._receiver = NoReceiver(f"the GPS receiver's program failed ({error}); it starts anew with the dashcam")

    def _close(self) -> None:
        if self._intake is not None:
            self._intake.end()
            self._intake = None
        self._receiver.close()
