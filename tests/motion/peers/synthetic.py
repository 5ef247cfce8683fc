"""The table of the synthetic scenes: ours beside the plain difference, which gets the same pictures."""

from __future__ import annotations

import tempfile
from pathlib import Path
from statistics import median

from dashcam.clips.event import MotionWindow
from tests.bench.table import markdown
from tests.motion.judging import Verdict, judge, judge_recorded
from tests.motion.plain_difference import PlainDifference
from tests.motion.real_places import real_scenes
from tests.motion.scenes import Scene, all_scenes
from tests.motion.scoring import Clip

_HEAD = (
    "scene", "found", "false", "onset", "when", "after H.264: found", "false", "plain difference: found", "false",
)  # fmt: skip


def table(clips: list[Clip]) -> str:
    """Each scene, drawn and in real places, and the sums."""
    scenes = [*all_scenes(), *real_scenes(clips)]
    ours = [judge(scene) for scene in scenes]
    with tempfile.TemporaryDirectory() as folder:
        recorded = [judge_recorded(scene, Path(folder) / "scene.mp4") for scene in scenes]
    theirs = [judge(scene, PlainDifference().see_with_time) for scene in scenes]
    rows = [_row(*each) for each in zip(scenes, ours, recorded, theirs, strict=True)]
    movers = [verdict for scene, verdict in zip(scenes, ours, strict=True) if scene.motion]
    nuisances = [scene for scene in scenes if not scene.motion]
    quiet = sum(not verdict.windows for scene, verdict in zip(scenes, ours, strict=True) if not scene.motion)
    onset = median([onset for verdict in movers for onset in verdict.onsets] or [0.0])
    wanted = sum(len(scene.motion) for scene in scenes)
    return (
        f"{markdown(_HEAD, rows)}\n"
        f"Each mover found: {sum(verdict.found for verdict in ours)} of {wanted}, {onset:+.2f} s after it came "
        f"(median); without a false alarm {quiet} of {len(nuisances)} scenes with nuisances only; false alarms in all "
        f"{sum(len(verdict.false) for verdict in ours)}. After a poor encoder: {_sums(recorded, wanted)}. "
        f"Plain difference: {_sums(theirs, wanted)}."
    )


def _sums(verdicts: list[Verdict], wanted: int) -> str:
    found, false = (sum(count) for count in zip(*((one.found, len(one.false)) for one in verdicts), strict=True))
    return f"{found} of {wanted}, false alarms {false}"


def _row(scene: Scene, ours: Verdict, recorded: Verdict, theirs: Verdict) -> tuple[str, ...]:
    wanted = len(scene.motion)
    return (
        scene.name,
        f"{ours.found} of {wanted}" if wanted else "-",
        str(len(ours.false)),
        f"{median(ours.onsets):+.2f} s" if ours.onsets else "-",
        ", ".join(_words(window) for window in ours.windows[:4]) + (", ..." if len(ours.windows) > 4 else ""),
        f"{recorded.found} of {wanted}" if wanted else "-",
        str(len(recorded.false)),
        f"{theirs.found} of {wanted}" if wanted else "-",
        str(len(theirs.false)),
    )


def _words(window: MotionWindow) -> str:
    return f"{window.from_seconds:.1f}-{window.to_seconds:.1f}"
