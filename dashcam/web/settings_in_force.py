"""Saved settings on their way into force: the page's own here, the others by telling the other programs."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import ClassVar, NamedTuple

from dashcam.errors import AlreadyRunning, CameraError, DashcamError, LinkError, SettingsError
from dashcam.link.client import ask
from dashcam.link.messages import SettingsChanged, SettingsTaken
from dashcam.link.place import Program
from dashcam.settings import LoadedSettings, load_settings
from dashcam.settings.schema import WebSettings
from dashcam.web.settings_rules import address_refusal
from dashcam.web.visitor import Visitor

log = logging.getLogger(__name__)

_TELL_SECONDS = 5.0
# A camera may take its time to close, and to open again.
_REOPEN_SECONDS = 45.0
# With the time for telling, and for the camera, less than a page waits for an answer.
_TURN_SECONDS = 10.0
# Whose settings these are, sections or single ones; all others, and the exceptions, are the page's own.
_SETTINGS_OF: dict[Program, frozenset[str]] = {
    "recorder": frozenset({"camera", "recording", "photo", "preview", "clock", "gps", "stamp"}),
    "keeper": frozenset({"storage", "clock", "gps.speed_unit"}),
    "network": frozenset({"network", "shares"}),
}
_OF_THE_PAGE = frozenset({"preview.max_viewers"})


class SettingsBusy(AlreadyRunning):
    """Settings are being applied or saved by somebody else; nothing was done."""

    code: ClassVar[str] = "settings_busy"


class Taken(NamedTuple):
    """What became of saved settings: all as they are now, which wait, and the programs that have not taken theirs."""

    loaded: LoadedSettings
    pending: tuple[str, ...]
    absent: tuple[Program, ...]

    def is_later(self, name: str) -> bool:
        """True for a setting of a program that takes it once it is back."""
        names = {name, name.partition(".")[0]}
        return name not in _OF_THE_PAGE and any(names & _SETTINGS_OF[program] for program in self.absent)


class SettingsInForce:
    """The settings of the page, and what the other programs say of theirs. May be used from any thread.

    `listening` tells where the page is served, `move` serves it elsewhere and gives the new address; it raises
    AlreadyRunning or SettingsError when that cannot be. `took` is called with settings that were read anew.
    `never_moves`: it is served where systemd listens, whatever the settings say.
    """

    def __init__(
        self,
        state: Path,
        assignments: Sequence[str],
        *,
        took: Callable[[LoadedSettings], None],
        listening: Callable[[], WebSettings],
        move: Callable[[WebSettings, Visitor], str],
        recorder_pending: Callable[[], Sequence[str]],
        turn_seconds: float = _TURN_SECONDS,
        never_moves: bool = False,
    ) -> None:
        self.never_moves = never_moves
        self._state = state
        self._assignments = tuple(assignments)
        self._took = took
        self._listening = listening
        self._move = move
        self._recorder_pending = recorder_pending
        self._turn_seconds = turn_seconds
        self._lock = threading.Lock()  # one change after the other, each waited for with a limit

    @property
    def pending(self) -> tuple[str, ...]:
        """Full names of saved settings that wait for `apply_all`."""
        return (*self._recorder_pending(), *self._page_pending(self.reload()))

    def reload(self) -> LoadedSettings:
        """What the files and `--set` say now."""
        return load_settings(self._state, self._assignments)

    def without_saved(self) -> LoadedSettings:
        """What would count if the page had saved nothing."""
        return load_settings(None, self._assignments)

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Saving and taking of one after the other. Raises SettingsBusy when that is not soon."""
        if not self._lock.acquire(timeout=self._turn_seconds):
            raise SettingsBusy("Settings are just being applied; nothing was changed. Try again in a moment.")
        try:
            yield
        finally:
            self._lock.release()

    def take_saved(self) -> Taken:
        """Something was saved, within `turn`: whatever can comes into force, here and in the other programs."""
        loaded = self.reload()
        waiting, absent = self._tell_everyone(loaded, may_interrupt=False)
        return Taken(loaded, (*waiting, *self._page_pending(loaded)), absent)

    def apply_all(self, mover: Visitor) -> tuple[tuple[str, ...], str | None]:
        """Brings into force what waits. Gives what still does, and the page's new address if it has moved.

        Raises CameraError when the camera does not open like that (it goes on as before), LinkError when the recorder
        does not answer, AlreadyRunning or SettingsError when the page cannot be served there, or not for `mover`.
        """
        with self.turn():
            loaded = self.reload()
            waiting, absent = self._tell_everyone(loaded, may_interrupt=True)
            moved_to = self._move_page(loaded.settings.web, mover) if self._page_pending(loaded) else None
            if "recorder" in absent and not moved_to:
                raise LinkError("The recorder does not answer; what waits for it is in force once it is back.")
            return waiting, moved_to

    def _move_page(self, wanted: WebSettings, mover: Visitor) -> str:
        refusal = address_refusal(wanted.host, mover.called_at) if wanted.host != self._listening().host else ""
        if refusal:
            raise SettingsError(f"web.host: {refusal}")
        return self._move(wanted, mover)

    def _page_pending(self, loaded: LoadedSettings) -> tuple[str, ...]:
        if self.never_moves:
            return ()
        wanted, now = loaded.settings.web, self._listening()
        return tuple(
            f"web.{field}" for field in WebSettings.__struct_fields__ if getattr(wanted, field) != getattr(now, field)
        )

    def _tell_everyone(
        self, loaded: LoadedSettings, *, may_interrupt: bool
    ) -> tuple[tuple[str, ...], tuple[Program, ...]]:
        """Which settings wait, and which programs have not answered."""
        self._took(loaded)
        request = SettingsChanged(may_interrupt=may_interrupt)
        waiting: list[str] = []
        absent: list[Program] = []
        for program in _SETTINGS_OF:
            opens_camera = may_interrupt and program == "recorder"
            try:
                limit_seconds = _REOPEN_SECONDS if opens_camera else _TELL_SECONDS
                waiting += ask(self._state, program, request, SettingsTaken, limit_seconds).pending
            except CameraError:
                raise
            except DashcamError as error:
                # Not running, most likely: it reads them when it starts.
                log.info("the %s has not taken the settings: %s", program, error)
                absent.append(program)
        return tuple(waiting), tuple(absent)
