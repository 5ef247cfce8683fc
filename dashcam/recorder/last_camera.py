"""The camera settings that worked last, kept in the state: the recorder starts with them if what was saved since fails.

A change that nobody has tried, found to be bad at the next start in a car, must not cost the trip.
"""

from __future__ import annotations

import logging
from pathlib import Path

import msgspec

from dashcam.files import make_folders, write_durably
from dashcam.recorder.camera_duty import CameraWish
from dashcam.recorder.tuning import waiting_for_camera
from dashcam.settings import LoadedSettings

log = logging.getLogger(__name__)

_NAME = "camera.json"


class LastCamera:
    """Reads at the start; `note` is called in the bookkeeper's thread, and writes only what is new."""

    def __init__(self, state: Path) -> None:
        self._path = state / _NAME
        self._noted: CameraWish | None = None

    def differing_from(self, loaded: LoadedSettings) -> CameraWish | None:
        """What worked last, if the page has changed it since; None when it is the same, or others have a say in it."""
        try:
            self._noted = msgspec.json.decode(self._path.read_bytes(), type=CameraWish)
        except (OSError, msgspec.MsgspecError, UnicodeError) as error:
            log.debug("no camera is remembered: %s", error)
            return None
        names = waiting_for_camera(loaded.settings, self._noted)
        is_by_the_page = bool(names) and all(loaded.origins.get(name) == "saved" for name in names)
        return self._noted if is_by_the_page else None

    def note(self, wish: CameraWish) -> None:
        """The camera has worked with this for a while. A state that fails is tried again."""
        if wish == self._noted:
            return
        try:
            make_folders(self._path.parent)
            write_durably(self._path, msgspec.json.encode(wish))
        except OSError as error:
            log.debug("the camera's settings cannot be remembered: %s", error)
            return
        self._noted = wish
