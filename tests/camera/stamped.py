"""A stamp of fixed words for cameras, and what is to be seen of it in pictures that were encoded and decoded again."""

from __future__ import annotations

from dataclasses import dataclass, field

import msgspec
import numpy as np
from av.video.frame import VideoFrame
from numpy.typing import NDArray

from dashcam.camera.base import CameraCallbacks
from dashcam.camera.planes import luma_of
from dashcam.camera.stamp import Corner, Luma, Stamp

WORDS = ("2026-11-20 15:45:00 CET", "48 km/h", "53.35122, -6.26031", "front")
CORNERS: tuple[Corner, ...] = ("top-left", "top-right", "bottom-left", "bottom-right")
# Encoding changes a square of so many pixels by less, on average, and a stamp by more.
SQUARE, NOISE = 8, 24


@dataclass
class FixedStamp:
    """Stands in for the recorder's. `asked` holds when each stamped picture was taken."""

    corner: Corner = "top-left"
    words: tuple[str, ...] = WORDS
    is_on: bool = True
    asked: list[int] = field(default_factory=list)
    sizes: set[tuple[int, int]] = field(default_factory=set)

    def draw(self, luma: Luma, captured_monotonic_ns: int, kept_rows: int) -> bool:
        self.asked.append(captured_monotonic_ns)
        self.sizes.add((luma.shape[1], luma.shape[0]))
        draw_on(luma, self.corner, kept_rows, self.words)
        return True

    def into(self, callbacks: CameraCallbacks) -> CameraCallbacks:
        return msgspec.structs.replace(callbacks, wishes_stamp=lambda: self.is_on, stamp=self.draw)


def draw_on(luma: Luma, corner: Corner, kept_rows: int = 0, words: tuple[str, ...] = WORDS) -> Luma:
    """The luma itself, stamped."""
    stamp = Stamp(luma.shape[1], luma.shape[0], kept_rows)
    stamp.write(words, corner)
    stamp.draw(luma)
    return luma


def box_of(shape: tuple[int, int], corner: Corner, kept_rows: int = 0) -> NDArray[np.bool_]:
    """Which pixels a stamp in this corner covers."""
    covered: NDArray[np.bool_] = draw_on(np.full(shape, 255, np.uint8), corner, kept_rows) != 255
    return covered


def stands_in(stamped: VideoFrame, plain: VideoFrame, corner: Corner, kept_rows: int = 0) -> bool:
    """True when the picture is the plain one, apart from a stamp in this corner, which can be read."""
    return shows_stamp(luma_of(stamped), luma_of(plain), corner, kept_rows)


def shows_stamp(stamped: Luma, plain: Luma, corner: Corner, kept_rows: int = 0) -> bool:
    """The same of their luma."""
    with_stamp, without = stamped.astype(np.float32), plain.astype(np.float32)
    expected = draw_on(plain.copy(), corner, kept_rows).astype(np.float32)
    box = box_of(without.shape, corner, kept_rows)
    is_plain = with_stamp[box].std() < 1
    is_read = not is_plain and float(np.corrcoef(with_stamp[box], expected[box])[0, 1]) > 0.9
    return is_read and not changed_squares(np.where(box, without, with_stamp), without).any()


def changed_squares(picture: NDArray[np.float32], other: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Which squares differ by more than encoding does."""
    rows, columns = (length // SQUARE * SQUARE for length in picture.shape)
    difference = np.abs(picture[:rows, :columns] - other[:rows, :columns])
    squares = difference.reshape(rows // SQUARE, SQUARE, columns // SQUARE, SQUARE)
    return np.asarray(squares.mean(axis=(1, 3)) > NOISE)


def has_changed(frame: VideoFrame, other: VideoFrame) -> bool:
    """True when anything but encoding makes the difference between two pictures."""
    return bool(changed_squares(luma_of(frame).astype(np.float32), luma_of(other).astype(np.float32)).any())
