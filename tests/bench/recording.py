"""CPU seconds to record a minute of a ready stream, beside ffmpeg's segment muxer and GStreamer's splitmuxsink."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median

import av

from tests.bench.measuring import Bench, Cost, cost_of, load_words
from tests.bench.stream import ready_stream
from tests.bench.table import Row

_SECONDS, _QUICK_SECONDS = 60, 12
_REPEATS = 3
# Clips change several times in a minute, so that changing counts; the same for every peer.
CLIP_SECONDS = 10
FRAMES_A_SECOND = 30
# Imports and the first fragment are over then.
_SETTLED_SECONDS = 4.0


def record_command(data: Path, seconds: float, *settings: str) -> list[str]:
    """`dashcam record` of the ready stream."""
    all_settings = (
        "camera.kind=replay",
        f"camera.source={ready_stream()}",
        f"recording.segment_seconds={CLIP_SECONDS}",
        *settings,
    )
    options = ["--data", str(data), "--for", str(seconds), *(f"--set={setting}" for setting in all_settings)]
    return [sys.executable, "-P", "-m", "dashcam", "record", *options]


def ffmpeg_command(folder: Path, seconds: float) -> list[str]:
    """ffmpeg doing the same: stream copy into segments, in real time."""
    read = ["ffmpeg", "-nostdin", "-v", "error", "-re", "-i", str(ready_stream()), "-t", str(seconds), "-c", "copy"]
    return [*read, "-f", "segment", "-segment_time", str(CLIP_SECONDS), str(folder / "out%03d.mp4")]


def splitmuxsink_command(folder: Path, seconds: float) -> list[str]:
    """GStreamer doing the same."""
    frames, clip_ns = round(seconds * FRAMES_A_SECOND), CLIP_SECONDS * 1_000_000_000
    source = f"filesrc location={ready_stream()} ! qtdemux ! identity sync=true eos-after={frames + 1}"
    sink = f"h264parse ! splitmuxsink max-size-time={clip_ns} location={folder}/out%03d.mp4"
    return ["gst-launch-1.0", "-q", *f"{source} ! {sink}".split()]


def measure(bench: Bench) -> list[Row]:
    """Everybody records at the same time, so that all have the same machine; medians of several rounds."""
    seconds, repeats = (_QUICK_SECONDS, 1) if bench.is_quick else (_SECONDS, _REPEATS)
    ready_stream()
    rounds = [_round(bench, number, seconds) for number in range(repeats)]
    ours = [costs["dashcam"] for costs in rounds]
    rows: list[Row] = []
    for peer in (name for name in rounds[0] if name != "dashcam"):
        rows += _rows(peer, seconds, ours, [costs[peer] for costs in rounds])
    return rows


def _rows(peer: str, seconds: int, ours: Sequence[Cost], theirs: Sequence[Cost]) -> list[Row]:
    what = f"CPU to record {seconds} s of ready 1080p30 at 8 Mbit/s"
    our_cpu, their_cpu = (median(cost.cpu_seconds for cost in costs) for costs in (ours, theirs))
    our_minute, their_minute = (median(cost.per_minute() for cost in costs) for costs in (ours, theirs))
    has_target = peer.startswith("ffmpeg")
    ratio, later_ratio = our_cpu / their_cpu, our_minute / their_minute
    return [
        Row(
            f"{what}, start included",
            f"{our_cpu:.2f} s",
            f"{peer}: {their_cpu:.2f} s",
            ratio,
            "at most 1" if has_target else "",
            ratio <= 1 if has_target else None,
        ),
        Row("each further minute of it", f"{our_minute:.2f} s", f"{peer}: {their_minute:.2f} s", later_ratio),
    ]


def _recorders() -> dict[str, Callable[[Path, float], list[str]]]:
    """The command of everybody who takes part."""
    makers: dict[str, Callable[[Path, float], list[str]]] = {
        "dashcam": record_command,
        "ffmpeg -c copy -f segment": ffmpeg_command,
    }
    if _has_splitmuxsink():
        makers["splitmuxsink"] = splitmuxsink_command
    return makers


def _has_splitmuxsink() -> bool:
    """Asking also makes GStreamer look through its plugins, which is not to be measured."""
    if shutil.which("gst-inspect-1.0") is None:
        return False
    elements = ("splitmuxsink", "h264parse", "qtdemux")
    asked = [subprocess.run(["gst-inspect-1.0", "--exists", element], check=False) for element in elements]
    return all(answer.returncode == 0 for answer in asked)


def _round(bench: Bench, number: int, seconds: int) -> dict[str, Cost]:
    """One cost a recorder. Raises AssertionError when one has not recorded everything."""
    folder = bench.folder / str(number)
    makers = _recorders()
    folders = {name: folder / name.split()[0] for name in makers}
    for target in folders.values():
        target.mkdir(parents=True)
    # Out of memory for everybody: whoever came first would read it from the disk for all.
    ready_stream().read_bytes()
    with ThreadPoolExecutor(len(makers)) as pool:
        running = {
            name: pool.submit(cost_of, maker(folders[name], seconds), folder / "log", _SETTLED_SECONDS)
            for name, maker in makers.items()
        }
        costs = {name: future.result() for name, future in running.items()}
    for name, target in folders.items():
        packets = packets_below(target)
        assert packets >= seconds * FRAMES_A_SECOND, f"{name} has recorded only {packets} packets"
    shutil.rmtree(folder)
    words = ", ".join(f"{name} {cost.cpu_seconds:.2f} s" for name, cost in costs.items())
    bench.say(f"recording: {words} ({load_words()})")
    return costs


def packets_below(folder: Path) -> int:
    """How many frames all clips in a folder have together."""
    count = 0
    for path in folder.rglob("*.mp4"):
        with av.open(str(path)) as container:
            count += sum(1 for packet in container.demux(video=0) if packet.size)
    return count
