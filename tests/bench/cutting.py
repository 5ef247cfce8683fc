"""Seconds to cut a saved minute out of the loop, beside ffmpeg's copy of the same range."""

from __future__ import annotations

import os
import time
from pathlib import Path
from statistics import median

from dashcam.media.jobs import Cut, CutMade, CutPart, CutPlanned, PlanCut
from dashcam.media.media_child import MediaChild
from tests.bench.measuring import Bench, cost_of, cpu_seconds_of
from tests.bench.table import Row
from tests.numbered import Recorded, put_loop
from tests.packets import FPS

_CLIP_SECONDS, _CUT_SECONDS = 60, 70
_QUICK_CLIP_SECONDS, _QUICK_CUT_SECONDS = 3, 4
_BYTES_A_SECOND = 1_000_000
_REPEATS = 5


def measure(bench: Bench) -> list[Row]:
    """The keeper's child, which is there already, and ffmpeg in turns; both read from memory and write to the card."""
    clip_seconds = _QUICK_CLIP_SECONDS if bench.is_quick else _CLIP_SECONDS
    cut_seconds = _QUICK_CUT_SECONDS if bench.is_quick else _CUT_SECONDS
    clips = put_loop(bench.folder / "card", [clip_seconds * FPS] * 3, padding=_BYTES_A_SECOND // FPS)
    from_seconds = clip_seconds - cut_seconds / 14
    child = MediaChild()
    ours: list[tuple[float, float]] = []
    theirs: list[tuple[float, float]] = []
    try:
        _cut(child, clips[:1], bench.folder / "first.mp4", 0.0, 1.0)
        for _ in range(1 if bench.is_quick else _REPEATS):
            ours.append(_cut(child, clips, bench.folder / "ours.mp4", from_seconds, cut_seconds))
            theirs.append(_peer(clips, bench.folder, from_seconds, cut_seconds))
    finally:
        child.kill()
    wall, cpu = median(found[0] for found in ours), median(found[1] for found in ours)
    peer_wall, peer_cpu = median(found[0] for found in theirs), median(found[1] for found in theirs)
    bench.say(f"cutting: {wall:.2f} s and {cpu:.2f} CPU s; ffmpeg {peer_wall:.2f} s and {peer_cpu:.2f} CPU s")
    return [
        Row(
            f"cutting {cut_seconds} s out of three clips of 8 Mbit/s, until they are durable (CPU)",
            f"{wall:.2f} s ({cpu:.2f} s)",
            f"ffmpeg -c copy, and sync: {peer_wall:.2f} s ({peer_cpu:.2f} s)",
            wall / peer_wall,
        )
    ]


def _cut(
    child: MediaChild, clips: list[Recorded], target: Path, from_seconds: float, seconds: float
) -> tuple[float, float]:
    """Wall and CPU seconds, as the keeper has it done: first it asks where the cut begins."""
    began, cpu = time.monotonic(), cpu_seconds_of(child.pid) if child.pid else 0.0
    paths = [os.fsencode(clip.path) for clip in clips]
    starts = [(clip.frames.start - clips[0].frames.start) / FPS for clip in clips]
    wanted = tuple(
        CutPart(path=path, from_seconds=None if at else from_seconds) for path, at in zip(paths, starts, strict=True)
    )
    first = child.ask(PlanCut(path=paths[0], parts=wanted), CutPlanned).start_seconds
    parts = [
        CutPart(
            path=path,
            from_seconds=None if at else first,
            to_seconds=from_seconds + seconds - at,
            shift_seconds=at - first,
        )
        for path, at in zip(paths, starts, strict=True)
        if at < from_seconds + seconds
    ]
    made = child.ask(Cut(path=paths[0], parts=tuple(parts), target=os.fsencode(target), metadata={}), CutMade)
    assert made.duration_seconds >= seconds
    assert child.pid is not None
    return time.monotonic() - began, cpu_seconds_of(child.pid) - cpu


def _peer(clips: list[Recorded], folder: Path, from_seconds: float, seconds: float) -> tuple[float, float]:
    """The same range by ffmpeg's list of files; start included, which takes it little."""
    names, target = folder / "list", folder / "theirs.mp4"
    names.write_text("".join(f"file '{clip.path}'\n" for clip in clips))
    command = ["ffmpeg", "-nostdin", "-v", "error", "-y", "-f", "concat", "-safe", "0", "-ss", str(from_seconds)]
    command += ["-t", str(seconds), "-i", str(names), "-c", "copy", str(target)]
    began = time.monotonic()
    cpu = cost_of(command, folder / "log", 0).cpu_seconds
    with open(target, "rb+") as file:
        os.fsync(file.fileno())
    return time.monotonic() - began, cpu
