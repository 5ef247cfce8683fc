"""What is different between a picture and the background, once light and the camera's own movement are taken out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dashcam.motion.picture import CELL, Grey, Picture, cell_sums, middle
from dashcam.motion.shake import coarse_shift, fine_shift, moved, slopes

# A shift is taken out when it is more than this, in halved pixels: a rigid camera shows less.
_LEAST_SHIFT = 0.03
# What is still found linearly; more is searched for first.
_MOST_FINE_SHIFT = 0.4
# The same when so many times as much as usual is left in a typical cell.
_SUSPICIOUS = 1.5


@dataclass(frozen=True)
class Difference:
    """A picture against the background, in grey levels of the picture."""

    plain: Grey
    """The difference of each halved pixel, light taken out as a gain and an offset of the whole picture."""
    relief: Grey
    """The difference in texture, light taken out as a gain around each pixel."""
    gain: float
    offset: float
    step: float
    """How much gain and offset change a typical cell, in grey levels."""
    light: Grey
    """How much brighter each cell's surroundings are, beyond gain and offset, without sign."""
    whole: tuple[int, int]
    rest: tuple[float, float]
    edges: Grey
    """The root mean square of the slope in each cell: what a movement of one pixel would change."""
    unlike: float
    """What is left in a typical cell, in grey levels."""

    @property
    def shift(self) -> tuple[float, float]:
        """How far the picture has moved across and down, in halved pixels."""
        return self.whole[0] + self.rest[0], self.whole[1] + self.rest[1]

    def between(self, before: Difference) -> Grey:
        """What changed in each pixel since another picture."""
        return _lesser(self.plain - before.plain, self.relief - before.relief)

    def pixels(self) -> Grey:
        """What is foreign in each pixel."""
        return _lesser(self.plain, self.relief)


def difference_of(now: Picture, background: Picture, last_shift: tuple[float, float], usual: float) -> Difference:
    """Compares two pictures of one size; at the looks before the picture lay at `last_shift`, and `unlike` was `usual`.

    Where the fit leaves more than that the picture is searched for further away.
    """
    whole = (round(last_shift[0]), round(last_shift[1]))
    difference = _difference_at(now, background, whole)
    if difference.unlike > _SUSPICIOUS * usual or max(map(abs, difference.rest)) > _MOST_FINE_SHIFT:
        found = coarse_shift(now.texture, background.texture)
        if found != whole:
            other = _difference_at(now, background, found)
            if other.unlike < difference.unlike:
                return other
    return difference


def root_mean_square(pixels: Grey) -> Grey:
    """Of each cell."""
    size: Grey = np.sqrt(cell_sums(pixels * pixels) * np.float32(1 / CELL**2))
    return size


def _difference_at(now: Picture, background: Picture, whole: tuple[int, int]) -> Difference:
    """With the background moved by whole pixels first."""
    then = background
    if whole != (0, 0):
        then = Picture(
            then.seconds,
            moved(then.grey, whole),
            moved(then.brightness, whole),
            moved(then.texture, whole),
            then.cells,
        )
    gain, offset, step = _light_fit(now.cells, then.cells)
    plain = now.grey - then.grey * np.float32(gain)
    plain -= np.float32(offset)
    lit = now.brightness / then.brightness
    lit *= then.texture
    relief = now.texture - lit
    # Slopes between both pictures hold to the second order.
    lit += now.texture
    across, down = slopes(lit)
    shift, edges, unlike = fine_shift(relief, across, down)
    if max(abs(shift[0]), abs(shift[1])) > _LEAST_SHIFT:
        move = across * np.float32(shift[0])
        move += down * np.float32(shift[1])
        plain += move
        relief += move
    light = np.abs(now.brightness[::CELL, ::CELL] - then.brightness[::CELL, ::CELL] * np.float32(gain) - offset)
    return Difference(plain, relief, gain, offset, step, light, whole, shift, edges, unlike)


def _lesser(plain: Grey, relief: Grey) -> Grey:
    """The one of two differences that is nearer to nothing; nothing where they disagree.

    A thing differs from what is behind it in grey as well as in texture. Light fails the second, the brim around a
    thing, whose local brightness the thing has changed, fails the first.
    """
    low, high = np.minimum(plain, relief), np.maximum(plain, relief)
    np.maximum(low, 0, out=low)
    np.minimum(high, 0, out=high)
    low += high
    return low


def _light_fit(now: Grey, then: Grey) -> tuple[float, float, float]:
    """Gain and offset that most of the cells have in common, and how much they change the typical cell."""
    x, y = then.ravel(), now.ravel()
    count = x.size * 6 // 10
    gain, offset = 1.0, middle(y - x)
    for _ in range(2):
        residual = np.abs(y - x * np.float32(gain) - np.float32(offset))
        kept = np.flatnonzero(residual <= np.partition(residual, count)[count])
        u, v = x[kept], y[kept]
        size = kept.size
        mean_u, mean_v = float(u.sum()) / size, float(v.sum()) / size
        u -= np.float32(mean_u)
        v -= np.float32(mean_v)
        # Pulled to a gain of 1 where the picture is too flat to tell.
        pull = 4.0 * size
        gain = (float((u * v).sum()) + pull) / (float((u * u).sum()) + pull)
        offset = mean_v - gain * mean_u
    return gain, offset, abs(gain * mean_u + offset - mean_u)
