"""What the stamp on the video costs: a frame of 1080p, new words, and a whole recorder with it and without."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from dashcam.camera.stamp import Stamp, letter_pixels
from dashcam.clock import WallClock
from dashcam.place import Place
from dashcam.recorder.moments import Moments
from dashcam.recorder.stamping import Stamping
from dashcam.settings import Settings
from dashcam.settings.schema import StampSettings
from tests.bench.measuring import Bench, cost_of
from tests.bench.recording import packets_below
from tests.bench.table import Row

WIDTH, HEIGHT, FPS = 1920, 1080, 30
_FRAMES, _QUICK_FRAMES = 1800, 60
_SECONDS, _QUICK_SECONDS = 30, 2
_REPEATS = 3
_TARGET_MILLISECONDS = 1.0
_WORDS = ("2026-11-20 15:45:00 CET", "48 km/h", "53.35122, -6.26031", "front")


def measure(bench: Bench) -> list[Row]:
    """Frames one by one, then recorders of the synthetic drive in turns."""
    frames, seconds = (_QUICK_FRAMES, _QUICK_SECONDS) if bench.is_quick else (_FRAMES, _SECONDS)
    return [_frame_row(bench, frames), _words_row(bench), _recorders_row(bench, seconds)]


def _frame_row(bench: Bench, frames: int) -> Row:
    luma = np.full((HEIGHT, WIDTH), 128, np.uint8)
    moments = Moments(WallClock(), "UTC")
    stamping = Stamping(Settings(stamp=StampSettings(video=True)), moments)
    began_ns = time.monotonic_ns()

    def stamp(number: int) -> None:
        now_ns = began_ns + number * 1_000_000_000 // FPS
        if number % FPS == 0:
            moments.put(now_ns, Place(latitude=53.35 + number * 1e-5, longitude=-6.26, speed_mps=number % 40))
        assert stamping.draw(luma, now_ns)

    image, font = Image.fromarray(luma), ImageFont.load_default(letter_pixels(WIDTH, HEIGHT))

    def draw_text(_number: int) -> None:
        ImageDraw.Draw(image).multiline_text((1400, 970), "  ".join(_WORDS[:2]) + "\n" + _WORDS[2], fill=235, font=font)

    own, peer = _milliseconds(stamp, frames), _milliseconds(draw_text, min(frames, 300))
    bench.say(f"stamp: {own:.4f} ms a frame, Pillow's text {peer:.3f} ms")
    return Row(
        "the stamp on a frame of 1080p, new words each second included",
        f"{own:.3f} ms",
        f"Pillow's text on each: {peer:.2f} ms",
        own / peer,
        f"below {_TARGET_MILLISECONDS:g} ms",
        own < _TARGET_MILLISECONDS,
    )


def _words_row(bench: Bench) -> Row:
    stamp = Stamp(WIDTH, HEIGHT)
    began = time.perf_counter()
    stamp.write(_WORDS, "bottom-right")
    first = (time.perf_counter() - began) * 1000
    later = _milliseconds(lambda number: stamp.write((f"{_WORDS[0]}{number % 2}", *_WORDS[1:]), "bottom-right"), 200)
    bench.say(f"stamp: new words {later:.3f} ms, the first ones {first:.1f} ms")
    return Row("its words put together, once a second", f"{later:.3f} ms (the very first time {first:.1f} ms)")


def _milliseconds(action: Callable[[int], None], count: int) -> float:
    """CPU time of one, by the mean of all but the first."""
    action(0)
    began = time.process_time()
    for number in range(1, count + 1):
        action(number)
    return (time.process_time() - began) * 1000 / count


def _recorders_row(bench: Bench, seconds: float) -> Row:
    """The synthetic drive at 1080p, with a stamp and without, one after the other: both need the whole machine."""
    costs: dict[bool, list[float]] = {True: [], False: []}
    for number in range(1 if bench.is_quick else _REPEATS):
        for is_stamped in (False, True):
            folder = bench.folder / f"{number}-{is_stamped}"
            costs[is_stamped].append(_cost_of_a_minute(folder, seconds, is_stamped))
    with_stamp, without = (median(costs[is_on]) for is_on in (True, False))
    bench.say(f"stamp: a recorded minute {with_stamp:.2f} CPU s with it, {without:.2f} s without")
    return Row(
        "CPU for a minute of the drive in 1080p30, drawn, encoded, recorded and stamped",
        f"{with_stamp:.1f} s",
        f"without: {without:.1f} s",
        with_stamp / without,
    )


def _cost_of_a_minute(folder: Path, seconds: float, is_stamped: bool) -> float:
    """CPU seconds for as many frames as a minute has: on a busy machine the drive falls behind. Start included."""
    folder.mkdir(parents=True)
    settings = (
        "camera.kind=pattern",
        f"camera.width={WIDTH}",
        f"camera.height={HEIGHT}",
        "gps.kind=simulated",
        f"stamp.video={'true' if is_stamped else 'false'}",
    )
    options = ["--data", str(folder / "card"), "--for", str(seconds), *(f"--set={setting}" for setting in settings)]
    cost = cost_of([sys.executable, "-P", "-m", "dashcam", "record", *options], folder / "log", 0)
    return cost.cpu_seconds / packets_below(folder) * FPS * 60
