"""Cells that hang together."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dashcam.motion.grid import Cells
from dashcam.motion.picture import CELL, Grey

Labels = NDArray[np.intp]

# More than these, the largest, are not followed.
_MOST_BLOBS = 12
# Of the least area: what a thing must have to be followed, and what of it must have changed since the look before.
_LEAST_SHARE = 0.25
_LEAST_CHANGED = 0.1


@dataclass(frozen=True)
class Seen:
    """What a look has found, for every cell and halved pixel."""

    foreign: Cells
    """Not as the background, and where it counts."""
    changed: Cells
    """Not as in the look before."""
    foreign_pixels: Grey
    changed_pixels: Grey
    unit: Grey
    """What is significant in each cell, in grey levels."""
    strength: Grey
    """How foreign each cell is, in units."""
    restless: Cells


@dataclass(frozen=True)
class Blob:
    """A group of cells in one look."""

    cells: Cells
    rows: slice
    columns: slice
    row: float
    column: float
    """The middle of what changes."""
    area: float
    """In halved pixels."""
    strength: float
    restless: float
    """The share of it that lies where something begins again and again."""


def blobs_of(seen: Seen, least_area: float) -> list[Blob]:
    """The groups of foreign cells in which something changes, the largest first; `least_area` in halved pixels."""
    down, across = np.nonzero(seen.foreign)
    if not down.size:
        return []
    names, count = label(seen.foreign)
    half = (seen.unit[down, across] * np.float32(0.5))[:, None, None]
    areas = np.bincount(names, _pixels_above(seen.foreign_pixels, down, across, half), count)
    changed = _pixels_above(seen.changed_pixels, down, across, half) * seen.changed[down, across]
    changes = np.bincount(names, changed, count)
    found = []
    for name in np.argsort(-areas)[:_MOST_BLOBS]:
        if areas[name] >= _LEAST_SHARE * least_area and changes[name] >= _LEAST_CHANGED * max(
            least_area, areas[name] * 0.4
        ):
            mine = names == name
            found.append(_blob(seen, down[mine], across[mine], float(areas[name])))
    return found


def _blob(seen: Seen, down: Labels, across: Labels, area: float) -> Blob:
    cells = np.zeros_like(seen.foreign)
    cells[down, across] = True
    # Where it changes, not all of it: where it was at the beginning still is foreign for a while.
    changing = seen.changed[down, across]
    stirs = int(np.count_nonzero(changing))
    return Blob(
        cells=cells,
        rows=slice(int(down[0]), int(down[-1]) + 1),
        columns=slice(int(across.min()), int(across.max()) + 1),
        row=float(down[changing].sum()) / stirs,
        column=float(across[changing].sum()) / stirs,
        area=area,
        strength=float(seen.strength[down, across].max()),
        restless=float(np.count_nonzero(seen.restless[down, across])) / down.size,
    )


def _pixels_above(pixels: Grey, down: Labels, across: Labels, limits: Grey) -> Labels:
    """How many halved pixels of each of the cells given are above its limit, either way."""
    rows, columns = pixels.shape
    blocks = pixels.reshape(rows // CELL, CELL, columns // CELL, CELL)[down, :, across, :]
    above: Labels = (np.abs(blocks) > limits).sum(axis=(1, 2))
    return above


def label(active: Cells) -> tuple[Labels, int]:
    """Groups the active cells that touch, corners too: the number, from 0 on, of each active cell's group in reading
    order, and how many groups there are."""
    rows, columns = active.shape
    # One cell of margin on the right, so that no run goes on in the next row.
    flat = np.zeros((rows, columns + 1), np.int8)
    flat[:, :-1] = active
    edges = np.flatnonzero(np.diff(flat.ravel(), prepend=np.int8(0)))
    starts, stops = edges[::2], edges[1::2]
    groups = _join(
        [*zip((starts // (columns + 1)).tolist(), starts.tolist(), stops.tolist(), strict=True)], columns + 1
    )
    names, numbers = np.unique(np.array(groups, np.intp), return_inverse=True)
    return np.repeat(numbers.reshape(-1), stops - starts), int(names.size)


def _join(runs: list[tuple[int, int, int]], stride: int) -> list[int]:
    """For each run of cells, (row, start, stop), the first of the runs that it hangs together with."""
    parents = list(range(len(runs)))

    def root(number: int) -> int:
        while parents[number] != number:
            parents[number] = parents[parents[number]]
            number = parents[number]
        return number

    above = 0
    for number, (row, start, stop) in enumerate(runs):
        # Runs of the row above end before the next that could touch begins: each is passed once, but for the last.
        while above < number and (runs[above][0] < row - 1 or runs[above][2] + stride < start):
            above += 1
        other = above
        while other < number and runs[other][0] == row - 1 and runs[other][1] + stride <= stop:
            one, two = root(other), root(number)
            parents[max(one, two)] = min(one, two)
            other += 1
    return [root(number) for number in range(len(runs))]
