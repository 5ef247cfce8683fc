"""Colours: painted as red, green and blue, kept as limited-range BT.601 planes."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from dashcam.camera.planes import Plane, Planes

Paint = tuple[float, float, float]
"""Red, green, blue, each 0 to 255."""
Floats = NDArray[np.floating[Any]]

# Rec. ITU-R BT.601: luma 16 to 235, colour differences 16 to 240 around 128.
_FROM_RGB = np.array(
    [
        [65.481, 128.553, 24.966],
        [-37.797, -74.203, 112.0],
        [112.0, -93.786, -18.214],
    ],
    np.float32,
) / np.float32(255)
_OFFSETS = np.array([16, 128, 128], np.float32)


def yuv_of(rgb: Floats) -> Floats:
    """Red, green, blue in the last axis as luma and the two colour differences."""
    yuv: Floats = rgb.astype(np.float32) @ _FROM_RGB.T + _OFFSETS
    return yuv


def halved(values: Floats) -> Floats:
    """The mean of each two by two pixels (rows by columns, even)."""
    rows, columns = values.shape
    mean: Floats = values.reshape(rows // 2, 2, columns // 2, 2).mean(axis=(1, 3), dtype=np.float32)
    return mean


def planes_of_rgb(rgb: Floats) -> Planes:
    """A painted picture (rows, columns, 3; even size) as planes, with a fine pattern that hides steps in gradients."""
    yuv = yuv_of(rgb)
    return planes_of_yuv(yuv)


def planes_of_yuv(yuv: Floats) -> Planes:
    """The same of a picture given as luma and colour differences."""
    return Planes(dithered(yuv[..., 0]), np.stack([dithered(halved(yuv[..., part])) for part in (1, 2)]))


# Bayer's ordered pattern, as thresholds between 0 and 1.
_PATTERN = (np.array([[0, 8, 2, 10], [12, 4, 14, 6], [3, 11, 1, 9], [15, 7, 13, 5]], np.float32) + 0.5) / 16


def dithered(values: Floats) -> Plane:
    """Values 0 to 255 as bytes, rounded by an ordered pattern."""
    rows, columns = values.shape
    thresholds = np.tile(_PATTERN, (rows // 4 + 1, columns // 4 + 1))[:rows, :columns]
    return np.clip(np.floor(values + thresholds), 0, 255).astype(np.uint8)
