"""Not one frame is lost between two clips: the synthetic drive by its frame numbers, a real drive by its packets.

`python -m tests.endurance.boundaries --boundaries 60 --drive FILE --loops 3` prints what it found.
"""

from __future__ import annotations

import argparse
import itertools
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import av

from dashcam.camera import frame_code
from dashcam.clips.clip import ClipId
from dashcam.clips.names import sidecar_of
from dashcam.clips.sidecar import Sidecar, read_sidecar
from dashcam.clock import NANOSECONDS
from tests.mp4_boxes import is_ordinary

# Times real time: as fast as two cores can draw and encode small pictures without falling behind.
PATTERN_SPEED = 4
REPLAY_SPEED = 8
PATTERN_SEGMENT_SECONDS = 2
REPLAY_SEGMENT_SECONDS = 5
_STOP_LIMIT_SECONDS = 300
_LOOK_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class RecordedClip:
    """A clip on the card and its sidecar."""

    path: Path
    sidecar: Sidecar


def record(data: Path, seconds: float, *settings: str) -> None:
    """Runs `dashcam record` for so many seconds of real time after the first durable fragment."""
    command = [sys.executable, "-m", "dashcam", "record", "--data", str(data), "--for", str(seconds)]
    for setting in settings:
        command += ["--set", setting]
    subprocess.run(command, check=True, timeout=seconds + _STOP_LIMIT_SECONDS, capture_output=True)


def record_clips(data: Path, count: int, *settings: str) -> None:
    """Runs `dashcam record` until so many clips are closed, however long a busy machine takes for them."""
    command = [sys.executable, "-m", "dashcam", "record", "--data", str(data)]
    for setting in settings:
        command += ["--set", setting]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        ends_at = time.monotonic() + _STOP_LIMIT_SECONDS
        try:
            while len(list(data.glob("DCIM/VIDEO/*/dcp_*.json"))) < count:
                assert process.poll() is None, "the recorder has ended"
                assert time.monotonic() < ends_at, "the clips do not come"
                time.sleep(_LOOK_SECONDS)
        finally:
            process.terminate()
        assert process.wait(_STOP_LIMIT_SECONDS) == 0


def recorded_clips(data: Path) -> list[RecordedClip]:
    """All clips of the loop in the order of their ids; every one of them must have its sidecar."""
    found = [RecordedClip(path, read_sidecar(sidecar_of(path))) for path in (data / "DCIM/VIDEO").rglob("*.mp4")]
    return sorted(found, key=lambda clip: ClipId.parse(clip.sidecar.id))


def frame_numbers(path: Path) -> list[int]:
    """The numbers drawn into the frames of a clip; -1 where none can be read."""
    numbers = []
    with av.open(str(path)) as container:
        for frame in container.decode(video=0):
            luma = frame.reformat(format="gray").to_ndarray().astype("uint8", copy=False)
            code = frame_code.read(luma)
            numbers.append(-1 if code is None else code.number)
    return numbers


def packets_of(path: Path) -> list[bytes]:
    """The packets of a file as they lie in it."""
    with av.open(str(path)) as container:
        return [bytes(packet) for packet in container.demux(video=0) if packet.size]


def faults(clips: list[RecordedClip]) -> list[str]:
    """What is not ordinary, clean or without a gap."""
    found = []
    for clip in clips:
        checked = subprocess.run(
            ["ffmpeg", "-v", "error", "-xerror", "-i", str(clip.path), "-f", "null", "-"],
            capture_output=True,
            check=False,
        )
        if checked.returncode or checked.stderr:
            found.append(f"{clip.path.name}: {checked.stderr.decode(errors='replace').strip()}")
        if not is_ordinary(clip.path):
            found.append(f"{clip.path.name} is no ordinary MP4")
    for before, after in itertools.pairwise(clips):
        ends = (before.sidecar.media_start_ns or 0) + round(before.sidecar.duration_seconds * NANOSECONDS)
        gap_ns = (after.sidecar.media_start_ns or 0) - ends
        # Sidecars give durations in microseconds.
        if abs(gap_ns) > 1000:
            found.append(f"{gap_ns / NANOSECONDS:.6f} s between {before.path.name} and {after.path.name}")
    return found


def check_pattern(data: Path, boundaries: int) -> str:
    """Records the synthetic drive over so many boundaries; raises AssertionError when a frame is missing."""
    record_clips(
        data,
        boundaries + 1,
        "camera.kind=pattern",
        "camera.width=320",
        "camera.height=180",
        f"camera.speed={PATTERN_SPEED}",
        f"recording.segment_seconds={PATTERN_SEGMENT_SECONDS}",
    )
    clips = recorded_clips(data)
    numbers = [number for clip in clips for number in frame_numbers(clip.path)]
    assert numbers == list(range(len(numbers))), "the frame numbers are no unbroken run"
    assert len(clips) > boundaries, f"only {len(clips)} clips"
    assert not (wrong := faults(clips)), "\n".join(wrong)
    return f"synthetic drive: {len(clips)} clips, {len(clips) - 1} boundaries, frames 0 to {numbers[-1]} without a gap"


def check_replay(data: Path, drive: Path, loops: float) -> str:
    """Replays a drive for so many loops; raises AssertionError when the files hold other packets than the drive."""
    source = packets_of(drive)
    with av.open(str(drive)) as container:
        duration = (container.duration or 0) / 1_000_000
    record(
        data,
        duration * loops / REPLAY_SPEED,
        "camera.kind=replay",
        f"camera.source={drive}",
        f"camera.speed={REPLAY_SPEED}",
        f"recording.segment_seconds={REPLAY_SEGMENT_SECONDS}",
    )
    clips = recorded_clips(data)
    written = [packet for clip in clips for packet in packets_of(clip.path)]
    expected = [source[number % len(source)] for number in range(len(written))]
    assert written == expected, "the packets in the files are not those of the drive"
    assert len(written) >= len(source) * (loops - 1), f"only {len(written)} packets"
    assert not (wrong := faults(clips)), "\n".join(wrong)
    return (
        f"replay: {len(clips)} clips, {len(clips) - 1} boundaries, {len(written)} packets equal to the drive's "
        f"({len(written) / len(source):.2f} loops), no gap"
    )


def main() -> None:
    """Runs both and prints what was found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--boundaries", type=int, default=60)
    parser.add_argument("--drive", type=Path)
    parser.add_argument("--loops", type=float, default=3.0)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        print(check_pattern(Path(folder) / "pattern", options.boundaries), flush=True)
        if options.drive is not None and options.drive.is_file():
            print(check_replay(Path(folder) / "replay", options.drive, options.loops), flush=True)
        else:
            print("no drive to replay", flush=True)


if __name__ == "__main__":
    main()
