"""Sums over the neighbours in the grid of cells."""

from __future__ import annotations

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from dashcam.motion.picture import Grey

Cells = NDArray[np.bool_]
_Number = TypeVar("_Number", np.float32, np.bool_)


def greatest_around(values: NDArray[_Number]) -> NDArray[_Number]:
    """The greatest of each cell and the eight beside it."""
    down = values.copy()
    np.maximum(down[1:], values[:-1], out=down[1:])
    np.maximum(down[:-1], values[1:], out=down[:-1])
    out = down.copy()
    np.maximum(out[:, 1:], down[:, :-1], out=out[:, 1:])
    np.maximum(out[:, :-1], down[:, 1:], out=out[:, :-1])
    return out


def mean_around(values: Grey) -> Grey:
    """The mean of each cell and the eight beside it; outside there is nothing."""
    down = values.copy()
    down[1:] += values[:-1]
    down[:-1] += values[1:]
    out = down.copy()
    out[:, 1:] += down[:, :-1]
    out[:, :-1] += down[:, 1:]
    out *= np.float32(1 / 9)
    return out
