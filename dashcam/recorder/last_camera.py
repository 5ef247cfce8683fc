"""The camera settings that worked last, kept in the state: the recorder starts with them if what was saved since fails.

A change that nobody has tried, found to be bad at the next start in a car, must not cost the trip; one with which the
camera hangs or ends the process must not do so a second time. So it is noted before the camera is opened with it.
"""

from __future__ import annotations

import logging
import threading
from pathlib import Path

import msgspec

from dashcam.files import make_folders, write_durably
from dashcam.recorder.camera_duty import CameraWish
from dashcam.recorder.camera_trial import TrialOutcome
from dashcam.recorder.tuning import waiting_for_camera
from dashcam.settings import LoadedSettings
from dashcam.worker import Worker

log = logging.getLogger(__name__)

CAMERA_NAME = "camera.json"
# Who starts the engine a moment after the dashcam, or drives round the corner only, has not tried the settings out.
_MOST_STARTS = 3
# A card that stalls must not keep the camera closed.
_NOTE_SECONDS = 3.0


class CameraTrial(msgspec.Struct, frozen=True, kw_only=True):
    """Settings that have not proven themselves. `has_sent`: the camera has opened and sent something with them."""

    wish: CameraWish
    starts: int = 1
    has_sent: bool = False
    refusal: str = ""
    """Why the camera cannot be used with them, in words; empty while that is not known."""


class CameraMemory(msgspec.Struct, frozen=True, kw_only=True):
    """What worked last, and what was tried since."""

    worked: CameraWish | None = None
    trial: CameraTrial | None = None


def decode_memory(content: bytes) -> CameraMemory:
    """Raises msgspec.MsgspecError or UnicodeError when it is none."""
    return msgspec.json.decode(content, type=CameraMemory)


def encode_memory(memory: CameraMemory) -> bytes:
    """As it is written to the state."""
    return msgspec.json.encode(memory) + b"\n"


def doubt_about(trial: CameraTrial) -> str:
    """Why the camera is not to be opened like that without being asked, in words; empty when there is no reason."""
    if trial.refusal:
        return trial.refusal
    if not trial.has_sent:
        return "the recorder ended while it opened the camera with the new ones"
    if trial.starts >= _MOST_STARTS:
        return f"the recorder ended soon each of the {trial.starts} times that it began with the new ones"
    return ""


def trial_after(trial: CameraTrial, outcome: TrialOutcome) -> CameraTrial | None:
    """What is to be remembered of a trial; None when it says nothing about the settings."""
    match outcome.state:
        case "sends":
            return msgspec.structs.replace(trial, has_sent=True)
        case "refused":
            return msgspec.structs.replace(trial, refusal=outcome.reason or "it does not work with the new ones")
    return None


def _is_same(one: CameraWish, other: CameraWish) -> bool:
    """The name is for people: the camera is not opened with it."""
    nameless = msgspec.structs.replace(other.camera, name=one.camera.name)
    return (one.camera, one.small_width) == (nameless, other.small_width)


class LastCamera:
    """Reads at the start; `begin` is called in the camera's thread, the notes are taken in the bookkeeper's.

    A state that fails is tried again with the next note. Written is only what is new.
    """

    def __init__(self, state: Path) -> None:
        self._path = state / CAMERA_NAME
        self._memory = CameraMemory()
        # Two threads write the one file; nobody else waits for it.
        self._writing = threading.Lock()

    def differing_from(self, loaded: LoadedSettings) -> CameraWish | None:
        """What worked last, if page or boot file have changed it since; None when it is the same, or others want it."""
        try:
            self._memory = decode_memory(self._path.read_bytes())
        except (OSError, msgspec.MsgspecError, UnicodeError) as error:
            log.debug("no camera is remembered: %s", error)
        worked = self._memory.worked
        names = waiting_for_camera(loaded.settings, worked) if worked is not None else ()
        is_by_the_owner = bool(names) and all(loaded.origins.get(name) in ("saved", "boot") for name in names)
        return worked if is_by_the_owner else None

    def doubt(self, wish: CameraWish) -> str:
        """Why to begin with what worked last, in words; empty when this may be tried."""
        trial = self._memory.trial
        return doubt_about(trial) if trial is not None and _is_same(trial.wish, wish) else ""

    def begin(self, wish: CameraWish, former: CameraWish | None = None) -> None:
        """The camera is about to be opened with this; `former` is what it sends with until then.

        It is durable when it returns, unless the card takes too long.
        """
        writer = Worker("camera-trial", lambda _stop: self._begin(wish, former))
        writer.start()
        writer.stop(_NOTE_SECONDS)

    def _begin(self, wish: CameraWish, former: CameraWish | None) -> None:
        with self._writing:
            worked, known = self._memory.worked or former, self._memory.trial
            if worked is None or _is_same(worked, wish):
                return
            is_again = known is not None and _is_same(known.wish, wish) and not doubt_about(known)
            starts = known.starts + 1 if known is not None and is_again else 1
            self._write(CameraMemory(worked=worked, trial=CameraTrial(wish=wish, starts=starts)))

    def note(self, wish: CameraWish) -> None:
        """The camera has worked with this for a while."""
        with self._writing:
            trial = self._memory.trial
            is_proven = trial is not None and _is_same(trial.wish, wish)
            self._write(CameraMemory(worked=wish, trial=None if is_proven else trial))

    def note_outcome(self, outcome: TrialOutcome) -> None:
        """What became of what was begun last; of anything else it is not remembered."""
        with self._writing:
            trial = self._memory.trial
            if trial is not None and _is_same(trial.wish, outcome.wish):
                self._write(msgspec.structs.replace(self._memory, trial=trial_after(trial, outcome)))

    def _write(self, memory: CameraMemory) -> None:
        if memory == self._memory:
            return
        try:
            make_folders(self._path.parent)
            write_durably(self._path, encode_memory(memory))
        except OSError as error:
            log.debug("the camera's settings cannot be remembered: %s", error)
            return
        self._memory = memory
