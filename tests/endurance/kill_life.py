"""One life of a recorder: started, killed with SIGKILL at a chosen moment, and what it left behind."""

from __future__ import annotations

import random
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from dashcam.clock import NANOSECONDS
from dashcam.media.clip_file import FRAGMENT_MICROSECONDS
from tests.endurance.card_check import CardLook, look_at
from tests.endurance.clip_files import videos_below
from tests.endurance.event_check import check_events, happened_in
from tests.endurance.notes import Note, What
from tests.endurance.receivers import RECEIVERS, Receiver
from tests.endurance.recorder_process import FPS, RecorderProcess

SEGMENT_SECONDS = 2.0
# A fragment that was not full, the packet that would have ended it, and one that was noted before it was muxed.
LOSABLE_FRAMES = FPS * FRAGMENT_MICROSECONDS // 1_000_000 + 2

Aim = Literal["start", "any", "roll", "triggered", "event over"]
# Starts and rolls are a small part of the time and a large part of the danger.
_AIMS: tuple[Aim, ...] = ("start", "any", "any", "any", "roll", "roll")
_AIMS_WITH_EVENTS: tuple[Aim, ...] = ("start", "any", "any", "roll", "triggered", "triggered", "event over")
# Covers name, folder and first fragment of a clip; lives up to its third clip; closing and begin of the next clip; an
# event from its trigger to some time after its first fragment; and its closing.
_LATEST_SECONDS: dict[Aim, float] = {
    "start": 0.8, "any": 2.3 * SEGMENT_SECONDS, "roll": 0.03, "triggered": 0.9, "event over": 0.03,
}  # fmt: skip
_NOTES: dict[Aim, What] = {"roll": "closing", "triggered": "triggered", "event over": "event over"}
_CLOSING_LIMIT_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Plan:
    """When to kill: `delay_seconds` after the first packet, or after the `turn`th note of what is aimed at."""

    aim: Aim
    delay_seconds: float
    turn: int
    receiver: Receiver
    with_events: bool

    def __str__(self) -> str:
        since = f"{_NOTES[self.aim]} {self.turn}" if self.aim in _NOTES else "the first packet"
        events = ", with events" if self.with_events else ""
        return f"{self.delay_seconds:.3f} s after {since} (receiver {self.receiver}{events})"


def plan_of(chance: random.Random) -> Plan:
    """A moment, drawn by chance; in every second life there are events."""
    with_events = chance.random() < 0.5
    aim = chance.choice(_AIMS_WITH_EVENTS if with_events else _AIMS)
    delay_seconds, turn = chance.uniform(0, _LATEST_SECONDS[aim]), chance.randint(1, 2)
    return Plan(aim, delay_seconds, turn, chance.choice(RECEIVERS), with_events)


@dataclass(frozen=True, slots=True)
class Life:
    """What a kill cost, and what was wrong afterwards."""

    plan: Plan
    look: CardLook
    seconds_lost: float
    """From the end of the last frame on the card to the kill."""
    frames_lost_of_taken: int
    """Of the frames that the writer had taken from the queue: independent of how busy the machine was."""
    frames_delivered: int
    events: int = 0
    """That had begun."""
    event_seconds_lost: float = 0.0
    """The most that one of them lacks, from its last frame on the card to its end or to the kill."""


def live_and_die(data: Path, log: Path, plan: Plan) -> Life:
    """Records below `data`, kills the recorder as planned and looks at every file that is new."""
    before = frozenset(videos_below(data)) if data.exists() else frozenset()
    with RecorderProcess(
        data, log, segment_seconds=SEGMENT_SECONDS, receiver=plan.receiver, with_events=plan.with_events
    ) as recorder:
        recorder.wait_until_recording()
        if (what := _NOTES.get(plan.aim)) is not None:
            recorder.notes.wait_for(plan.turn, lambda note: note.what == what, _CLOSING_LIMIT_SECONDS)
        # Not to wait for anything: this is the moment that was drawn.
        time.sleep(plan.delay_seconds)
        killed_ns = recorder.kill()
        notes = recorder.notes.close()
    look = look_at(data, before)
    look.check_unbroken()
    return _judge(plan, look, notes, killed_ns)


def _judge(plan: Plan, look: CardLook, notes: list[Note], killed_ns: int) -> Life:
    delivered = [note for note in notes if note.what == "delivered"]
    taken = sum(note.what == "taken" for note in notes)
    on_card = len(look.run)
    if on_card > len(delivered):
        look.wrong.append(f"{on_card} frames on the card, {len(delivered)} came from the camera")
    # Killed after the writer had taken the first packet, before that was noted.
    covered_ns = delivered[0].captured_ns if delivered else killed_ns
    if on_card:
        covered_ns = delivered[min(on_card, len(delivered)) - 1].captured_ns + NANOSECONDS // FPS
    seconds_lost = max(killed_ns - covered_ns, 0) / NANOSECONDS
    happened = happened_in(notes)
    wrong, event_seconds_lost = check_events(happened, look.events, killed_ns)
    look.wrong.extend(wrong)
    return Life(plan, look, seconds_lost, taken - on_card, len(delivered), len(happened), event_seconds_lost)
