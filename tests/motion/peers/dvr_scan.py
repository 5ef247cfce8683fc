"""DVR-Scan from PyPI: OpenCV's background subtraction on every picture, at full size."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from tests.motion.peers.running import Result, run_counted, times_of

# It shows some seconds before and after each event, which are part of what it reports.
WITHOUT_PADDING = ("-tb", "0", "-tp", "0")


def run(video: Path, program: Path, options: Sequence[str] = ()) -> Result:
    """One program a clip, its start included."""
    command: list[str | Path] = [program, "-i", video, "-so", "-q", "-b", "MOG2", "--ignore-user-config", *options]
    printed, cpu_seconds = run_counted(command, {**os.environ, "OPENCV_LOG_LEVEL": "ERROR"})
    moments = [_seconds(word) for line in printed.splitlines()[-1:] for word in line.split(",") if word.strip()]
    detections = [[start, end] for start, end in zip(moments[::2], moments[1::2], strict=True)]
    return Result(detections=detections, cpu_s=cpu_seconds, frames=len(times_of(video)) - 1)


def _seconds(timecode: str) -> float:
    hours, minutes, seconds = timecode.strip().split(":")
    return int(hours) * 3600 + int(minutes) * 60 + float(seconds)
