"""What an event has to hold, by what the camera delivered and when it was triggered."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from dashcam.clock import NANOSECONDS
from tests.endurance.card_check import FoundClip
from tests.endurance.notes import Note
from tests.endurance.recorder_process import AFTER_SECONDS, BEFORE_SECONDS, FPS


@dataclass(frozen=True, slots=True)
class Happened:
    """An event of a recording whose frames are numbered from 0 as they were delivered."""

    id: str
    at_ns: int
    triggered_ns: int
    """When the recorder had begun with it."""
    first: int
    """Frame that it must begin with or before; a GOP before that at most."""
    last: int
    """Frame that it ends with, unless something ends it before."""


def happened_in(notes: Sequence[Note]) -> list[Happened]:
    """All events of a recording."""
    taken_ns = [note.captured_ns for note in notes if note.what == "delivered"]
    found = []
    for note in notes:
        if note.what == "triggered":
            from_ns = note.captured_ns - BEFORE_SECONDS * NANOSECONDS
            until_ns = note.captured_ns + AFTER_SECONDS * NANOSECONDS
            inside = [number for number, at_ns in enumerate(taken_ns) if from_ns <= at_ns <= until_ns]
            found.append(Happened(note.id, note.captured_ns, note.at_ns, inside[0], inside[-1]))
    return found


def check_begin(event: Happened, numbers: Sequence[int]) -> str:
    """What is wrong with the first frames of an event's clip; empty when nothing is."""
    if not event.first - FPS <= numbers[0] <= event.first:
        return f"event {event.id} begins with frame {numbers[0]}, and frame {event.first} is to be in it"
    return ""


def check_events(happened: Iterable[Happened], clips: Iterable[FoundClip], ended_ns: int) -> tuple[list[str], float]:
    """What is wrong after a recorder has died at `ended_ns`, and how many seconds of an event were lost at most."""
    by_id = {clip.opened.tag.id: clip for clip in clips}
    wrong, most_lost = [], 0.0
    for event in happened:
        clip = by_id.pop(event.id, None)
        until_ns = min(ended_ns, event.at_ns + int(AFTER_SECONDS * NANOSECONDS))
        covered_ns = event.triggered_ns
        if clip is not None:
            if complaint := check_begin(event, clip.numbers):
                wrong.append(complaint)
            if clip.sidecar is not None and clip.numbers[-1] != event.last:
                wrong.append(f"event {event.id} is closed with frame {clip.numbers[-1]}, not with {event.last}")
            covered_ns = until_ns - max(event.last - clip.numbers[-1], 0) * NANOSECONDS // FPS
            if clip.sidecar is not None and (clip.sidecar.kind, clip.sidecar.event is None) != ("event", False):
                wrong.append(f"the sidecar of {clip.path.name} says nothing of an event")
        most_lost = max(most_lost, (until_ns - covered_ns) / NANOSECONDS)
    wrong.extend(f"{clip.path.name} is of an event that nobody triggered" for clip in by_id.values())
    return wrong, most_lost
