"""A parked car guards real scenes: every interval of their ground truth makes an event, no still one does.

`python -m tests.endurance.guarding --truth FOLDER --scorer FILE [--speed 2] [NAME...]` plays the static videos as the
camera of `dashcam record` in park mode with a second before and after, and prints what became events.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import av

from dashcam.clips.names import sidecar_of
from dashcam.clips.sidecar import Sidecar, read_sidecar
from dashcam.clock import NANOSECONDS

_STOP_LIMIT_SECONDS = 120
# What begins with the next round of the video, whose end and beginning are different pictures.
_OPENING_SECONDS = 3.0


@dataclass(frozen=True, slots=True)
class Guarded:
    """What became of one video. Seconds are the video's own."""

    name: str
    intervals: int
    found: int
    false: int
    still_share: float
    events: int
    kept_seconds: float
    seconds: float
    missed: tuple[str, ...]

    def __str__(self) -> str:
        return (
            f"{self.name}: {self.found} of {self.intervals} intervals, {self.false} false triggers, "
            f"{self.still_share:.1%} of still time triggered, {self.events} events keep {self.kept_seconds:.0f} of "
            f"{self.seconds:.0f} s"
        )


def scorer_of(path: Path) -> ModuleType:
    """The scorer, whose definitions stand."""
    spec = importlib.util.spec_from_file_location("score_motion", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def guard(video: Path, truth: dict[str, Any], scorer: ModuleType, speed: float) -> Guarded:
    """Plays a video once before a parked car and looks at what it has kept."""
    with av.open(str(video)) as container:
        seconds = (container.duration or 0) / av.time_base
    with tempfile.TemporaryDirectory() as folder:
        _record(Path(folder), video, seconds, speed)
        sidecars = [read_sidecar(sidecar_of(path)) for path in Path(folder).glob("DCIM/EVENT/*/*.mp4")]
        assert not list(Path(folder).glob("DCIM/VIDEO/*/*.mp4")), "a parked car has recorded a loop clip"
    triggers = [window for sidecar in sidecars for window in _triggers(sidecar) if window[0] < seconds]
    raw = scorer.score(truth, triggers)
    spans = [_span(sidecar) for sidecar in sidecars]
    return Guarded(
        name=video.stem,
        intervals=raw["motion_n"],
        found=raw["hits"],
        false=raw["false"],
        still_share=raw["still_flagged_s"] / raw["still_s"] if raw["still_s"] else 0.0,
        events=len(sidecars),
        kept_seconds=sum(min(end, seconds) - start for start, end in scorer.merged(spans) if start < seconds),
        seconds=seconds,
        missed=tuple(str(one) for one in truth["motion"] if not any(scorer.touches(one, span) for span in spans)),
    )


def _record(data: Path, video: Path, seconds: float, speed: float) -> None:
    settings = (
        "camera.kind=replay", f"camera.source={video}", f"camera.speed={speed:g}", "recording.mode=park",
        "gps.kind=none", "events.before_seconds=1", "events.after_seconds=1",
    )  # fmt: skip
    command = [sys.executable, "-m", "dashcam", "record", "--data", str(data)]
    for setting in settings:
        command += ["--set", setting]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        time.sleep(seconds / speed + _OPENING_SECONDS)
        process.terminate()
        assert process.wait(_STOP_LIMIT_SECONDS) == 0


def _start_seconds(sidecar: Sidecar) -> float:
    assert sidecar.media_start_ns is not None
    return sidecar.media_start_ns / NANOSECONDS


def _triggers(sidecar: Sidecar) -> list[tuple[float, float]]:
    assert sidecar.event is not None
    assert sidecar.event.cause == "motion"
    assert sidecar.motion is not None
    start = _start_seconds(sidecar)
    return [(start + window.from_seconds, start + window.to_seconds) for window in sidecar.motion.windows]


def _span(sidecar: Sidecar) -> tuple[float, float]:
    start = _start_seconds(sidecar)
    return start, start + sidecar.duration_seconds


def main() -> int:
    """Plays them all; 1 when an interval is missed or a still one makes an event."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--truth", type=Path, required=True, help="folder of videos, each with its .json beside it")
    parser.add_argument("--scorer", type=Path, required=True)
    parser.add_argument("--speed", type=float, default=2.0)
    parser.add_argument("names", nargs="*")
    arguments = parser.parse_args()
    scorer, results = scorer_of(arguments.scorer), []
    for path in sorted(arguments.truth.glob("*.json")):
        truth = json.loads(path.read_text())
        if path.with_suffix(".mp4").exists() and (not arguments.names or path.stem in arguments.names):
            results.append(guard(path.with_suffix(".mp4"), truth, scorer, arguments.speed))
            print(results[-1], *results[-1].missed, sep="\n  missed " if results[-1].missed else "", flush=True)
    found, intervals = sum(one.found for one in results), sum(one.intervals for one in results)
    false = sum(one.false for one in results)
    print(f"{found} of {intervals} intervals made events, {false} false triggers")
    return int(found < intervals or false > 0)


if __name__ == "__main__":
    raise SystemExit(main())
