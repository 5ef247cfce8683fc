"""From the start of the process to the first durable piece of video on the card."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median

from tests.bench.measuring import Bench, seconds_until
from tests.bench.stream import ready_stream
from tests.bench.table import Row
from tests.conftest import CHECKOUT
from tests.endurance.child_process import dies_with_us

_REPEATS = 5
# More than the head of an MP4: pictures are in it.
_HEAD_BYTES = 50_000
_IMPORTS = "import dashcam.cli, dashcam.recorder.program, dashcam.camera.{}"


def measure(bench: Bench) -> list[Row]:
    """Starts everything several times; medians."""
    repeats = 1 if bench.is_quick else _REPEATS
    rows = []
    ffmpeg = median(_ffmpeg_seconds(bench.folder / f"ffmpeg{number}.mp4") for number in range(repeats))
    for kind, words in (("replay", "ready stream"), ("pattern", "synthetic drive, encoded")):
        imports = median(_import_seconds(kind) for _ in range(repeats))
        whole = median(_dashcam_seconds(bench.folder / f"{kind}{number}", kind) for number in range(repeats))
        peer, ratio = (f"ffmpeg, not synced: {ffmpeg:.2f} s", whole / ffmpeg) if kind == "replay" else ("", None)
        rows.append(Row(f"start to first durable video ({words})", f"{whole:.2f} s", peer, ratio))
        rows.append(Row("of this, Python and imports", f"{imports:.2f} s"))
        bench.say(f"{words}: {whole:.2f} s to the first durable video, imports {imports:.2f} s")
    return rows


def _import_seconds(kind: str) -> float:
    began = time.monotonic()
    subprocess.run([sys.executable, "-P", "-c", _IMPORTS.format(kind)], cwd=CHECKOUT, check=True)
    return time.monotonic() - began


def _dashcam_seconds(data: Path, kind: str) -> float:
    settings = [f"--set=camera.kind={kind}"]
    if kind == "replay":
        settings.append(f"--set=camera.source={ready_stream()}")
    loop = data / "DCIM/VIDEO"

    def has_clip() -> bool:
        """A clip gets its name when its first fragment is durable."""
        return any(path for path in loop.glob("*/*.mp4") if not path.name.startswith("."))

    return _seconds_to([sys.executable, "-P", "-m", "dashcam", "record", "--data", str(data), *settings], has_clip)


def _ffmpeg_seconds(path: Path) -> float:
    live = ["-movflags", "empty_moov+default_base_moof", "-frag_duration", "500000", "-flush_packets", "1"]
    command = ["ffmpeg", "-nostdin", "-v", "error", "-re", "-i", str(ready_stream()), "-c", "copy", *live, str(path)]
    return _seconds_to(command, lambda: path.exists() and path.stat().st_size > _HEAD_BYTES)


def _seconds_to(command: Sequence[str], holds: Callable[[], bool]) -> float:
    began = time.monotonic()
    process = subprocess.Popen(
        dies_with_us(command), cwd=CHECKOUT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        return seconds_until(holds, began)
    finally:
        process.terminate()
        process.wait()
