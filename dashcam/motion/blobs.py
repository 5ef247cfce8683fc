"""Cells that hang together."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Cells = NDArray[np.bool_]
Labels = NDArray[np.int32]


def label(active: Cells) -> tuple[Labels, int]:
    """Numbers the groups of active cells that touch, corners too, from 1 on; 0 is none. With how many there are."""
    rows, columns = active.shape
    labels = np.zeros((rows + 2, columns + 2), np.int32)
    inner = labels[1:-1, 1:-1]
    places = np.flatnonzero(active)
    if not places.size:
        return inner, 0
    inner[active] = np.arange(1, places.size + 1)
    while True:
        down = np.maximum(np.maximum(labels[:-2], labels[2:]), labels[1:-1])
        grown = np.maximum(np.maximum(down[:, :-2], down[:, 2:]), down[:, 1:-1])
        grown *= active
        if np.array_equal(grown, inner):
            break
        inner[:] = grown
    names, numbers = np.unique(inner[active], return_inverse=True)
    inner[active] = numbers.reshape(-1) + 1
    return inner, int(names.size)
