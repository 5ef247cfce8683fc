"""What is wrong with a card after a power cut, measured by what was recorded and what was promised by then."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from av.error import FFmpegError

from dashcam.clips.names import SIDECAR_SUFFIX, VIDEO_SUFFIX, CardFolders
from dashcam.clips.sidecar import read_sidecar
from dashcam.clock import NANOSECONDS
from dashcam.errors import DashcamError
from dashcam.files import TEMPORARY_PREFIX
from tests.endurance.card_check import FoundClip
from tests.endurance.clip_files import frame_numbers, is_temporary, open_clip, videos_below
from tests.endurance.cuts import Cut, Promises
from tests.endurance.event_check import Happened, check_begin
from tests.endurance.power_truth import TrueClip, digest_of
from tests.endurance.recorder_process import FPS
from tests.mp4_boxes import holds_fragment, is_ordinary

# What design.md promises of a power cut.
PROMISED_SECONDS = 2.0


@dataclass(slots=True)
class CardState:
    """A card after a cut."""

    cut: Cut
    unfinished: list[FoundClip] = field(default_factory=list)
    """Clips without a sidecar that open: the keeper's work."""
    seconds_short: float = 0.0
    """From the last frame on the card, counted without a gap from the first, to the last that the camera delivered."""
    seconds_behind: float = 0.0
    """How far the machine itself was behind."""
    event_seconds_short: float | None = None
    """The same of the newest event, up to its end; None before the first."""
    wrong: list[str] = field(default_factory=list)


class StateCheck:
    """Looks at cards; one for all cuts of a recording."""

    def __init__(self, clips: Sequence[TrueClip], promises: Promises, happened: Sequence[Happened]) -> None:
        self._clips = clips
        self._happened = happened
        self._by_id = {clip.id: clip for clip in clips}
        self._by_name = {clip.name: clip for clip in clips}
        self._promises = promises

    def look_at(self, card: Path, cut: Cut) -> CardState:
        """Opens whatever lies on a card after the cut."""
        state = CardState(cut)
        frames = self._closed_clips(card, state)
        self._check_promised_clips(frames, state)
        for path in videos_below(card):
            if path.relative_to(card).as_posix() not in frames:
                self._look_at_unfinished(path, frames, state)
        self._check_promised_frames(frames, state)
        self._measure(frames, state)
        self._measure_event(frames, state)
        return state

    def _closed_clips(self, card: Path, state: CardState) -> dict[str, int]:
        """Clips with a sidecar have to be whole, promised or not. Gives frames by name."""
        frames: dict[str, int] = {}
        # What lies in the state beside it is no sidecar.
        for path in sorted(CardFolders(card).dcim.rglob(f"*{SIDECAR_SUFFIX}")):
            if path.name.startswith(TEMPORARY_PREFIX):
                continue
            video = path.with_suffix(VIDEO_SUFFIX)
            name = video.relative_to(card).as_posix()
            clip = self._by_name.get(name)
            try:
                sidecar = read_sidecar(path)
            except DashcamError as error:
                state.wrong.append(str(error))
                continue
            if clip is None or not video.exists() or sidecar != clip.sidecar or digest_of(video) != clip.digest:
                state.wrong.append(f"{name} has a sidecar and is not the clip that was closed")
                continue
            frames[name] = len(clip.numbers)
        return frames

    def _check_promised_clips(self, frames: dict[str, int], state: CardState) -> None:
        for clip_id in self._promises.finished_ids(state.cut.moment_ns):
            clip = self._by_id[clip_id]
            if clip.name not in frames:
                state.wrong.append(f"{clip.name} was closed and is not on the card as it was")

    def _look_at_unfinished(self, path: Path, frames: dict[str, int], state: CardState) -> None:
        """Whatever has a fragment opens, and holds the first frames of what was recorded."""
        if not holds_fragment(path):
            if not is_temporary(path):
                state.wrong.append(f"{path.name} has its final name and does not open")
            return
        try:
            found = FoundClip(path, open_clip(path), frame_numbers(path), is_ordinary(path))
        except (FFmpegError, ValueError) as error:
            state.wrong.append(f"{path.name} does not open: {error}")
            return
        clip, count = self._by_id[found.opened.tag.id], len(found.opened.pictures)
        is_beginning = found.opened.fingerprints == clip.fingerprints[:count]
        if not is_beginning or tuple(found.numbers) != clip.numbers[:count]:
            state.wrong.append(f"{path.name} does not hold what was recorded")
        frames[clip.name] = max(count, frames.get(clip.name, 0))
        state.unfinished.append(found)

    def _check_promised_frames(self, frames: dict[str, int], state: CardState) -> None:
        synced = self._promises.synced_bytes(state.cut.moment_ns)
        for clip in self._clips:
            promised = clip.frames_within(synced.get(clip.inode, 0))
            if frames.get(clip.name, 0) < promised:
                state.wrong.append(f"{clip.name} holds {frames.get(clip.name, 0)} frames; {promised} had been synced")

    def _measure(self, frames: dict[str, int], state: CardState) -> None:
        on_card, is_open_end = 0, False
        for clip in self._clips:
            if clip.is_event:
                continue
            count = frames.get(clip.name, 0)
            if is_open_end and count:
                state.wrong.append(f"frames are missing before {clip.name}")
            if not is_open_end:
                on_card += count
            is_open_end = is_open_end or count < len(clip.numbers)
        moment_ns = state.cut.moment_ns
        state.seconds_short = max(self._promises.delivered_frames(moment_ns) - on_card, 0) / FPS
        state.seconds_behind = self._promises.machine_behind_seconds(moment_ns)
        if state.seconds_short > PROMISED_SECONDS + state.seconds_behind:
            state.wrong.append(
                f"{state.seconds_short:.2f} s are missing, {PROMISED_SECONDS:g} s are promised "
                f"and the machine was {state.seconds_behind:.2f} s behind"
            )

    def _measure_event(self, frames: dict[str, int], state: CardState) -> None:
        """The newest event: what had come of it and is not on the card; while it has no file, all since its trigger."""
        moment_ns = state.cut.moment_ns
        newest = next((event for event in reversed(self._happened) if event.triggered_ns <= moment_ns), None)
        clip = None if newest is None else self._by_id.get(newest.id)
        if newest is None or clip is None:
            return
        if complaint := check_begin(newest, clip.numbers):
            state.wrong.append(complaint)
        delivered = min(self._promises.delivered_frames(moment_ns), newest.last + 1)
        count = frames.get(clip.name, 0)
        if count:
            state.event_seconds_short = max(delivered - clip.numbers[0] - count, 0) / FPS
        else:
            state.event_seconds_short = (moment_ns - newest.triggered_ns) / NANOSECONDS
        if state.event_seconds_short > PROMISED_SECONDS + state.seconds_behind:
            state.wrong.append(
                f"{state.event_seconds_short:.2f} s of event {newest.id} are missing, "
                f"{PROMISED_SECONDS:g} s are promised and the machine was {state.seconds_behind:.2f} s behind"
            )
