"""How long a receiver's fix vouches for the place: as long as it takes until the next one is known, and no longer."""

from __future__ import annotations

from collections import deque
from typing import NamedTuple

from dashcam.clock import NANOSECONDS

# Nearly all receivers send every second, slow ones every other second. Quicker ones are not held to their rate: after
# a stall a second's worth of fixes comes at once, and then none for a second.
_USUAL_STEP_NS, _LONGEST_STEP_NS = NANOSECONDS, 2 * NANOSECONDS
# The next one may be a quarter late: converters and busy machines hold lines back by a tenth of a second or two.
_WITH_DELAY = 1.25
# A fix is complete with its last sentence, up to a second after the first one at 4800 baud; how late, changes within
# some fixes, as the satellites in view are told every few seconds only, in between.
_REMEMBERED = 8


class Reach(NamedTuple):
    """For which moments a fix tells the place: `near_ns` before and after it, and after it `late_ns` more."""

    near_ns: int
    late_ns: int


# Of a receiver of which nothing is known.
USUAL = Reach(round(_USUAL_STEP_NS * _WITH_DELAY), 0)


class Rhythm:
    """Of one receiver; shown everything that it reports, good or not. Pure.

    Shorter, and it would say "no GPS" between two fixes of a car that has GPS. Longer, and it would repeat the last
    place and speed where the receiver was unplugged: what ends in a fix that is not good, ends at that moment anyway.
    """

    def __init__(self, speed: float = 1.0) -> None:
        """`speed`: so many times faster than real a replay plays; all steps are as much shorter."""
        self._usual_ns, self._longest_ns = _USUAL_STEP_NS / speed, _LONGEST_STEP_NS / speed
        self._last_ns: int | None = None
        self._steps_ns: deque[int] = deque(maxlen=2)
        self._delays_ns: deque[int] = deque(maxlen=_REMEMBERED)

    def take(self, received_ns: int, known_ns: int) -> Reach:
        """A report by when its first sentence came and when it was complete; gives how far it reaches."""
        if self._last_ns is not None:
            self._steps_ns.append(received_ns - self._last_ns)
        self._last_ns = received_ns
        # The shorter one of two: a single pause makes no slow receiver.
        step_ns = min(self._steps_ns) if len(self._steps_ns) == 2 else 0
        near_ns = round(min(max(step_ns, self._usual_ns), self._longest_ns) * _WITH_DELAY)
        self._delays_ns.append(min(max(known_ns - received_ns, 0), near_ns))
        return Reach(near_ns, max(self._delays_ns))
