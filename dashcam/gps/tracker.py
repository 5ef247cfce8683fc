"""What a receiver knows of itself, kept for whoever asks, and its fixes handed on to its owner."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

import msgspec

from dashcam.clock import NANOSECONDS
from dashcam.gps.base import Fix, GpsState, ReceiverKind, Status
from dashcam.gps.delay import DelayWatch

log = logging.getLogger(__name__)

# A car has gone a hundred metres then; slow receivers send every second or two.
STALE_SECONDS = 5.0

FixSink = Callable[[Fix], None]


def status_of(*, is_connected: bool, good_age_seconds: float | None) -> Status:
    """The state in one word, from whether there is a receiver and how old its last good fix is (None: never)."""
    if good_age_seconds is not None:
        return "fix" if is_connected and good_age_seconds <= STALE_SECONDS else "stale"
    return "searching" if is_connected else "absent"


class Tracker:
    """The memory of one receiver. Its thread tells, any thread asks."""

    def __init__(
        self,
        kind: ReceiverKind,
        on_fix: FixSink,
        *,
        is_real: bool,
        is_fallback: bool = False,
        monotonic_ns: Callable[[], int] = time.monotonic_ns,
    ) -> None:
        self._on_fix = on_fix
        self._monotonic_ns = monotonic_ns
        self._has_failed = False
        # Replaced as a whole, so that who asks sees one moment; only the receiver's thread does that.
        self._state = GpsState(kind=kind, is_real=is_real, is_fallback=is_fallback, words="not started")
        self._last: Fix | None = None
        self._delays = DelayWatch()
        self._remark = ""

    def connected(self, device: str) -> None:
        """The receiver was found, or found again."""
        if self._state.is_connected and self._state.device == device:
            return
        log.info("GPS: %s", device)
        self._last = None
        self._state = msgspec.structs.replace(self._state, is_connected=True, device=device)

    def disconnected(self, words: str) -> None:
        """There is none, or none any more; `words` say why and what helps."""
        if self._state.is_connected or self._state.words != words:
            log.info("GPS: %s", words)
        self._last = None
        self._state = msgspec.structs.replace(
            self._state, is_connected=False, words=words, satellites=None, satellites_in_view=None
        )

    def remark(self, words: str) -> None:
        """What is to be known of all its fixes from now on, said beside the state."""
        if words != self._remark:
            log.info("GPS: %s", words)
        self._remark = words

    def take(self, fix: Fix) -> None:
        """A fix has come; what goes wrong in its owner stays out of the receiver's thread.

        A real receiver's that comes late is no place of now, however true it was.
        """
        if self._state.is_real and fix.verdict in ("good", "imprecise") and self._delays.is_late(fix):
            fix = msgspec.structs.replace(fix, verdict="stale")
        self._last = fix
        self._state = msgspec.structs.replace(
            self._state,
            fix=fix if fix.is_good else self._state.fix,
            satellites=fix.satellites,
            satellites_in_view=fix.satellites_in_view,
        )
        try:
            self._on_fix(fix)
        except Exception:
            if not self._has_failed:
                self._has_failed = True
                log.exception("who gets the GPS fixes fails; the receiver goes on")

    def died(self, error: BaseException) -> None:
        """The receiver's thread ended by an error that nobody foresaw; called in it."""
        self.disconnected(f"the GPS receiver's program failed ({error}); it starts anew with the dashcam")

    def state(self) -> GpsState:
        """Everything, with the age of the last good fix at this moment."""
        state, now_ns = self._state, self._monotonic_ns()
        age = None if state.fix is None else max(0, now_ns - state.fix.received_monotonic_ns) / NANOSECONDS
        status = status_of(is_connected=state.is_connected, good_age_seconds=age)
        words = state.words
        if state.is_connected:
            words = _words(status, age, state, self._last)
            words = f"{words}; {self._remark}" if self._remark else words
        return msgspec.structs.replace(state, age_seconds=age, status=status, words=words)


def _words(status: Status, age_seconds: float | None, state: GpsState, last: Fix | None) -> str:
    if status == "fix":
        words = "fix" if state.satellites is None else f"fix from {state.satellites} satellites"
        is_made_up = state.is_real and state.fix is not None and state.fix.quality == "simulated"
        return f"the receiver simulates: {words}" if is_made_up else words
    sees = "no sentence yet" if last is None else _sees(last)
    if status == "stale":
        return f"no fix for {age_seconds:.0f} s: {sees}"
    return f"searching: {sees}"


def _sees(last: Fix) -> str:
    if last.verdict == "imprecise":
        return "the place is only guessed"
    if last.verdict == "implausible":
        return "the receiver says what cannot be"
    if last.verdict == "stale":
        return "the receiver repeats itself, or what it says comes late"
    if last.satellites_in_view is None:
        return "it needs a view of the sky"
    return f"{last.satellites_in_view} satellites in view"
