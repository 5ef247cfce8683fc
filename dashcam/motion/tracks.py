"""What was found, look after look: a thing stays itself and goes somewhere, leaves and raindrops do neither."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Cells = NDArray[np.bool_]

# Cells that a thing may leave between itself and where it was a look before.
_STEP_CELLS = 3
# Of the way it went, so much must lead away from where it began, and so far, in cells.
_STRAIGHT = 0.6
_TRAVEL_CELLS = 2.0
_TRAVEL_LOOKS = 3


@dataclass
class Blob:
    """A group of cells in one look."""

    cells: Cells
    rows: slice
    columns: slice
    row: float
    column: float
    area: float
    strength: float
    restless: float
    """The share of it that lies where there is always something."""


@dataclass
class Track:
    """A thing over time."""

    blob: Blob
    looks: int = 1
    path: float = 0.0
    start: tuple[float, float] = field(default=(0.0, 0.0))
    is_confirmed: bool = False

    @property
    def travel(self) -> float:
        """How far it is from where it began, in cells."""
        return float(np.hypot(self.blob.row - self.start[0], self.blob.column - self.start[1]))

    @property
    def travels(self) -> bool:
        """It goes somewhere."""
        travel = self.travel
        return self.looks >= _TRAVEL_LOOKS and travel >= _TRAVEL_CELLS and travel >= _STRAIGHT * self.path


class Tracks:
    """All things of the look before."""

    def __init__(self, confirm_looks: int) -> None:
        self._confirm_looks = confirm_looks
        self.all: list[Track] = []

    def follow(self, blobs: list[Blob]) -> list[Track]:
        """The things of this look; each goes on from that of the look before that it touches most."""
        found = []
        for blob in blobs:
            before = self._nearest(blob)
            if before is None:
                track = Track(blob, start=(blob.row, blob.column))
            else:
                step = float(np.hypot(blob.row - before.blob.row, blob.column - before.blob.column))
                track = Track(blob, before.looks + 1, before.path + step, before.start, before.is_confirmed)
            if track.looks >= self._confirm_looks and (blob.restless < 0.5 or track.travels):
                track.is_confirmed = True
            found.append(track)
        self.all = found
        return found

    def _nearest(self, blob: Blob) -> Track | None:
        best, most = None, 0.0
        for track in self.all:
            gap = max(_gap(blob.rows, track.blob.rows), _gap(blob.columns, track.blob.columns))
            if gap > _STEP_CELLS:
                continue
            likeness = track.looks + 10 * track.is_confirmed - gap
            if best is None or likeness > most:
                best, most = track, likeness
        return best


def _gap(one: slice, other: slice) -> int:
    """Cells that lie between two ranges; negative where they overlap."""
    return max(one.start, other.start) - min(one.stop, other.stop)
