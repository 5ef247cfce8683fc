"""Settings that change while it records: what comes into force at once, and what waits until the camera may be closed.

Called in the links' threads: it hands over, and the thread whose part it is does it. Nothing here stops the recording.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from dashcam.errors import CameraError
from dashcam.recorder.camera_duty import CameraWish
from dashcam.settings import LoadedSettings, bytes_of
from dashcam.settings.quantity import QUEUE_WHOLE_BYTES
from dashcam.settings.schema import CameraSettings, Settings

if TYPE_CHECKING:
    from dashcam.recorder.camera_duty import CameraDuty
    from dashcam.recorder.card import Card
    from dashcam.recorder.moments import Moments
    from dashcam.recorder.packet_queue import PacketQueue
    from dashcam.recorder.preview import Preview
    from dashcam.recorder.safe_mode import SafeMode
    from dashcam.recorder.stamping import Stamping
    from dashcam.recorder.timekeeper import Timekeeper
    from dashcam.recorder.writer import ClipWriter

log = logging.getLogger(__name__)

# A camera may take its time to close and to open, twice if it has to go back.
_REOPEN_SECONDS = 40.0
# Not so with one that is not open: whoever saves settings does not wait for it.
_OPEN_SECONDS = 2.0
_OF_THE_CAMERA = tuple(field for field in CameraSettings.__struct_fields__ if field != "name")


def waiting_for_camera(settings: Settings, wish: CameraWish) -> tuple[str, ...]:
    """Full names of the settings that differ from what the camera was opened with."""
    names = [
        f"camera.{name}" for name in _OF_THE_CAMERA if getattr(settings.camera, name) != getattr(wish.camera, name)
    ]
    if settings.preview.width != wish.small_width:
        names.append("preview.width")
    return tuple(names)


class Tuning:
    """The settings of a running recorder. `loaded` may be read by any thread."""

    def __init__(
        self,
        *,
        queue: PacketQueue,
        writer: ClipWriter,
        card: Card,
        moments: Moments,
        clock: Timekeeper,
        stamping: Stamping,
        preview: Preview,
        duty: CameraDuty,
        safe_mode: SafeMode,
    ) -> None:
        self.safe_mode = safe_mode
        self.loaded: LoadedSettings = safe_mode.loaded
        self._queue = queue
        self._writer = writer
        self._card = card
        self._moments = moments
        self._clock = clock
        self._stamping = stamping
        self._preview = preview
        self._duty = duty
        self.followers: list[Callable[[Settings], None]] = []
        """What is told new settings, too; filled before anything runs."""
        self._reading = threading.Lock()  # of the files and what follows at once: milliseconds
        self._camera_turn = threading.Lock()  # held while a camera opens, so nobody waits for it without a limit

    @property
    def settings(self) -> Settings:
        """As they are saved; of the camera some may wait."""
        return self.loaded.settings

    @property
    def pending(self) -> tuple[str, ...]:
        """Full names of the settings that wait until the camera may be closed."""
        return waiting_for_camera(self.settings, self._duty.wish)

    @property
    def warnings(self) -> tuple[str, ...]:
        """What is wrong with the settings, in words."""
        found = [self.safe_mode.words, *(f"settings: {mistake}" for mistake in self.loaded.mistakes)]
        if self.pending:
            found.append(self._duty.refusal)
        return tuple(words for words in found if words)

    def take(self, *, may_interrupt: bool) -> tuple[str, ...]:
        """Reads the settings anew and brings into force what can be; gives what waits.

        Raises CameraError when the camera was to be opened anew and goes on with the former settings.
        """
        with self._reading:
            before, self.loaded = self.loaded, self.safe_mode.reload()
            if self.loaded != before:
                self._take_at_once(self.settings)
        if self.pending and (may_interrupt or self._duty.running is None):
            self._change_camera_in_turn(is_waited_for=may_interrupt)
        return self.pending

    def _change_camera_in_turn(self, *, is_waited_for: bool) -> None:
        if not self._camera_turn.acquire(timeout=_OPEN_SECONDS):
            if is_waited_for:
                raise CameraError("settings of the camera are just being applied; try again in a moment")
            return
        try:
            # Whoever was before may have applied these, too.
            if self.pending:
                self._change_camera(is_waited_for=is_waited_for)
        finally:
            self._camera_turn.release()

    def _take_at_once(self, settings: Settings) -> None:
        self._queue.limit_bytes = bytes_of(settings.recording.queue, QUEUE_WHOLE_BYTES)
        self._writer.take(settings)
        self._card.take_zone(settings.clock.zone)
        self._moments.take_zone(settings.clock.zone)
        self._clock.take(settings.clock.machine)
        self._stamping.take(settings)
        self._preview.take(settings.preview)
        for follower in self.followers:
            follower(settings)
        log.info("settings were read anew%s", f"; {', '.join(self.pending)} must wait" if self.pending else "")

    def _change_camera(self, *, is_waited_for: bool) -> None:
        log.info("the camera is opened anew: %s", ", ".join(self.pending))
        change = self._duty.change(CameraWish.of(self.settings))
        has_come = change.done.wait(_REOPEN_SECONDS if is_waited_for else _OPEN_SECONDS)
        if is_waited_for and not has_come:
            raise CameraError("the camera takes long to open; the new settings are in force as soon as it has")
        if is_waited_for and change.refusal:
            raise CameraError(change.refusal)
