"""Saved settings on their way into force: the page's own here, the others by telling recorder and keeper."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

from dashcam.errors import CameraError, DashcamError, SettingsError
from dashcam.link.client import ask
from dashcam.link.messages import SettingsChanged, SettingsTaken
from dashcam.link.place import Program
from dashcam.settings import LoadedSettings, load_settings
from dashcam.settings.schema import WebSettings
from dashcam.web.settings_rules import address_refusal
from dashcam.web.visitor import Visitor

log = logging.getLogger(__name__)

_PROGRAMS: tuple[Program, ...] = ("recorder", "keeper")
_TELL_SECONDS = 5.0
# A camera may take its time to close, and to open again.
_REOPEN_SECONDS = 45.0


class SettingsInForce:
    """The settings of the page, and what the other programs say of theirs. May be used from any thread.

    `listening` tells where the page is served, `move` serves it elsewhere and gives the new address; it raises
    AlreadyRunning or SettingsError when that cannot be. `took` is called with settings that were read anew.
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
    ) -> None:
        self._state = state
        self._assignments = tuple(assignments)
        self._took = took
        self._listening = listening
        self._move = move
        self._recorder_pending = recorder_pending
        self._lock = threading.Lock()  # one change after the other

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

    def take_saved(self) -> tuple[LoadedSettings, tuple[str, ...]]:
        """Something was saved: whatever can comes into force, here and in the other programs. Gives what waits, too."""
        with self._lock:
            loaded = self.reload()
            waiting = self._tell_everyone(loaded, may_interrupt=False, limit_seconds=_TELL_SECONDS)
            return loaded, (*waiting, *self._page_pending(loaded))

    def apply_all(self, mover: Visitor) -> tuple[tuple[str, ...], str | None]:
        """Brings into force what waits. Gives what still does, and the page's new address if it has moved.

        Raises CameraError when the camera does not open like that (it goes on as before), AlreadyRunning or
        SettingsError when the page cannot be served there, or not for `mover`.
        """
        with self._lock:
            loaded = self.reload()
            waiting = self._tell_everyone(loaded, may_interrupt=True, limit_seconds=_REOPEN_SECONDS)
            moved_to = self._move_page(loaded.settings.web, mover) if self._page_pending(loaded) else None
            return waiting, moved_to

    def _move_page(self, wanted: WebSettings, mover: Visitor) -> str:
        refusal = address_refusal(wanted.host, mover.called_at) if wanted.host != self._listening().host else ""
        if refusal:
            raise SettingsError(f"web.host: {refusal}")
        return self._move(wanted, mover)

    def _page_pending(self, loaded: LoadedSettings) -> tuple[str, ...]:
        wanted, now = loaded.settings.web, self._listening()
        return tuple(
            f"web.{field}" for field in WebSettings.__struct_fields__ if getattr(wanted, field) != getattr(now, field)
        )

    def _tell_everyone(self, loaded: LoadedSettings, *, may_interrupt: bool, limit_seconds: float) -> tuple[str, ...]:
        self._took(loaded)
        request = SettingsChanged(may_interrupt=may_interrupt)
        waiting: list[str] = []
        for program in _PROGRAMS:
            try:
                waiting += ask(self._state, program, request, SettingsTaken, limit_seconds).pending
            except CameraError:
                raise
            except DashcamError as error:
                # Not running, most likely: it reads them when it starts.
                log.info("the %s has not taken the settings: %s", program, error)
        return tuple(waiting)
