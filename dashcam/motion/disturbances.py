"""What concerns the whole picture: it is new, the light changes, the camera shakes."""

from __future__ import annotations

import math

from dashcam.motion.change import Difference
from dashcam.motion.sight import Disturbance

_LEARN_SECONDS = 1.0
# Grey levels of a typical cell from one look to the next: more than the flicker of lamps (3 % of white), and more than
# what has been usual lately.
_LIGHT_STEP = 10.0
_USUAL_STEPS = 3.0
# How long a step is remembered: auto exposure needs that to settle.
_LIGHT_SECONDS = 0.6
# Halved pixels; and what is left of them after a second.
_SHAKE = 0.15
_JITTER_SECONDS = 1.0
# Usual is what was so for some seconds.
_USUAL_SECONDS = 2.0


class Disturbances:
    """Follows them from look to look."""

    def __init__(self) -> None:
        self.unlike = 0.0
        """What a typical cell usually differs from the background by, in grey levels."""
        self.jitter = 0.0
        """How far off the fine shift has lately been, in halved pixels: what is left at edges goes with it."""
        self._shake = 0.0
        self._usual_light = 0.0
        self._seconds = 0.0
        self._light_until = 0.0

    def learn(self, difference: Difference, last_place: tuple[float, float], seconds: float) -> None:
        """Takes what one look has found, `seconds` after the look before, when the picture lay at `last_place`."""
        self._seconds += seconds
        part = min(1.0, seconds / _USUAL_SECONDS)
        forget = math.exp(-seconds / _JITTER_SECONDS)
        self.unlike += (difference.unlike - self.unlike) * part
        self.jitter = max(math.hypot(*difference.rest), self.jitter * forget)
        place = difference.shift
        self._shake = max(math.hypot(place[0] - last_place[0], place[1] - last_place[1]), self._shake * forget)
        if difference.step > max(_LIGHT_STEP, _USUAL_STEPS * self._usual_light):
            self._light_until = self._seconds + _LIGHT_SECONDS
        self._usual_light += (difference.step - self._usual_light) * part

    @property
    def more_looks(self) -> int:
        """How many looks more a new thing needs: what is left of light and shaking does not last."""
        return int(self.name in ("light", "shake"))

    @property
    def name(self) -> Disturbance:
        """The one that matters most now."""
        if self._seconds < _LEARN_SECONDS:
            return "learning"
        if self._seconds < self._light_until:
            return "light"
        return "shake" if max(self._shake, self.jitter) > _SHAKE else ""
