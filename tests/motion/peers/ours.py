"""Our detector as people run it: `dashcam scan --json`, with the settings that everybody has."""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

from tests.conftest import CHECKOUT
from tests.motion.peers.running import Result, run_counted, times_of


def run(video: Path) -> Result:
    """One program a clip, its start included."""
    with tempfile.TemporaryDirectory() as folder:
        command: list[str | Path] = [
            sys.executable,
            "-P",
            "-m",
            "dashcam",
            "scan",
            "--json",
            "--data",
            folder,
            video.absolute(),
        ]
        printed, cpu_seconds = run_counted(command, folder=CHECKOUT)
    facts = json.loads(printed)[str(video.absolute())]
    return Result(
        detections=facts["detections"],
        cpu_s=cpu_seconds,
        analysis_cpu_s=facts["analysis_cpu_s"],
        frames=len(times_of(video)) - 1,
        analysed=facts["analysed"],
    )
