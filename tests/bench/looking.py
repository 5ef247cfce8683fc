"""What looking for motion costs a recorder: a minute of it alone, and whole recorders with it and without."""

from __future__ import annotations

import sys
import threading
import time
from pathlib import Path
from statistics import median

from av.video.frame import VideoFrame

from dashcam.camera.base import Picture
from dashcam.camera.frames import Shrinker
from dashcam.clock import NANOSECONDS
from dashcam.recorder.motion_memory import MotionMemory
from dashcam.recorder.pictures import Pictures
from dashcam.recorder.watcher import Watcher
from dashcam.settings.schema import MotionSettings, PreviewSettings
from dashcam.worker import Worker
from tests.bench.measuring import Bench, cost_of
from tests.bench.recording import packets_below
from tests.bench.table import Row
from tests.motion.scenes import all_scenes

WIDTH, HEIGHT, FPS = 1280, 720, 30
_MINUTE, _QUICK_MINUTE = 60, 4
_SECONDS, _QUICK_SECONDS = 30, 2
_REPEATS = 3
# Everything is looked at and nothing counts: events would cost something, too.
_NOWHERE = "ignore 0,0 1,0 1,1 0,1"
_LIMIT_SECONDS = 60.0


def measure(bench: Bench) -> list[Row]:
    """The watcher by itself, then recorders of the synthetic drive in turns."""
    alone = seconds_of_a_minute(_QUICK_MINUTE if bench.is_quick else _MINUTE)
    seconds = _QUICK_SECONDS if bench.is_quick else _SECONDS
    costs: dict[str, list[float]] = {"on": [], "off": []}
    for number in range(1 if bench.is_quick else _REPEATS):
        for detect, found in costs.items():
            found.append(_cost_of_a_minute(bench.folder / f"{number}-{detect}", seconds, detect))
    on, off = median(costs["on"]), median(costs["off"])
    bench.say(f"looking: {alone:.2f} CPU s a minute; a recorder {on:.1f} s with it, {off:.1f} s without")
    return [
        Row(
            "CPU for a minute of looking for motion, five pictures a second, made small from 720p",
            f"{alone:.2f} s",
            f"drawing, encoding and recording it: {off:.1f} s",
            alone / off,
        ),
        Row(
            "CPU for a minute of the drive in 720p30, drawn, encoded, recorded and looked at",
            f"{on:.1f} s",
            f"without looking: {off:.1f} s",
            on / off,
        ),
    ]


def seconds_of_a_minute(seconds: int) -> float:
    """CPU time of the camera's small pictures, the watcher's thread and all between them, by the minute."""
    frames = _frames()
    watcher = Watcher(MotionSettings(), MotionMemory(), lambda _trigger: None, why_not=lambda: "")
    pictures, shrinker = Pictures(watcher), Shrinker(PreviewSettings().width)
    watcher.turn()
    worker = Worker("watcher", watcher.work)
    worker.start()

    def show(number: int) -> None:
        pts_ns = number * NANOSECONDS // FPS
        if pictures.wishes(pts_ns):
            looks = watcher.looks
            pictures.put(Picture(shrinker.shrink(frames[number % len(frames)]), pts_ns, pts_ns))
            give_up_at = time.monotonic() + _LIMIT_SECONDS
            while watcher.looks == looks and time.monotonic() < give_up_at:
                threading.Event().wait(0.001)

    show(0)
    began = time.process_time()
    for number in range(1, seconds * FPS):
        show(number)
    cpu_seconds = time.process_time() - began
    worker.stopping.set()
    watcher.wake()
    worker.stop()
    assert watcher.looks >= seconds * MotionSettings().rate - 1
    return cpu_seconds / seconds * 60


def _frames() -> list[VideoFrame]:
    """Somebody walks by, enlarged."""
    scene = next(scene for scene in all_scenes() if scene.name == "walker")
    small = [VideoFrame.from_ndarray(luma, format="gray") for _, luma in scene.pictures()]
    return [frame.reformat(WIDTH, HEIGHT, format="yuv420p") for frame in small]


def _cost_of_a_minute(folder: Path, seconds: float, detect: str) -> float:
    """CPU seconds for as many frames as a minute has. Start included."""
    folder.mkdir(parents=True)
    settings = (
        "camera.kind=pattern",
        f"camera.width={WIDTH}",
        f"camera.height={HEIGHT}",
        "gps.kind=none",
        f"motion.detect={detect}",
        f"motion.zones={_NOWHERE}",
    )
    options = ["--data", str(folder / "card"), "--for", str(seconds), *(f"--set={setting}" for setting in settings)]
    cost = cost_of([sys.executable, "-P", "-m", "dashcam", "record", *options], folder / "log", 0)
    return cost.cpu_seconds / packets_below(folder) * FPS * 60
