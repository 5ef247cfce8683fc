"""The page is hammered and the keeper kept busy while it records: not a frame may be lost.

    python -m tests.endurance.hammer --clients 20 --seconds 60

Recorder, keeper and web program as `dashcam run` starts them, on the loopback only. Frames are numbered in their
pictures, so that the files alone tell whether one is missing.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from dashcam.clips.clip import ClipId
from dashcam.clips.names import SIDECAR_SUFFIX, VIDEO_SUFFIX
from dashcam.clips.sidecar import read_sidecar
from dashcam.link.client import ask
from dashcam.link.messages import Done, RecorderStatus, ScanCard
from dashcam.worker import Worker
from tests.endurance.clip_files import frame_numbers
from tests.endurance.hammer_clients import Client, Visits
from tests.endurance.hammer_hands import BusyHands
from tests.endurance.workers import misplaced, work_for
from tests.programs import Programs

SEGMENT_SECONDS = 2
_SCAN_LIMIT_SECONDS = 60.0


@dataclass(slots=True)
class HammerReport:
    """What was done to it, what it recorded meanwhile, and what was wrong."""

    visits: Visits
    hands: Counter[str]
    status: RecorderStatus
    behind_seconds: float
    frames: int = 0
    clips: int = 0
    wrong: list[str] = field(default_factory=list)

    def summary(self) -> str:
        """The figures in words."""
        queue = self.status.queue
        hands = ", ".join(f"{count} {name}" for name, count in sorted(self.hands.items()))
        return (
            f"{self.visits.words()}\nkeeper: {hands}\n"
            f"{self.frames} frames in {self.clips} clips, frame numbers "
            f"{'without a gap' if not self.wrong else 'WRONG'}, {queue.dropped_frames} dropped; queue high-water "
            f"{queue.high_water_bytes / 1e6:.2f} of {queue.limit_bytes / 1e6:.0f} MB, longest write "
            f"{queue.longest_stall_seconds:.2f} s, the camera fell {self.behind_seconds:.1f} s behind"
        )


def hammer(folder: Path, clients: int, seconds: float, *, height: int, seed: int) -> HammerReport:
    """Records the synthetic drive below `folder` under fire for so many seconds, then looks at every frame."""
    settings = (
        "camera.kind=pattern",
        f"camera.height={height}",
        f"recording.segment_seconds={SEGMENT_SECONDS}",
    )
    with Programs(folder / "card", folder / "log", *settings) as programs:
        for command in ("record", "keep"):
            programs.start(command)
        address = programs.start_page()
        programs.wait_until_recording()
        began, first = time.monotonic(), programs.recorder()
        visits, hands = _under_fire(programs, address, clients, seconds, seed)
        status, lasted = programs.recorder(), time.monotonic() - began
        expected = lasted * (status.camera.fps if status.camera else 0)
        missing = expected - (status.frames_received - first.frames_received)
        report = HammerReport(visits, hands.counts, status, max(missing, 0) / (expected / lasted))
        programs.stop(["web", "record"])
        ask(programs.state, "keeper", ScanCard(), Done, _SCAN_LIMIT_SECONDS)
        programs.wait_until_kept()
    check(report, folder / "card")
    return report


def _under_fire(programs: Programs, address: str, clients: int, seconds: float, seed: int) -> tuple[Visits, BusyHands]:
    visits = Visits()
    hands = BusyHands(programs.data, programs.state, random.Random(f"{seed}.hands"))
    workers = [Worker("hands", hands.work)]
    for number in range(clients):
        client = Client(address, visits, random.Random(f"{seed}.{number}"))
        workers.append(Worker(f"client {number}", client.work))
    if not work_for(seconds, workers):
        visits.wrong.append("a client waits for an answer for ever")
    return visits, hands


def check(report: HammerReport, data: Path) -> None:
    """Every frame must be in the files: numbers from 0 on, through all clips in the order of their ids."""
    report.wrong.extend(report.visits.wrong[:20])
    queue = report.status.queue
    if queue.dropped_frames:
        report.wrong.append(f"{queue.dropped_frames} frames dropped")
    numbers: list[int] = []
    for path in recorded_clips(data):
        numbers += frame_numbers(path)
        report.clips += 1
    report.frames = len(numbers)
    report.wrong += misplaced(numbers)
    if report.frames < report.status.frames_written:
        report.wrong.append(f"{report.frames} frames in the files, {report.status.frames_written} were written")


def recorded_clips(data: Path) -> list[Path]:
    """The recorder's own clips, wherever they lie by now, in the order of their ids."""
    found: dict[ClipId, Path] = {}
    for folder in ("VIDEO", "EVENT"):
        for path in (data / "DCIM" / folder).glob(f"*/*{SIDECAR_SUFFIX}"):
            clip_id = ClipId.parse(read_sidecar(path).id)
            if not clip_id.by_keeper:
                assert clip_id not in found, f"{path} and {found[clip_id]} have the same id"
                found[clip_id] = path.with_suffix(VIDEO_SUFFIX)
    return [found[clip_id] for clip_id in sorted(found)]


def main() -> int:
    """Hammers, prints, and gives 1 when something was wrong."""
    parser = argparse.ArgumentParser(description="The page is hammered and the keeper kept busy while it records")
    parser.add_argument("--clients", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--height", type=int, default=720, help="of the picture, in pixels")
    parser.add_argument("--seed", type=int, default=time.time_ns() % 1_000_000)
    chosen = parser.parse_args()
    print(f"seed {chosen.seed}", flush=True)
    with tempfile.TemporaryDirectory(prefix="dashcam-hammer-") as folder:
        report = hammer(Path(folder), chosen.clients, chosen.seconds, height=chosen.height, seed=chosen.seed)
    print(*report.wrong, report.summary(), sep="\n")
    return 1 if report.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
