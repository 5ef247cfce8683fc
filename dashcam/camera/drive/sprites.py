"""Things that come nearer: painted once, kept at several sizes, and put into the picture at any size."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from dashcam.camera.drive.colours import Floats, Paint, halved, yuv_of
from dashcam.camera.planes import Planes

# From one kept size to the next; in between the nearest pixels are taken.
_SHRINK = 0.7
_LEAST_ROWS = 6
# Sprites up to this high (in pixels) are kept ready at every size: most are far away, and small.
_READY_ROWS = 64


@dataclass(frozen=True, slots=True)
class _Part:
    """Planes of a sprite (planes, rows, columns): colour times how solid it is, and 256 minus how solid (0 to 256)."""

    painted: NDArray[np.uint16]
    clear: NDArray[np.uint16]

    def sampled(self, rows: NDArray[np.intp], columns: NDArray[np.intp]) -> _Part:
        """The part with these of its rows and columns."""
        return _Part(
            self.painted.take(rows, axis=1, mode="clip").take(columns, axis=2, mode="clip"),
            self.clear.take(rows, axis=0, mode="clip").take(columns, axis=1, mode="clip"),
        )

    def cut(self, rows: slice, columns: slice) -> _Part:
        """The part with these neighbouring rows and columns."""
        return _Part(self.painted[:, rows, columns], self.clear[rows, columns])

    def blend(self, target: NDArray[np.uint8]) -> None:
        """Puts it over the target, which has the same planes, rows and columns."""
        mixed = target * self.clear
        mixed += self.painted
        mixed >>= 8
        target[:] = mixed


@dataclass(frozen=True, slots=True)
class _Kept:
    """A sprite at one size, in pixels of luma and of chroma."""

    luma: _Part
    chroma: _Part

    def scaled(self, height: int, width: int, cut: _Cut) -> _Kept:
        """The cut out of the sprite at another size, in pixels of luma."""
        rows, columns = self.luma.clear.shape
        return _Kept(
            self.luma.sampled(_samples(cut.rows, height * 2, rows), _samples(cut.columns, width * 2, columns)),
            self.chroma.sampled(
                _samples(cut.half_rows, height, rows // 2), _samples(cut.half_columns, width, columns // 2)
            ),
        )

    def cut(self, cut: _Cut) -> _Kept:
        """The cut out of the sprite at this size."""
        return _Kept(self.luma.cut(cut.rows, cut.columns), self.chroma.cut(cut.half_rows, cut.half_columns))


@dataclass(frozen=True, slots=True)
class _Cut:
    """Which rows and columns of a sprite, in pixels of luma and of chroma."""

    rows: slice
    columns: slice
    half_rows: slice
    half_columns: slice


class Sprite:
    """A painted thing of `metres_high`, as wide as its picture's proportions say."""

    def __init__(
        self, painting: Image.Image, metres_high: float, *, focal: float, haze: Paint, haze_metres: float
    ) -> None:
        """`haze`: far things fade into it, by two thirds at `haze_metres`."""
        self.metres_high = metres_high
        self._proportion = painting.width / painting.height
        self._ready: dict[int, _Kept] = {}
        self._kept: list[_Kept] = []
        rows = painting.height
        while rows >= _LEAST_ROWS:
            # It is used for sizes from here down to the next, so it is hazy as in the middle of them.
            ahead = focal * metres_high / (rows * _SHRINK**0.5)
            faded = float(1 - np.exp(-ahead / haze_metres))
            self._kept.append(_kept_size(painting, rows, yuv_of(np.array(haze, np.float32)), faded))
            rows = round(rows * _SHRINK)

    def draw(self, target: Planes, middle: float, foot: float, high: float, floor: int) -> None:
        """Draws it `high` pixels high, standing on the row `foot` around the column `middle`.

        From the row `floor` on nothing is drawn.
        """
        height = max(round(high), 1)
        width = max(round(high * self._proportion), 1)
        left, top = round(middle - width / 2), round(foot) - height
        rows = slice(max(top, 0), min(top + height, floor))
        columns = slice(max(left, 0), min(left + width, target.y.shape[1]))
        if rows.start >= rows.stop or columns.start >= columns.stop:
            return
        half_rows, half_columns = _half(rows), _half(columns)
        cut = _Cut(
            _moved(rows, top), _moved(columns, left), _moved(half_rows, top // 2), _moved(half_columns, left // 2)
        )
        if height <= _READY_ROWS:
            visible = self._ready_size(height).cut(cut)
        else:
            visible = self._nearest(height).scaled(height, width, cut)
        visible.luma.blend(target.y[None, rows, columns])
        visible.chroma.blend(target.chroma[:, half_rows, half_columns])

    def _nearest(self, height: int) -> _Kept:
        """The smallest kept size that is not smaller."""
        return next((kept for kept in reversed(self._kept) if kept.luma.clear.shape[0] >= height), self._kept[0])

    def _ready_size(self, height: int) -> _Kept:
        ready = self._ready.get(height)
        if ready is None:
            width = max(round(height * self._proportion), 1)
            # A little is left over at the right, for heights that were rounded down to this one.
            whole = _Cut(slice(0, height), slice(0, width + 2), slice(0, height // 2 + 1), slice(0, width // 2 + 2))
            ready = self._ready[height] = self._nearest(height).scaled(height, width, whole)
        return ready


def _half(span: slice) -> slice:
    return slice(span.start // 2, max(span.stop // 2, span.start // 2 + 1))


def _moved(span: slice, start: int) -> slice:
    return slice(span.start - start, span.stop - start)


def _samples(span: slice, double_length: int, available: int) -> NDArray[np.intp]:
    """Which of the `available` kept rows (or columns) each one in the span of a sprite of half this length shows.

    Counted in halves, so that the middle of each is a whole number. What lies beyond the last is cut by `take`.
    """
    places = np.arange(2 * span.start + 1, 2 * span.stop + 1, 2)
    places *= available
    places //= double_length
    return places


def _kept_size(painting: Image.Image, rows: int, haze_yuv: Floats, faded: float) -> _Kept:
    rows = max(round(rows / 2) * 2, 2)
    columns = max(round(painting.width * rows / painting.height / 2) * 2, 2)
    # Premultiplied while it is scaled, so that no colour bleeds in from where nothing is painted.
    values = np.asarray(painting.convert("RGBa").resize((columns, rows), Image.Resampling.BOX), np.float32)
    solid = values[..., 3] / 255
    yuv = yuv_of(values[..., :3] / np.maximum(solid, 1 / 255)[..., None])
    yuv += (haze_yuv - yuv) * faded
    half_solid = halved(solid)
    chroma = np.stack([halved(yuv[..., part] * solid) / np.maximum(half_solid, 1e-3) for part in (1, 2)])
    return _Kept(_part(yuv[None, ..., 0], solid), _part(chroma, half_solid))


def _part(values: Floats, solid: Floats) -> _Part:
    weight = np.round(np.clip(solid, 0, 1) * 256)
    return _Part(
        np.round(np.clip(values, 0, 255) * weight).astype(np.uint16),
        (256 - weight).astype(np.uint16),
    )
