"""When the power goes: moments chosen where it hurts, and what was promised by then."""

from __future__ import annotations

import random
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from dashcam.clock import NANOSECONDS
from tests.endurance.disk_log import SURVIVALS, DiskLog, Survival
from tests.endurance.notes import Note

# starting  until the first clip's first sync
# growing   any moment
# closing   between the last packet of a clip and its sidecar
# rolling   from there until the next clip's first sync
# event     from a trigger until the first syncs behind it, and while the event's clip is closed
Phase = Literal["starting", "growing", "closing", "rolling", "event"]
_WEIGHTS: dict[Phase, int] = {"starting": 1, "growing": 6, "closing": 8, "rolling": 3, "event": 9}
# Around a trigger, and around the end of an event: until its first fragment is durable, until its sidecar is.
_EVENT_NS = NANOSECONDS // 2


@dataclass(frozen=True, slots=True)
class Cut:
    """The power goes at `moment_ns`, when the disk had done the first `position` records of its log."""

    position: int
    moment_ns: int
    phase: Phase
    survival: Survival

    def __str__(self) -> str:
        return f"cut while {self.phase} behind record {self.position} (of unflushed blocks survive: {self.survival})"


@dataclass(frozen=True, slots=True)
class _Window:
    begins_ns: int
    ends_ns: int


def choose_cuts(log: DiskLog, notes: Sequence[Note], count: int, chance: random.Random) -> list[Cut]:
    """`count` cuts in the order of the log."""
    windows = _windows(log, notes)
    phases = [phase for phase in _WEIGHTS if windows[phase]]
    drawn = chance.choices(phases, [_WEIGHTS[phase] for phase in phases], k=count)
    cuts = [_cut_in(chance.choice(windows[phase]), phase, log, chance) for phase in drawn]
    return sorted(cuts, key=lambda cut: (cut.position, cut.moment_ns))


def _cut_in(window: _Window, phase: Phase, log: DiskLog, chance: random.Random) -> Cut:
    """Growing takes time for a while: any moment counts the same. In the others every record does."""
    survival = chance.choice(SURVIVALS)
    if phase == "growing":
        moment_ns = chance.randint(window.begins_ns, window.ends_ns)
        return Cut(log.position_at(moment_ns), moment_ns, phase, survival)
    first, last = log.position_at(window.begins_ns), log.position_at(window.ends_ns)
    position = chance.randint(first, last)
    earliest_ns = log.records[position - 1].at_ns if position else window.begins_ns
    latest_ns = log.records[position].at_ns - 1 if position < len(log.records) else window.ends_ns
    begins_ns, ends_ns = max(earliest_ns, window.begins_ns), min(latest_ns, window.ends_ns)
    return Cut(position, chance.randint(begins_ns, max(begins_ns, ends_ns)), phase, survival)


def _windows(log: DiskLog, notes: Sequence[Note]) -> dict[Phase, list[_Window]]:
    first = next(note.at_ns for note in notes if note.what == "synced")
    found: dict[Phase, list[_Window]] = {
        "starting": [_Window(log.records[0].at_ns, first)],
        "growing": [_Window(notes[0].at_ns, notes[-1].at_ns)],
        "closing": [],
        "rolling": [],
        "event": [
            _Window(note.at_ns, min(note.at_ns + _EVENT_NS, notes[-1].at_ns))
            for note in notes
            if note.what in ("triggered", "event over")
        ],
    }
    for closing, finished, next_synced in _closings(notes):
        found["closing"].append(_Window(closing.at_ns, finished.at_ns))
        if next_synced is not None and next_synced.at_ns > finished.at_ns:
            found["rolling"].append(_Window(finished.at_ns, next_synced.at_ns))
    return found


def _closings(notes: Sequence[Note]) -> Iterator[tuple[Note, Note, Note | None]]:
    """Each closing with its sidecar and the first sync of the clip after it."""
    for place, closing in enumerate(notes):
        if closing.what != "closing":
            continue
        rest = notes[place:]
        finished = next((note for note in rest if note.what == "finished"), None)
        if finished is None:
            continue
        inode = next(note.inode for note in rest if note.what == "synced")
        following = (note for note in rest if note.what == "synced" and note.inode != inode)
        yield closing, finished, next(following, None)


class Promises:
    """What had been promised, and what the camera had delivered, at any moment of a recording."""

    def __init__(self, notes: Sequence[Note]) -> None:
        self._notes = notes
        self._moments = [note.at_ns for note in notes]
        self._delivered_ns = [note.at_ns for note in notes if note.what == "delivered"]
        self._pts_ns = [note.pts_ns for note in notes if note.what == "delivered"]
        self._taken_ns = [note.at_ns for note in notes if note.what == "taken"]

    def delivered_frames(self, moment_ns: int) -> int:
        """Frames that had come from the camera."""
        return bisect_right(self._delivered_ns, moment_ns)

    def finished_ids(self, moment_ns: int) -> set[str]:
        """Clips whose sidecar was durable."""
        return {note.id for note in self._until(moment_ns) if note.what == "finished"}

    def synced_bytes(self, moment_ns: int) -> dict[int, int]:
        """By the inode of each clip, how long it was when the last sync that had come back began."""
        return {note.inode: note.bytes for note in self._until(moment_ns) if note.what == "synced"}

    def machine_behind_seconds(self, moment_ns: int) -> float:
        """How unevenly the camera delivered, how long packets waited for the writer, and how long a sync took.

        Each at its worst in the seconds before. A busy machine adds this to what a power cut costs; on one that keeps
        up it is next to nothing.
        """
        since_ns = moment_ns - 4 * NANOSECONDS  # two seconds that may be lost, and a sync that came late before them
        waits, lateness = [0], []
        for place in range(bisect_right(self._delivered_ns, since_ns), self.delivered_frames(moment_ns)):
            delivered_ns = self._delivered_ns[place]
            taken_ns = self._taken_ns[place] if place < len(self._taken_ns) else moment_ns
            waits.append(min(taken_ns, moment_ns) - delivered_ns)
            lateness.append(delivered_ns - self._pts_ns[place])
        syncs = [
            note.at_ns - note.began_ns
            for note in self._until(moment_ns)
            if note.what == "synced" and note.at_ns >= since_ns
        ]
        unevenness_ns = max(lateness, default=0) - min(lateness, default=0)
        return (unevenness_ns + max(waits) + max(syncs, default=0)) / NANOSECONDS

    def _until(self, moment_ns: int) -> Sequence[Note]:
        return self._notes[: bisect_right(self._moments, moment_ns)]
