"""`dashcam record` as a child process that replays the steady stream onto a card, and is asked over its link."""

from __future__ import annotations

import threading
from pathlib import Path
from types import TracebackType
from typing import Self

from dashcam.link import messages as m
from tests.endurance.child_process import dashcam_process
from tests.recorder.asked import AskedRecorder


class CardRecorder(AskedRecorder):
    """Runs from entering to leaving the context; leaving it without `stop` kills it."""

    def __init__(
        self, data: Path, stream: Path, log: Path, *settings: str, speed: float = 1.0, segment_seconds: float = 2.0
    ) -> None:
        super().__init__(data / ".state")
        self._data = data
        self._log = log
        self._options = [
            "--set=camera.kind=replay",
            f"--set=camera.source={stream}",
            f"--set=camera.speed={speed}",
            f"--set=recording.segment_seconds={segment_seconds}",
            *(f"--set={setting}" for setting in settings),
        ]

    def __enter__(self) -> Self:
        self._process = dashcam_process("record", self._data, self._log, *self._options)
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self._process.kill()

    @property
    def has_ended(self) -> bool:
        """True when its process is gone."""
        return not self._process.is_alive

    def wait_for_state(self, state: m.RecorderState) -> m.RecorderStatus:
        """The first status in this state."""
        return self.wait_for(lambda status: status.state == state, state)

    def record_more(self, frames: int) -> m.RecorderStatus:
        """Waits until so many more frames are in clips."""
        return self.wait_until_recording(self.status().frames_written + frames)

    def stop(self) -> list[str]:
        """Ends it as a supervisor does; gives what was wrong with that."""
        code = self.exit_code()
        return [] if code == 0 else [f"the recorder ended with {code}: {self.last_words()}"]

    def exit_code(self) -> int:
        """Ends it if it has not ended by itself."""
        return self._process.stop()

    def last_words(self) -> str:
        """The end of its log."""
        return self._log.read_text(errors="replace")[-500:]


def pause(seconds: float) -> None:
    """Lets time pass: for what is told to last so long."""
    threading.Event().wait(seconds)
