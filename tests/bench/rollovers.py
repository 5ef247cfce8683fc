"""Frames lost over changes of clip: the endurance rig's check, in a run short enough for the table."""

from __future__ import annotations

from tests.bench.measuring import Bench
from tests.bench.table import Row
from tests.endurance.boundaries import PATTERN_SEGMENT_SECONDS, check_pattern

_BOUNDARIES, _QUICK_BOUNDARIES = 30, 4
# The pattern's own; its frames are numbered.
_FRAMES_A_CLIP = 30 * PATTERN_SEGMENT_SECONDS


def measure(bench: Bench) -> list[Row]:
    """Raises AssertionError when the frame numbers in the files are no unbroken run."""
    boundaries = _QUICK_BOUNDARIES if bench.is_quick else _BOUNDARIES
    bench.say(check_pattern(bench.folder, boundaries))
    what = f"frames lost over {boundaries} changes of clip"
    return [Row(what, f"0 of {(boundaries + 1) * _FRAMES_A_CLIP} and more", "", None, "0", is_met=True)]
