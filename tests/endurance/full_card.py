"""A small card that is filled many times over: recording never stops, and locked clips stay as they are.

    python -m tests.endurance.full_card [--times N] [--megabytes N] [--alone] [--report FILE]

The real recorder with the real keeper, which makes room; `--alone` leaves the keeper out, so that the recorder's own
emergency deletion is all there is. The steady stream is replayed as fast as a small ext4 on a loop device takes it.
"""

from __future__ import annotations

import argparse
import contextlib
import tempfile
from collections.abc import Iterator
from pathlib import Path

import msgspec

from dashcam.clips.names import CardFolders, sidecar_of
from dashcam.clips.sidecar import read_sidecar
from dashcam.link import messages as m
from dashcam.link.client import ask
from tests.endurance.card_recorder import CardRecorder
from tests.endurance.card_scenarios import check_intact, digests_of, lock_by_hand
from tests.endurance.child_process import dashcam_process
from tests.endurance.clip_files import videos_below
from tests.endurance.logged_card import enter_own_namespace
from tests.endurance.loop_card import LoopCard
from tests.endurance.steady_stream import BYTES_PER_SECOND, FPS, account_of, write_stream
from tests.recorder.asked import wait_until

# Five times real time is 40 Mbit/s: every clip lives for seconds only.
_SPEED = 5.0
_SEGMENT_SECONDS = 2.0
_LOCKED_CLIPS = 4
_KEEPER_LIMIT_SECONDS = 30.0


class FillReport(msgspec.Struct):
    """What filling the card came to."""

    words: str
    wrong: list[str]
    fillings: float = 0.0
    clips_deleted: int = 0
    locked: int = 0


def fill(card: LoopCard, stream: Path, log: Path, *, times: float, alone: bool) -> FillReport:
    """Records until the card could have been filled `times` times over."""
    frames_to_record = int(times * card.size_bytes / BYTES_PER_SECOND * FPS)
    with contextlib.ExitStack() as stack:
        keeper_log = log.with_name("keeper's log")
        keeper = None if alone else stack.enter_context(dashcam_process("keep", card.folder, keeper_log))
        # Room for a machine that is busy with other things: this rig is about space.
        queue = "recording.queue=64 MB"
        recorder = CardRecorder(card.folder, stream, log, queue, speed=_SPEED, segment_seconds=_SEGMENT_SECONDS)
        stack.enter_context(recorder)
        recorder.record_more(int((_LOCKED_CLIPS + 2) * _SEGMENT_SECONDS * FPS))
        locked = _lock_oldest(card.folder, alone=alone)
        lowest_free, states = card.free_bytes(), set()
        for status in _statuses(recorder, frames_to_record):
            lowest_free = min(lowest_free, card.free_bytes())
            states.add(status.state)
        wrong = recorder.stop()
        if keeper is not None and keeper.stop() != 0:
            wrong.append(f"the keeper ended badly: {keeper_log.read_text(errors='replace')[-500:]}")
    wrong += check_intact(locked) + _check_recording(status, states)
    account = account_of(card.folder)
    wrong += account.wrong
    clips = int(status.frames_written / FPS / _SEGMENT_SECONDS)
    fillings = status.frames_written / FPS * BYTES_PER_SECOND / card.size_bytes
    emergencies = log.read_text(errors="replace").count("the card is nearly full: deleting")
    if fillings < times:
        wrong.append(f"the card was filled {fillings:.1f} times only")
    words = (
        f"{'recorder alone' if alone else 'recorder and keeper'}: {card.size_bytes / 1e6:.0f} MB filled {fillings:.1f} "
        f"times over with {clips} clips, {status.frames_written} of {status.frames_received} frames written, "
        f"{status.queue.dropped_frames} lost, {emergencies} clips deleted by the recorder itself, "
        f"{len(locked)} locked clips intact, {account.clips} clips on the card, at least {lowest_free / 1e6:.1f} MB "
        f"free, at most {status.queue.high_water_bytes / 1e6:.1f} MB waited"
    )
    return FillReport(words, wrong, fillings, clips - account.clips, len(locked))


def _statuses(recorder: CardRecorder, frames: int) -> Iterator[m.RecorderStatus]:
    """The recorder's status again and again until so many frames are written; the last one included."""
    seen = [recorder.status()]

    def is_done() -> bool:
        seen.append(recorder.status())
        return seen[-1].frames_written >= frames

    # Thrice as long as it should take: a machine may be busy with other things.
    wait_until(is_done, f"{frames} frames", limit_seconds=60 + 3 * frames / FPS / _SPEED)
    yield from seen


def _lock_oldest(data: Path, *, alone: bool) -> dict[Path, str]:
    """Locks some clips, by the keeper where there is one; gives where they are then and their digests."""
    clips = [path for path in videos_below(CardFolders(data).of_kind("loop")) if sidecar_of(path).exists()]
    by_id = {read_sidecar(sidecar_of(path)).id: path for path in clips[:_LOCKED_CLIPS]}
    if alone:
        return lock_by_hand(by_id.values())
    before = digests_of(by_id.values())
    state = data / ".state"

    def is_locked() -> bool:
        done = ask(state, "keeper", m.LockClips(ids=tuple(by_id)), m.ClipsDone, _KEEPER_LIMIT_SECONDS)
        return set(done.done) == set(by_id)

    wait_until(is_locked, "the keeper's locks")
    folders = CardFolders(data)
    return {folders.of_kind("event") / path.relative_to(folders.of_kind("loop")): before[path] for path in before}


def _check_recording(status: m.RecorderStatus, states: set[m.RecorderState]) -> list[str]:
    wrong = []
    if others := states - {"recording", "card_slow"}:
        wrong.append(f"it was not always recording but also {', '.join(sorted(others))}")
    if status.queue.dropped_frames:
        wrong.append(f"{status.queue.dropped_frames} frames were lost")
    return wrong


def main() -> int:
    """Fills, prints, and gives 1 when something was wrong."""
    enter_own_namespace("tests.endurance.full_card")
    parser = argparse.ArgumentParser(description="a small card, filled many times over")
    parser.add_argument("--times", type=float, default=10.0)
    parser.add_argument("--megabytes", type=int, default=64, help="size of the card")
    parser.add_argument("--alone", action="store_true", help="without the keeper")
    parser.add_argument("--report", type=Path, help="write the figures there, too, as JSON")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="dashcam-full-card-") as folder:
        work = Path(folder)
        stream = write_stream(work / "steady.mp4")
        with LoopCard(work, chosen.megabytes * 1_000_000) as card:
            report = fill(card, stream, work / "log", times=chosen.times, alone=chosen.alone)
    if chosen.report is not None:
        chosen.report.write_bytes(msgspec.json.encode(report))
    print(*(f"WRONG: {text}" for text in report.wrong), report.words, sep="\n")
    return 1 if report.wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
