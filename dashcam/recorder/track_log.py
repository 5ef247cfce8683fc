"""The raw track log: fixes wait in memory until it is the bookkeeper's turn to write them."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from dashcam.clips.track_log import LONGEST_STEP_NS, LogEntry, LoggedGap, encode_line, gap, logged
from dashcam.clock import NANOSECONDS
from dashcam.gps.geometry import distance_m
from dashcam.gps.plausible import is_way
from dashcam.recorder.track_parts import Line, Source, TrackParts

if TYPE_CHECKING:
    from dashcam.place import Place
    from dashcam.recorder.card import Card
    from dashcam.recorder.numbering import Numbering

log = logging.getLogger(__name__)

# Most receivers send once a second: more than an hour in about a megabyte of memory, while the card cannot be written.
MOST_WAITING = 5_000
_SYNC_SECONDS = 4.0
# One bad fix among good ones is no gap.
_SHORTEST_GAP_NS = 2 * NANOSECONDS
_SILENT = "silent"
# Nobody drives so fast: a replay has begun anew, another receiver is somewhere else.
_JUMP = "jump"


class GapWatch:
    """Finds where good fixes end: pure. The moments are those at which fixes were received."""

    def __init__(self) -> None:
        self._last_good_ns: int | None = None
        self._first_bad: tuple[int, str] | None = None

    def take_good(self, monotonic_ns: int) -> LoggedGap | None:
        """A good fix; gives the gap before it that nobody has noticed yet."""
        found = self.look(monotonic_ns)
        self._last_good_ns, self._first_bad = monotonic_ns, None
        return found

    def take_bad(self, monotonic_ns: int, why: str) -> LoggedGap | None:
        """A fix that is not good; gives the gap once it is one."""
        found = self.look(monotonic_ns)
        if self._last_good_ns is None:
            return found
        self._first_bad = self._first_bad or (monotonic_ns, why)
        return self._gap() if monotonic_ns - self._last_good_ns >= _SHORTEST_GAP_NS else None

    def look(self, now_ns: int) -> LoggedGap | None:
        """The gap that has begun because nothing has come for long."""
        is_over = self._last_good_ns is not None and now_ns - self._last_good_ns > LONGEST_STEP_NS
        return self._gap() if is_over else None

    def _gap(self) -> LoggedGap:
        """Told once."""
        assert self._last_good_ns is not None
        begins_ns, why = self._first_bad or (self._last_good_ns, _SILENT)
        self._last_good_ns = self._first_bad = None
        return gap(why, begins_ns)


class TrackLog:
    """`put` and `miss` are called in the receiver's thread and return at once; `turn` in the bookkeeper's."""

    def __init__(
        self,
        card: Card,
        numbering: Numbering,
        quota: Callable[[], str],
        monotonic_ns: Callable[[], int] = time.monotonic_ns,
    ) -> None:
        """`quota`: the setting gps.log_quota, asked for anew each time."""
        self._parts = TrackParts(card, numbering, quota)
        self._monotonic_ns = monotonic_ns
        self._lock = threading.Lock()  # guards the next four
        self._waiting: list[Line] = []
        self._gaps = GapWatch()
        self._source = Source("", is_real=False)
        self._last: tuple[int, Place] | None = None
        self._synced_ns = 0
        self._trouble = ""
        self.lost_lines = 0
        """What the memory could not hold while the card could not be written."""

    @property
    def waiting_lines(self) -> int:
        """What is not on the card yet."""
        return len(self._waiting)

    def put(self, monotonic_ns: int, place: Place, source: Source) -> None:
        """Takes a good fix."""
        with self._lock:
            self._add(self._gaps.take_good(monotonic_ns))
            if self._last is not None and _jumps(*self._last, monotonic_ns, place):
                self._add(gap(_JUMP, self._last[0]))
            self._source, self._last = source, (monotonic_ns, place)
            self._add(logged(place, monotonic_ns))

    def miss(self, monotonic_ns: int, why: str) -> None:
        """Takes a fix that is not good."""
        with self._lock:
            self._add(self._gaps.take_bad(monotonic_ns, why))

    def turn(self) -> None:
        """Writes what waits, every two seconds. What goes wrong is told once, and tried again at the next turn."""
        now_ns = self._monotonic_ns()
        with self._lock:
            self._add(self._gaps.look(now_ns))
            waiting, self._waiting = self._waiting, []
        try:
            self._parts.write(waiting)
            if now_ns - self._synced_ns >= _SYNC_SECONDS * NANOSECONDS:
                self._synced_ns = now_ns
                self._parts.sync()
            self._tell("")
        except OSError as error:
            self._tell(f"the track log cannot be written ({error}); what fits into memory waits")
        except Exception as error:  # noqa: BLE001 the thread is needed for the recording
            self._tell(f"the track log fails ({error!r}); the recording goes on")
        if waiting:
            with self._lock:
                self._waiting = waiting + self._waiting
                self._keep_bound()

    def _add(self, entry: LogEntry | None) -> None:
        if entry is not None:
            self._waiting.append(Line(self._source, encode_line(entry)))
            self._keep_bound()

    def _keep_bound(self) -> None:
        excess = len(self._waiting) - MOST_WAITING
        if excess > 0:
            del self._waiting[:excess]
            self.lost_lines += excess

    def _tell(self, trouble: str) -> None:
        """Only the first of several in a row."""
        if trouble and not self._trouble:
            log.warning("%s", trouble)
        elif self._trouble and not trouble:
            log.info("the track log goes on")
        self._trouble = trouble


def _jumps(before_ns: int, before: Place, after_ns: int, after: Place) -> bool:
    metres = distance_m(before.latitude, before.longitude, after.latitude, after.longitude)
    return not is_way(metres, (after_ns - before_ns) / NANOSECONDS)
