"""The best time there is: the machine's own clock, what a phone has offered, what GPS has said.

The best by rank counts (`dashcam.clock.CLOCK_SOURCES`). Once known it stays known, whatever becomes of its source and
however the machine's clock is stepped; only a machine that was suspended has to be told again.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dashcam.clock import (
    DRIFT,
    ERROR_SECONDS,
    NANOSECONDS,
    Anchor,
    ClockSource,
    MachineTrust,
    WallClock,
    is_possible,
    trust_in,
    utc_text,
)
from dashcam.link import messages as m
from dashcam.system.kernel import asleep_ns as kernel_asleep_ns
from dashcam.system.kernel import has_slept

if TYPE_CHECKING:
    from dashcam.clips.anchors import AnchorLine

log = logging.getLogger(__name__)

# What an offer may have been under way: the time is no better known than that.
_LONGEST_WAY_SECONDS = 2.0
# Of when an offer speaks: nobody holds it back longer.
_OLDEST_OFFER_NS = 60 * NANOSECONDS
# A receiver that had no leap seconds yet corrects itself by more than any delay of a serial line.
_CORRECTED_NS = NANOSECONDS

_OWN: tuple[ClockSource, ...] = ("system", "ntp")
_WORDS: dict[ClockSource, str] = {
    "phone": "From a phone.",
    "gps": "From GPS.",
    "ntp": "From the internet (network time), some time ago.",
    "system": "From the machine's clock, some time ago.",
}


@dataclass(frozen=True, slots=True)
class _Held:
    """An anchor that is remembered, how far off it was then, and how long the machine had slept by then."""

    anchor: Anchor
    error_seconds: float
    asleep_ns: int


@dataclass(frozen=True, slots=True)
class Known:
    """The best anchor, how far it may be from the truth by now (None: nobody knows), and where it is from, in words."""

    anchor: Anchor
    error_seconds: float | None
    words: str


class Timekeeper(WallClock):
    """A WallClock that remembers. Thread-safe; it never touches media time."""

    def __init__(self, machine: WallClock, asleep_ns: Callable[[], int] = kernel_asleep_ns) -> None:
        """`asleep_ns` tells how long the machine was suspended since its start."""
        super().__init__(machine.monotonic_ns)
        self._machine = machine
        self._asleep_ns = asleep_ns
        self._lock = threading.Lock()  # guards what is held
        self._held: dict[ClockSource, _Held] = {}
        self._told: ClockSource | None = None

    def take(self, trust: MachineTrust) -> None:
        """The owner's word over the machine's clock; what that has said before counts no more."""
        with self._lock:
            if trust == self._trust:
                return
            self._trust = trust
            self._machine.take(trust)
            for source in _OWN:
                self._held.pop(source, None)

    def refresh(self, wait_seconds: float = 0.0) -> None:
        """Has what speaks for the machine's clock looked up anew."""
        self._machine.refresh(wait_seconds)

    def anchor(self) -> Anchor:
        """The best there is now, told by this moment."""
        live = self._machine.anchor()
        asleep_ns = self._asleep_ns()
        with self._lock:
            best = self._best(live, asleep_ns)
            is_news, self._told = best.source != self._told, best.source
        if is_news:
            log.info("the time is %s, source: %s", utc_text(best.utc_ns), best.source)
        return best

    def words(self) -> str:
        """Where the time is from, for people, and what helps where it is an estimate."""
        return self.known().words

    def known(self) -> Known:
        """The best there is now, and how good that is."""
        best = self.anchor()
        with self._lock:
            held = self._held.get(best.source)
        live = self._machine.anchor()
        if live.source == best.source or held is None:
            return Known(best, best.error_seconds, self._machine.words())
        return Known(best, round(self._aged(held, live.monotonic_ns), 1), _WORDS[best.source])

    def status(self, zone: str) -> m.ClockStatus:
        """For the page and the other programs. `zone`: the setting."""
        known = self.known()
        anchor = known.anchor
        utc_ns = 0 if anchor.source == "none" else anchor.utc_ns
        return m.ClockStatus(
            utc=utc_text(utc_ns) if utc_ns else None,
            source=anchor.source,
            zone=zone,
            error_seconds=known.error_seconds,
            monotonic_ns=anchor.monotonic_ns,
            utc_ns=utc_ns,
            words=known.words,
        )

    def answer(self, offer: m.OfferTime, zone: str) -> m.TimeAnswer:
        """Takes a phone's time if it is the better one."""
        refusal = self.offer_phone(offer.utc_ns, offer.monotonic_ns, offer.error_seconds)
        words = refusal or "The dashcam has the time from this phone now."
        return m.TimeAnswer(is_taken=not refusal, words=words, clock=self.status(zone))

    def offer_phone(self, utc_ns: int, monotonic_ns: int, way_seconds: float) -> str:
        """Takes a phone's time, `way_seconds` under way; gives why not, in words for whoever holds it, or nothing."""
        if not 0 <= way_seconds <= _LONGEST_WAY_SECONDS:
            return "The phone's time was under way too long to be exact; it is tried again."
        if not is_possible(utc_ns):
            return "The phone's date cannot be right; set its clock."
        offered = Anchor(monotonic_ns, utc_ns, "phone")
        if not self._is_present(offered):
            return "The phone's time was of another moment; it is tried again."
        best, asleep_ns = self.anchor(), self._asleep_ns()
        error_seconds = (ERROR_SECONDS["phone"] or 0.0) + way_seconds
        with self._lock:
            held = self._held.get("phone")
            if best.is_trusted and best.source != "phone":
                return "The dashcam has a better source of the time."
            if held is not None:
                aged_seconds = self._aged(held, monotonic_ns)
                apart_seconds = abs(utc_ns - held.anchor.utc_ns_at(monotonic_ns)) / NANOSECONDS
                if apart_seconds > aged_seconds + error_seconds:
                    # One of them is wrong. Somebody holds the later one, and looks at its clock.
                    log.warning("two phones are %.0f s apart; the later one counts", apart_seconds)
                elif aged_seconds <= error_seconds:
                    return "The dashcam has the time from a phone already."
            self._held["phone"] = _Held(offered, error_seconds, asleep_ns)
        return ""

    def offer_gps(self, anchor: Anchor) -> None:
        """What `TimeTrust` gives, with every fix: a real receiver's only. The least delayed counts, with the drift."""
        if anchor.source != "gps" or not is_possible(anchor.utc_ns) or not self._is_present(anchor):
            log.debug("not taken for the time: %s", anchor)
            return
        asleep_ns = self._asleep_ns()
        with self._lock:
            held = self._held.get("gps")
            if held is None or has_slept(held.asleep_ns, asleep_ns) or _is_better(anchor, held.anchor):
                self._held["gps"] = _Held(anchor, ERROR_SECONDS["gps"] or 0.0, asleep_ns)

    def recall(self, line: AnchorLine | None) -> None:
        """What an earlier run of this program on the same start of the machine has written down, if anything."""
        if line is None:
            return
        anchor = line.anchor
        is_sane = anchor.is_trusted and is_possible(anchor.utc_ns) and anchor.monotonic_ns <= self.monotonic_ns()
        if anchor.source in _OWN or not is_sane:
            return  # the machine's own clock tells by itself
        with self._lock:
            self._held.setdefault(anchor.source, _Held(anchor, anchor.error_seconds or 0.0, line.asleep_ns))

    def _best(self, live: Anchor, asleep_ns: int) -> Anchor:
        """With the lock held."""
        for source, held in list(self._held.items()):
            if has_slept(held.asleep_ns, asleep_ns):
                del self._held[source]
        if live.source in _OWN:
            self._held[live.source] = _Held(live, live.error_seconds or 0.0, asleep_ns)
        best = max((live, *(held.anchor for held in self._held.values())), key=lambda anchor: trust_in(anchor.source))
        return best.at(live.monotonic_ns)

    def _is_present(self, anchor: Anchor) -> bool:
        return 0 <= self.monotonic_ns() - anchor.monotonic_ns <= _OLDEST_OFFER_NS

    @staticmethod
    def _aged(held: _Held, now_ns: int) -> float:
        """How far off it may be by now."""
        return held.error_seconds + max(0, now_ns - held.anchor.monotonic_ns) / NANOSECONDS * DRIFT


def _is_better(later: Anchor, earlier: Anchor) -> bool:
    """True unless it has only come later than the earlier one by more than the two clocks can have drifted since."""
    delay_ns = (later.monotonic_ns - later.utc_ns) - (earlier.monotonic_ns - earlier.utc_ns)
    drift_ns = (later.monotonic_ns - earlier.monotonic_ns) * DRIFT
    return delay_ns <= drift_ns or delay_ns > _CORRECTED_NS
