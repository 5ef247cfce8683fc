"""One recording on a logged card, and the states that a power cut at any moment of it could have left behind."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import msgspec

from tests.endurance.cuts import Cut, Promises, choose_cuts
from tests.endurance.disk_log import CrashedDisk, DiskLog, read_log
from tests.endurance.event_check import happened_in
from tests.endurance.logged_card import DamagedCard, LoggedCard, mend_file_system, mounted
from tests.endurance.notes import Note
from tests.endurance.power_check import CardState, StateCheck
from tests.endurance.power_truth import TrueClip, true_clips
from tests.endurance.receivers import Receiver
from tests.endurance.recorder_process import RecorderProcess
from tests.endurance.repairs import RepairSample
from tests.endurance.watched_recorder import Without

_RECORDING_LIMIT_SECONDS = 600.0
# Every so many states the keeper works on the card too.
_STATES_BETWEEN_REPAIRS = 10
_STATES_BETWEEN_WORDS = 25


class PowerCutReport(msgspec.Struct, kw_only=True):
    """What all cuts of one recording left behind."""

    without: Without
    receiver: Receiver = "off"
    clips: int
    records: int
    flushes: int
    states: int = 0
    phases: dict[str, int] = {}
    seconds_short: list[float] = []
    seconds_behind: list[float] = []
    events: int = 0
    event_seconds_short: list[float] = []
    unfinished: int = 0
    torn: int = 0
    repaired: int = 0
    wrong_states: int = 0
    wrong: list[str] = []
    """In the states and after repairs, in words."""

    def summary(self) -> str:
        """The figures in words."""
        phases = ", ".join(f"{count} {phase}" for phase, count in sorted(self.phases.items()))
        return (
            f"receiver {self.receiver}: {self.clips} clips, "
            f"{self.records} writes and flushes ({self.flushes} flushes); {self.states} states "
            f"({phases}); missing: median {median(self.seconds_short):.2f} s, worst {max(self.seconds_short):.2f} s "
            f"(machine behind: worst {max(self.seconds_behind):.2f} s); {self.unfinished} clips unfinished, "
            f"{self.torn} of them torn, {self.repaired} repaired; "
            f"{self._of_events()}{self.wrong_states} states are wrong"
        )

    def _of_events(self) -> str:
        seconds = self.event_seconds_short
        if not seconds:
            return ""
        return (
            f"{self.events} events, missing of the newest: median {median(seconds):.2f}, worst {max(seconds):.2f} s; "
        )


@dataclass(frozen=True, slots=True)
class Recording:
    """A recording that ended well, and everything that the disk did for it."""

    image: bytes
    log: DiskLog
    notes: list[Note]
    clips: list[TrueClip]


def record(
    work: Path, clips: int, segment_seconds: float, without: Without, receiver: Receiver, *, with_events: bool
) -> Recording:
    """Records so many clips, those of events with them, and the begin of one more on a fresh card."""
    card = LoggedCard(work)
    with card.mounted() as folder:
        with RecorderProcess(
            folder,
            work / "log",
            segment_seconds=segment_seconds,
            without=without,
            receiver=receiver,
            with_events=with_events,
        ) as recorder:
            recorder.notes.wait_for(clips, lambda note: note.what == "finished", _RECORDING_LIMIT_SECONDS)
            recorder.stop()
            notes = recorder.notes.close()
        truth = true_clips(folder)
    return Recording(card.image.read_bytes(), read_log(card.log_file()), notes, truth)


class PowerCuts:
    """Cuts the power again and again."""

    def __init__(self, work: Path, recording: Recording, seed: int) -> None:
        self._work = work
        self._recording = recording
        self._chance = random.Random(seed)
        self._check = StateCheck(recording.clips, Promises(recording.notes), happened_in(recording.notes))

    def cut(self, states: int, report: PowerCutReport, tell: Callable[[str], None]) -> None:
        """Makes `states` states, looks at each and adds them to the report."""
        disk = CrashedDisk(self._recording.image, self._recording.log)
        cuts = choose_cuts(self._recording.log, self._recording.notes, states, self._chance)
        sample = RepairSample(self._work)
        for number, cut in enumerate(cuts, 1):
            with_repair = number % _STATES_BETWEEN_REPAIRS == 0 and report.without == "nothing"
            image = self._work / "state"
            image.write_bytes(disk.state(cut.position, cut.survival, self._chance))
            state = self._look(image, cut, sample if with_repair else None)
            _add(report, state)
            if state.wrong:
                tell(f"{cut}: {len(state.wrong)} things are wrong, the first: {state.wrong[0]}")
            if number % _STATES_BETWEEN_WORDS == 0:
                tell(f"{number} of {states} states, {report.wrong_states} wrong")
        sample.finish()
        report.repaired = sample.repaired
        report.wrong.extend(sample.wrong)
        for text in sample.wrong:
            tell(text)

    def _look(self, image: Path, cut: Cut, sample: RepairSample | None) -> CardState:
        try:
            mend_file_system(image)
            with mounted(image, self._work / "mounted") as card:
                state = self._check.look_at(card, cut)
                if sample is not None:
                    sample.add(card, state.unfinished, str(cut))
        except DamagedCard as error:
            state = CardState(cut, wrong=[str(error)])
        return state


def _add(report: PowerCutReport, state: CardState) -> None:
    report.states += 1
    report.phases[state.cut.phase] = report.phases.get(state.cut.phase, 0) + 1
    report.seconds_short.append(state.seconds_short)
    report.seconds_behind.append(state.seconds_behind)
    if state.event_seconds_short is not None:
        report.event_seconds_short.append(state.event_seconds_short)
    report.unfinished += len(state.unfinished)
    report.torn += sum(clip.opened.is_torn for clip in state.unfinished)
    report.wrong_states += bool(state.wrong)
    report.wrong.extend(f"{state.cut}: {text}" for text in state.wrong)
