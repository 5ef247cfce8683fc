"""Tries the detector on files and prints what it found."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from dashcam.media.looks import told_seconds
from dashcam.motion.sight import MotionWish
from dashcam.scan.progress import Bar
from dashcam.scan.trial import Trial, as_json, as_lines, try_file
from dashcam.settings.schema import MotionSettings
from dashcam.system.exit_codes import FAILED, OK


def run(names: Sequence[str], settings: MotionSettings, say: Callable[[str], None], *, is_json: bool) -> int:
    """Gives the exit code: that of a failure when a file could not be read; the others are done all the same."""
    wish, bar = MotionWish.of(settings), Bar(sys.stderr)
    trials = []
    for number, name in enumerate(dict.fromkeys(names), 1):
        trial = _try(f"{number} of {len(names)}  {Path(name).name} ", name, wish, settings.rate, bar)
        trials.append(trial)
        for line in [] if is_json else as_lines(trial):
            say(line)
    if is_json:
        say(as_json(trials))
    return FAILED if any(trial.error for trial in trials) else OK


def _try(words: str, name: str, wish: MotionWish, rate: float, bar: Bar) -> Trial:
    bar.begin()
    whole = told_seconds(Path(name)) if bar.is_shown else 0.0
    try:
        return try_file(name, wish, rate, lambda seconds: bar.show(words, seconds / whole if whole else 0.0))
    finally:
        bar.clear()
