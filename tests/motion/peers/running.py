"""Programs that look at one clip each, what they cost, and the clip's own times."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import av

from tests.endurance.child_process import dies_with_us


@dataclass(frozen=True, slots=True)
class Result:
    """What a tool found in one clip, in media seconds, and its costs as far as they are known."""

    detections: list[list[float]]
    cpu_s: float | None = None
    analysis_cpu_s: float | None = None
    frames: int | None = None
    analysed: int | None = None

    def for_scorer(self) -> dict[str, object]:
        """In the words of the scorer."""
        return asdict(self)


def run_counted(
    command: Sequence[str | Path], environment: Mapping[str, str] | None = None, folder: Path | None = None
) -> tuple[str, float]:
    """What a program printed, and its CPU seconds from its start to its end, children included.

    Raises CalledProcessError.
    """
    words = [str(word) for word in command]
    process = subprocess.Popen(
        dies_with_us(words),
        stdout=subprocess.PIPE,
        text=True,
        cwd=folder,
        env=None if environment is None else {**environment},
    )
    assert process.stdout is not None
    printed = process.stdout.read()
    cpu_seconds = reaped(process)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, words, printed)
    return printed, cpu_seconds


def reaped(process: subprocess.Popen[str]) -> float:
    """Waits for its end; gives the CPU seconds of its life."""
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return usage.ru_utime + usage.ru_stime


def times_of(video: Path) -> list[float]:
    """When each picture is shown, in media seconds, and at the end when the last one is over."""
    with av.open(str(video)) as container:
        stream = container.streams.video[0]
        assert stream.time_base is not None
        packets = [packet for packet in container.demux(stream) if packet.pts is not None]
        first = min(packet.pts for packet in packets if packet.pts is not None)
        times = sorted(float((packet.pts - first) * stream.time_base) for packet in packets if packet.pts is not None)
    return [*times, times[-1] + (times[-1] / (len(times) - 1) if len(times) > 1 else 0.0)]
