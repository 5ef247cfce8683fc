"""What was found, look after look: a thing stays itself and goes somewhere, leaves and raindrops do neither."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from dashcam.motion.blobs import Blob
from dashcam.motion.picture import CELL

# Cells that a thing may leave between itself and where it was a look before.
_STEP_CELLS = 3
# The same once it is known how fast it goes, from where it should be.
_WRONG_CELLS = 1
# Of the way it went, so much must lead away from where it began, and so far, in cells.
_STRAIGHT = 0.6
_TRAVEL_CELLS = 2.0
# And so far, of its own size: what is large and stirs in many places has no fixed middle.
_TRAVEL_EXTENT = 0.25
_TRAVEL_LOOKS = 3
# In a place where something begins again and again only what travels counts.
_MOST_RESTLESS = 0.5
# There also what was sure has to go on travelling: so many cells in so many seconds.
_ANCHOR_CELLS = 1.5
_ANCHOR_SECONDS = 1.5
# What comes from nowhere is counted over so many seconds; each such blob a look asks for more looks of what travels,
# and from so many on nothing new may leap.
_CLUTTER_SECONDS = 2.0
# A thing may come together by chance once in so many looks: where it rains, not everywhere.
_CHANCE = 1 / 100
# One thing that came lately is no clutter; two are.
_LEAST_CLUTTER = 0.12
_MOST_BESIDE = 0.4
_MUCH_CLUTTER = 1.5
# Nothing is known at first.
_UNKNOWN_CLUTTER = 2.0
# Doublings of the area that are told apart, from a quarter of the least area on.
_SIZES = 8
# What is not larger than so many of the least areas has to be seen once more.
_SMALL = 2.0


@dataclass
class Track:
    """A thing over time."""

    blob: Blob
    looks: int = 1
    path: float = 0.0
    start: tuple[float, float] = (0.0, 0.0)
    speed: tuple[float, float] | None = None
    """Cells down and across that it went between the last two looks."""
    is_confirmed: bool = False
    anchor: tuple[float, float] = (0.0, 0.0)
    """Where it was last seen to have moved on."""
    anchored_seconds: float = 0.0

    @property
    def travel(self) -> float:
        """How far it is from where it began, in cells."""
        return math.hypot(self.blob.row - self.start[0], self.blob.column - self.start[1])

    @property
    def covered(self) -> float:
        """The halved pixels it has covered: what is small and goes somewhere covers more than it does at once."""
        return self.blob.area + self.travel * CELL * math.sqrt(self.blob.area)

    @property
    def goes_straight(self) -> bool:
        """It has gone somewhere, and not to and fro."""
        rows, columns = self.blob.rows, self.blob.columns
        extent = max(rows.stop - rows.start, columns.stop - columns.start)
        return bool(self.travel >= max(_TRAVEL_CELLS, _TRAVEL_EXTENT * extent, _STRAIGHT * self.path))


class Tracks:
    """All things of the look before."""

    def __init__(self, confirm_looks: int, least_area: float) -> None:
        self._confirm_looks = confirm_looks
        self._least_area = least_area
        self.all: list[Track] = []
        # How many blobs a look come from nowhere, for each doubling of the area: raindrops, snow, insects, leaves.
        self._clutter = np.zeros(_SIZES, np.float32)
        self._clutter[-1] = _UNKNOWN_CLUTTER

    def follow(self, blobs: list[Blob], seconds: float, more_looks: int = 0) -> list[Track]:
        """The things of this look; each goes on from that of the look before that it touches.

        A new one is confirmed `more_looks` later than usual.
        """
        found = [self._follow(blob, seconds) for blob in blobs]
        for track in found:
            track.is_confirmed = track.is_confirmed or self._is_thing(track, more_looks)
        new = np.zeros(_SIZES, np.float32)
        for track in found:
            if track.looks == 1:
                new[self._size(track.blob)] += 1
        self._clutter += (new - self._clutter) * np.float32(1 - math.exp(-seconds / _CLUTTER_SECONDS))
        self.all = found
        return found

    def clutter(self, blob: Blob) -> float:
        """How many blobs of its size or more come from nowhere in a look."""
        return float(self._clutter[max(0, self._size(blob) - 1) :].sum())

    def _size(self, blob: Blob) -> int:
        return min(_SIZES - 1, max(0, round(2 + math.log2(blob.area / self._least_area))))

    def _follow(self, blob: Blob, seconds: float) -> Track:
        before = self._nearest(blob)
        here = (blob.row, blob.column)
        if before is None:
            return Track(blob, start=here, anchor=here)
        speed = (blob.row - before.blob.row, blob.column - before.blob.column)
        path = before.path + math.hypot(*speed)
        track = Track(blob, before.looks + 1, path, before.start, speed, before.is_confirmed)
        if math.dist(here, before.anchor) >= _ANCHOR_CELLS:
            track.anchor = here
        else:
            track.anchor, track.anchored_seconds = before.anchor, before.anchored_seconds + seconds
        if blob.restless >= _MOST_RESTLESS and track.anchored_seconds > _ANCHOR_SECONDS:
            return Track(blob, start=here, anchor=here)
        return track

    def _is_thing(self, track: Track, more_looks: int) -> bool:
        blob = track.blob
        if blob.area < _SMALL * self._least_area:
            more_looks += 1
        by_chance = self._looks_by_chance(blob)
        if track.looks < max(self._confirm_looks + more_looks, by_chance):
            return False
        if blob.area >= self._least_area and blob.restless < _MOST_RESTLESS:
            return True
        is_long = track.looks >= max(_TRAVEL_LOOKS, by_chance + 1)
        return is_long and track.goes_straight and track.covered >= self._least_area

    def _looks_by_chance(self, blob: Blob) -> int:
        """How many looks in a row chance may put blobs of its size beside each other."""
        often = self.clutter(blob)
        if often <= _LEAST_CLUTTER:
            return 0
        rows, columns = blob.cells.shape
        high, wide = blob.rows.stop - blob.rows.start, blob.columns.stop - blob.columns.start
        beside = min(_MOST_BESIDE, often * (high + 2 * _STEP_CELLS) * (wide + 2 * _STEP_CELLS) / (rows * columns))
        return 1 + math.ceil(math.log(_CHANCE / often) / math.log(beside))

    def _nearest(self, blob: Blob) -> Track | None:
        best, most = None, 0.0
        leap = _STEP_CELLS if self.clutter(blob) < _MUCH_CLUTTER else _WRONG_CELLS
        for track in self.all:
            down, across = (0.0, 0.0) if track.speed is None else track.speed
            reach = leap if track.speed is None else _WRONG_CELLS
            gap = min(
                _gap(blob, track.blob, 0, 0) - reach,
                _gap(blob, track.blob, down, across) - _WRONG_CELLS,
            )
            if gap > 0:
                continue
            likeness = track.looks + 10 * track.is_confirmed - gap
            if best is None or likeness > most:
                best, most = track, likeness
        return best


def _gap(one: Blob, other: Blob, down: float, across: float) -> float:
    """Cells that lie between two blobs, the other moved on; negative where they overlap."""
    return max(
        _between(one.rows, other.rows, down),
        _between(one.columns, other.columns, across),
    )


def _between(one: slice, other: slice, moved: float) -> float:
    return float(max(one.start, other.start + moved) - min(one.stop, other.stop + moved))
