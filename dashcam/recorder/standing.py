"""For how long GPS has seen the car stand: what says that it is parked. Pure: fixes in, seconds out."""

from __future__ import annotations

import threading

from dashcam.clock import NANOSECONDS
from dashcam.place import Place
from dashcam.recorder.trip import Spot, Step

# So far it must go before it counts as driving: a receiver below a roof wanders.
_LEAVING_M = 20.0
# At both ends of a step: nobody wanders as fast, and the car that leaves is recorded within a second or two.
_DRIVING_MPS = 3.0
# Farther away after a gap, it was driven meanwhile.
_SAME_PLACE_M = 100.0


class Standing:
    """Fed in the receiver's thread, asked in any.

    Only what was seen counts: hours without a fix are neither standing nor driving. So a car whose fix is lost in a
    garage keeps what it had: one that was seen to stand long enough stays parked until it is seen to move.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._last: Spot | None = None
        self._stood_ns = 0
        self._left_m = 0.0

    def put(self, monotonic_ns: int, place: Place | None) -> None:
        """A fix by when it was received; None is one that is not good, and says nothing."""
        if place is None:
            return
        spot = Spot(monotonic_ns, place)
        with self._lock:
            before, self._last = self._last, spot
            if before is not None:
                self._take(Step.of(before, spot))

    @property
    def seconds(self) -> float | None:
        """So long it has been seen standing, 0 while it drives; None before the first good fix."""
        with self._lock:
            return None if self._last is None else self._stood_ns / NANOSECONDS

    def _take(self, step: Step) -> None:
        if step.is_gap:
            self._left_m = 0.0
            if step.metres > _SAME_PLACE_M:
                self._stood_ns = 0
        elif step.moves:
            self._left_m += step.metres
            if self._left_m >= _LEAVING_M or min(step.speeds_mps) >= _DRIVING_MPS:
                self._stood_ns = 0
        else:
            self._left_m = 0.0
            self._stood_ns += step.elapsed_ns
