"""Brings the mode in force: what is recorded now, by the settings, the time of day, the standing car, and by hand."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple, Protocol

from dashcam.clock import local_time, zone_of
from dashcam.errors import NotRecording
from dashcam.recorder.modes import Circumstances, choose_mode, span_at, why_not_looking
from dashcam.settings.timetable import parse_timetable

if TYPE_CHECKING:
    from datetime import datetime

    from dashcam.clock import WallClock
    from dashcam.link.status import ModeStatus
    from dashcam.settings import Settings
    from dashcam.settings.timetable import Span

log = logging.getLogger(__name__)


class Recording(Protocol):
    """What is switched on and off. Returns at once, whatever the card does."""

    def open_loop(self) -> None:
        """Clips from now on, with what the ring holds at their beginning."""

    def end_loop(self) -> threading.Event:
        """No more clips; set once the open one has its ordinary end."""

    def open_events(self) -> None:
        """The ring is filled, and triggers make events."""

    def end_events(self) -> threading.Event:
        """The running event ends and the ring is empty; set once the last clip has its ordinary end."""


class _Aim(NamedTuple):
    loop: bool
    events: bool


def _no_news() -> None:
    """The default where nobody waits for another mode."""


class ModeDuty:
    """`turn` is for the main thread; the others may be called by any. A lock is held for microseconds."""

    def __init__(
        self,
        settings: Settings,
        recording: Recording,
        *,
        clock: WallClock,
        stood_seconds: Callable[[], float | None],
        changed: Callable[[], None] = _no_news,
    ) -> None:
        """`changed` is called after another mode has come into force, or recording was started or stopped."""
        self._settings = settings
        self._recording = recording
        self._clock = clock
        self._stood_seconds = stood_seconds
        self._changed = changed
        self._lock = threading.RLock()
        self._timetable: tuple[Span, ...] = parse_timetable(settings.recording.timetable)
        self._overruled: Span | None = None
        self._is_against_off = False
        self._is_stopped_by_hand = False
        self._aim = _Aim(loop=False, events=False)
        self.is_wanted = settings.recording.autostart
        """False when recording is stopped by hand, or was to be started by hand and was not yet."""
        self.started_by_hand = False
        self.status: ModeStatus = self._choose()
        """The mode in force; what it records is recorded while `is_wanted`."""

    def take(self, settings: Settings) -> None:
        """Other settings. A mode that somebody has chosen just now counts at once, whatever was before."""
        with self._lock:
            before, self._settings = self._settings.recording, settings
            recording = settings.recording
            if recording.timetable != before.timetable:
                self._timetable, self._overruled = parse_timetable(recording.timetable), None
            if recording.mode != before.mode:
                self._overruled = span_at(self._timetable, self._local())
                # What is recorded from here on was begun by the choice, not by Start.
                self._is_against_off = self.started_by_hand = False
                if self._is_stopped_by_hand:
                    self.is_wanted, self._is_stopped_by_hand = True, False
        self.turn()

    def turn(self) -> None:
        """Sees what has changed: the time of day, the car. Costs nothing while nothing has."""
        with self._lock:
            if self._overruled is not None and self._overruled != span_at(self._timetable, self._local()):
                self._overruled = None
            chosen = self._choose()
            if chosen.mode != self.status.mode:
                log.info("mode %s: %s", chosen.mode, chosen.words)
            before = self.status, self._aim
            self.status = chosen
            self._apply()
            has_changed = before != (self.status, self._aim)
        if has_changed:
            self._changed()

    def start_by_hand(self) -> bool:
        """Records what the mode says, and everything where that is nothing. False when it does already."""
        with self._lock:
            if not self.is_idle:
                return False
            is_off = self.status.mode == "off"
            self.is_wanted = self.started_by_hand = True
            self._is_stopped_by_hand, self._is_against_off = False, is_off
        self.turn()
        return True

    def stop_by_hand(self) -> Sequence[threading.Event]:
        """Records nothing until started by hand, or until the mode is changed; all set once the last clip is closed.

        Raises NotRecording when nothing is recorded anyway.
        """
        with self._lock:
            if not self.is_wanted:
                raise NotRecording("recording is stopped already")
            if self.status.mode == "off":
                raise NotRecording("nothing is recorded: the mode is off")
            self.is_wanted, self._is_stopped_by_hand, self._is_against_off = False, True, False
            self.status = self._choose()
            ended = self._apply()
        self._changed()
        return ended

    @property
    def is_idle(self) -> bool:
        """True while nothing is recorded, nor would be whatever happens: the mode is off, or it was stopped."""
        return not self.is_wanted or self.status.mode == "off"

    @property
    def records_loop(self) -> bool:
        """True while clips follow each other; in mode park there are only events."""
        return self._aim.loop

    @property
    def records_events(self) -> bool:
        """True while triggers make events."""
        return self._aim.events

    @property
    def why_not_looking(self) -> str:
        """Why nobody is to look for motion now, in words; empty when somebody is."""
        return why_not_looking(self._settings.motion, self.status.mode, is_wanted=self.is_wanted)

    def _choose(self) -> ModeStatus:
        now = Circumstances(self._local(), self._stood_seconds(), self._overruled, self._is_against_off)
        return choose_mode(self._settings.recording, self._timetable, now)

    def _local(self) -> datetime | None:
        """None while the time is only guessed: by a wrong one nothing is switched off."""
        if not self._timetable:
            return None
        anchor = self._clock.anchor()
        if not anchor.is_trusted:
            return None
        now_ns = anchor.utc_ns_at(self._clock.monotonic_ns())
        return local_time(now_ns, zone_of(self._settings.clock.zone))

    def _apply(self) -> Sequence[threading.Event]:
        """What is set when that which ends now has its end."""
        mode = self.status.mode
        aim = _Aim(self.is_wanted and mode in ("drive", "watch"), self.is_wanted and mode != "off")
        before, self._aim = self._aim, aim
        # What begins, begins before what ends: from one to the other nothing goes missing.
        if aim.loop and not before.loop:
            self._recording.open_loop()
        if aim.events and not before.events:
            self._recording.open_events()
        ended = []
        if before.loop and not aim.loop:
            ended.append(self._recording.end_loop())
        if before.events and not aim.events:
            ended.append(self._recording.end_events())
        return ended
