"""This start of the recorder among those before it: when it reached what, and whether its settings may be used."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from dashcam.clock import NANOSECONDS, Anchor, utc_text
from dashcam.recorder.safe_mode import SafeMode
from dashcam.system.boot_marks import BootMarks

if TYPE_CHECKING:
    from dashcam.options import ProgramOptions


class Starts:
    """Marks may be set by any thread; the bookkeeper's writes them."""

    def __init__(self, options: ProgramOptions) -> None:
        self.safe_mode = SafeMode(options)
        self._marks = BootMarks(options.state, "recorder", settings=self.safe_mode.settings_mark)
        self._marks.mark("imported")

    def has_recorded(self) -> None:
        """Video is on the card."""
        self._marks.mark("durable")

    def note(self, boot: int, anchor: Anchor, camera_opened_at: float) -> None:
        """Writes what is news. `camera_opened_at`: by time.monotonic; 0 before it has been."""
        if camera_opened_at:
            self._marks.mark("camera", time.monotonic() - camera_opened_at)
        self._marks.write(boot=boot, utc=lambda: self._started_utc(anchor))

    def has_ended(self) -> None:
        """In good order; nothing is recorded any more, so it may take its time."""
        self._marks.mark("ended")
        self._marks.write()

    def _started_utc(self, anchor: Anchor) -> str:
        if not anchor.is_trusted:
            return ""
        return utc_text(anchor.utc_ns_at(time.monotonic_ns() - round(self._marks.age_seconds * NANOSECONDS)))
