"""What can befall a card while it is recorded to, one function a scenario."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterable
from pathlib import Path

import msgspec

from dashcam.clips.names import CardFolders, sidecar_of
from dashcam.clips.sidecar import Lock, read_sidecar, write_sidecar
from dashcam.errors import DashcamError
from dashcam.link import messages as m
from dashcam.recorder.program import EXIT_BROKEN
from dashcam.recorder.watch import STUCK_SECONDS
from dashcam.settings.quantity import bytes_of
from tests.endurance.card_recorder import CardRecorder, pause
from tests.endurance.clip_files import videos_below
from tests.endurance.loop_card import LoopCard
from tests.endurance.steady_stream import BYTES_PER_SECOND, FPS, GOP_FRAMES, FrameAccount, account_of
from tests.recorder.asked import wait_until

# A write and the fragment in the muxer; design.md promises two seconds of a power cut, and an emergency is no more.
_LOSABLE_SECONDS = 2.0
# Of a stall: what the freeze itself and a busy machine add, and that a GOP is taken whole or not at all.
_STALL_TOLERANCE_SECONDS = 3.0


class Finding(msgspec.Struct):
    """What came of a scenario, with its figures in words, and everything that was wrong."""

    words: str
    wrong: list[str]
    lost_frames: int = 0

    def __str__(self) -> str:
        return "".join([self.words, *(f"\n  WRONG: {text}" for text in self.wrong)])


def stall(card: LoopCard, stream: Path, log: Path, *, stall_seconds: float, queue: str, speed: float) -> Finding:
    """The card answers nothing for so long (of the stream's time). Only what exceeds the queue may be lost."""
    with CardRecorder(card.folder, stream, log, f"recording.queue={queue}", speed=speed) as recorder:
        before = recorder.record_more(FPS)
        began = time.monotonic()
        with card.frozen():
            pause(stall_seconds / speed)
            during = recorder.status()
        stalled_seconds = (time.monotonic() - began) * speed
        recorder.wait_for(lambda status: status.queue.used_bytes < BYTES_PER_SECOND, "an empty queue")
        after = recorder.record_more(3 * FPS)
        wrong = recorder.stop()
    # A card may go on being slow for a while, and what that cost is as true.
    stalled_seconds = max(stalled_seconds, after.queue.longest_stall_seconds * speed)
    account = account_of(card.folder)
    wrong += account.wrong + _check_count(card, account, after)
    held_seconds = bytes_of(queue, 0) / BYTES_PER_SECOND
    may_lose_seconds = max(stalled_seconds - held_seconds, -_STALL_TOLERANCE_SECONDS) + _STALL_TOLERANCE_SECONDS
    if account.missing_frames > may_lose_seconds * FPS:
        wrong.append(f"{account.missing_frames} frames lost; the queue should have saved all but {may_lose_seconds} s")
    if stalled_seconds > held_seconds + _STALL_TOLERANCE_SECONDS and not account.missing_frames:
        wrong.append("nothing was lost: the card has not stalled")
    if not account.misses_whole_gops:
        wrong.append(f"what is missing is no whole number of GOPs: {account.missing}")
    if after.pid != before.pid:
        wrong.append("the recorder was started anew")
    words = (
        f"stalled for {stalled_seconds:.1f} s at {BYTES_PER_SECOND * 8 / 1e6:g} Mbit/s with a queue of {queue}: "
        f"{account.missing_frames} frames missing in the files, {after.queue.dropped_frames} said to be lost, "
        f"{account.missing_frames / GOP_FRAMES:g} GOPs, {account.frames} frames recorded, at most "
        f"{after.queue.high_water_bytes / 1e6:.1f} MB waited; in the stall it said: {during.state}"
    )
    return Finding(words, wrong, account.missing_frames)


def turn_read_only(card: LoopCard, stream: Path, log: Path, *, speed: float) -> Finding:
    """The file system turns read-only under the recorder; the card is taken out, put back read-only, then mended."""
    with CardRecorder(card.folder, stream, log, speed=speed) as recorder:
        before = recorder.record_more(3 * FPS)
        card.fail()
        said = [recorder.wait_for_state("card_read_only").reason]
        card.unmount()
        said.append(recorder.wait_for_state("no_card").reason)
        wrong = _check_nothing_is_written(card, recorder)
        card.mend()
        card.mount("ro")
        recorder.wait_for_state("card_read_only")
        card.remount("rw")
        after = recorder.record_more(3 * FPS)
        wrong += recorder.stop()
    account = account_of(card.folder)
    shown = after.queue.dropped_frames
    wrong += account.wrong
    if not shown <= account.missing_frames <= shown + _LOSABLE_SECONDS * speed * FPS:
        wrong.append(f"{account.missing_frames} frames are missing, {shown} were said to be lost")
    if after.pid != before.pid:
        wrong.append("the recorder was started anew")
    words = (
        f"read-only, out, read-only, mended: resumed in the same process, {account.missing_frames} frames missing, "
        f"{shown} said to be lost, {account.frames} frames recorded; said: {' / '.join(said)}"
    )
    return Finding(words, wrong, account.missing_frames)


def go_away_and_come_back(card: LoopCard, stream: Path, log: Path, *, speed: float) -> Finding:
    """The card is unmounted lazily, so that no write ever fails, and comes back; then it fails every access.

    The data folder is one on the card: when that is out, it would be made anew below the mount point.
    """
    data = card.folder / "dashcam"
    with CardRecorder(data, stream, log, speed=speed) as recorder:
        before = recorder.record_more(3 * FPS)
        card.unmount(lazily=True)
        said = [recorder.wait_for_state("no_card").reason]
        wrong = _check_nothing_is_written(card, recorder)
        card.mount()
        between = recorder.record_more(3 * FPS)
        card.shut_down()
        said.append(recorder.wait_for_state("no_card").reason)
        card.unmount()
        card.mount()
        after = recorder.record_more(3 * FPS)
        wrong += recorder.stop()
    account = account_of(data)
    wrong += account.wrong
    shown = after.queue.dropped_frames
    if account.missing_frames != shown:
        wrong.append(f"{account.missing_frames} frames are missing, {shown} were said to be lost")
    if not 0 < between.queue.dropped_frames < shown:
        wrong.append("the card was never away")
    if after.pid != before.pid:
        wrong.append("the recorder was started anew")
    words = (
        f"unmounted lazily and back, failed and back: resumed in the same process, {account.missing_frames} frames "
        f"missing, {shown} said to be lost, {account.frames} frames recorded; said: {' / '.join(said)}"
    )
    return Finding(words, wrong, account.missing_frames)


def outlast_the_watchdog(card: LoopCard, stream: Path, log: Path) -> Finding:
    """The card stalls until the recorder ends itself; what was recorded plays, and the next one records at once."""
    with CardRecorder(card.folder, stream, log) as recorder:
        recorder.record_more(3 * FPS)
        began = time.monotonic()
        with card.frozen():
            wait_until(lambda: "the recorder ends itself" in log.read_text(), "its end", 3 * STUCK_SECONDS)
            stalled_seconds = time.monotonic() - began
        code = recorder.exit_code()
    first = account_of(card.folder)
    with CardRecorder(card.folder, stream, log) as recorder:
        recorder.record_more(3 * FPS)
        wrong = recorder.stop()
    if code != EXIT_BROKEN:
        wrong.append(f"the recorder ended with {code}: {recorder.last_words()}")
    if first.missing_frames or first.frames < 3 * FPS:
        wrong.append(f"of the first recording {first.frames} frames are left, {first.missing_frames} missing between")
    words = (
        f"ended itself with {code} after {stalled_seconds:.0f} s, {first.frames} frames of it play; the next records"
    )
    return Finding(words, wrong + first.wrong)


def hold_nothing_deletable(card: LoopCard, stream: Path, log: Path, *, speed: float) -> Finding:
    """All clips are locked and the card is full: it says so, keeps trying, and resumes when there is room."""
    with CardRecorder(card.folder, stream, log, speed=speed) as recorder:
        recorder.record_more(8 * FPS)
        wrong = recorder.stop()
    locked = lock_by_hand(videos_below(CardFolders(card.folder).dcim))
    ballast = card.folder / "other files"
    with open(ballast, "wb") as file:
        file.write(bytes(card.free_bytes() - BYTES_PER_SECOND))
    with CardRecorder(card.folder, stream, log, speed=speed) as recorder:
        full = recorder.wait_for_state("card_full")
        later = recorder.wait_for(
            lambda status: status.queue.dropped_frames > full.queue.dropped_frames + 5 * FPS, "further attempts"
        )
        files = len(videos_below(CardFolders(card.folder).dcim))
        ballast.unlink()
        after = recorder.record_more(3 * FPS)
        wrong += recorder.stop()
    if later.state != "card_full" or "unlock or delete clips" not in later.reason:
        wrong.append(f"of a full card it says {later.state}: {later.reason}")
    if files > len(locked) + 3:
        wrong.append(f"the attempts have strewn {files - len(locked)} files over the full card")
    if after.pid != later.pid:
        wrong.append("the recorder was started anew")
    wrong += check_intact(locked)
    words = (
        f"full of {len(locked)} locked clips: said {later.reason!r} while {later.queue.dropped_frames} frames were "
        f"lost, left {files - len(locked)} unfinished files, resumed in the same process when there was room"
    )
    return Finding(words, wrong, later.queue.dropped_frames)


def lock_by_hand(clips: Iterable[Path]) -> dict[Path, str]:
    """Locks clips where they are, as a sidecar can; gives their digests."""
    found = list(clips)
    for path in found:
        sidecar = read_sidecar(sidecar_of(path))
        write_sidecar(sidecar_of(path), msgspec.structs.replace(sidecar, locked=Lock(cause="hand", utc=None)))
    return digests_of(found)


def digests_of(clips: Iterable[Path]) -> dict[Path, str]:
    """What tells whether a clip is still what it was."""
    return {path: _digest(path) for path in clips}


def check_intact(locked: dict[Path, str]) -> list[str]:
    """What has become of locked clips."""
    wrong = [f"the locked {path.name} is gone" for path in locked if not path.exists()]
    there = [path for path in locked if path.exists()]
    return wrong + [f"the locked {path.name} was changed" for path in there if _digest(path) != locked[path]]


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _check_count(card: LoopCard, account: FrameAccount, status: m.RecorderStatus) -> list[str]:
    """Files, status and sidecars agree on what is missing."""
    sidecars = [read_sidecar(path) for path in CardFolders(card.folder).of_kind("loop").rglob("*.json")]
    in_sidecars = sum(sidecar.dropped_frames for sidecar in sidecars)
    gops_in_sidecars = sum(sidecar.dropped_gops for sidecar in sidecars)
    wrong = []
    if not account.missing_frames == status.queue.dropped_frames == in_sidecars:
        wrong.append(
            f"{account.missing_frames} frames are missing in the files; the status says {status.queue.dropped_frames}, "
            f"the sidecars say {in_sidecars}"
        )
    if not account.missing_frames == status.queue.dropped_gops * GOP_FRAMES == gops_in_sidecars * GOP_FRAMES:
        wrong.append(f"the status says {status.queue.dropped_gops} GOPs, the sidecars say {gops_in_sidecars}")
    return wrong


def _check_nothing_is_written(card: LoopCard, recorder: CardRecorder) -> list[str]:
    """While the card is out, whatever is asked: what were written now would lie below its mount point."""
    wrong = []
    for request, reply in ((m.Save(), m.Saved), (m.TakePhoto(), m.PhotoTaken)):
        try:
            recorder.ask(request, reply)
            wrong.append(f"without a card {type(request).__name__} was said to be done")
        except DashcamError as error:
            if error.code != "card_failed":
                wrong.append(f"without a card {type(request).__name__} says {error.code}: {error}")
    lost = recorder.status().queue.dropped_frames
    recorder.wait_for(lambda status: status.queue.dropped_frames > lost + 3 * GOP_FRAMES, "further attempts")
    if left := card.left_below():
        wrong.append(f"below the empty mount point there are {', '.join(left)}")
    return wrong
