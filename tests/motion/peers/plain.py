"""The plain difference on the same looks that our detector gets."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np

from dashcam.media.looks import looks_of
from dashcam.motion.sight import LOOK_WIDTH
from dashcam.settings.schema import MotionSettings
from tests.motion.peers.running import Result, times_of
from tests.motion.plain_difference import PlainDifference


def run(video: Path) -> Result:
    """In this process."""
    detections: list[list[float]] = []
    detector, analysed, analysis, is_open = PlainDifference(), 0, 0.0, False
    began = time.process_time()
    for look in looks_of(video, MotionSettings().rate, LOOK_WIDTH):
        before = time.process_time()
        is_motion = detector.see(np.frombuffer(look.luma, np.uint8).reshape(look.height, look.width))
        analysis += time.process_time() - before
        analysed += 1
        if is_open:
            detections[-1][1] = look.seconds
        elif is_motion:
            detections.append([look.seconds, look.seconds])
        is_open = is_motion
    cpu_seconds = time.process_time() - began
    return Result(detections, cpu_seconds, analysis, len(times_of(video)) - 1, analysed)
