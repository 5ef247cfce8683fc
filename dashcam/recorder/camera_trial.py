"""Other settings for the camera: on their way to it, and what became of them."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from dashcam.recorder.camera_duty import CameraWish


class CameraChange:
    """A wish on its way. `done` is set when the camera was opened with it; or was not, and `refusal` says why."""

    def __init__(self, wish: CameraWish) -> None:
        self.wish = wish
        self.done = threading.Event()
        self.refusal = ""


@dataclass(frozen=True, slots=True)
class TrialOutcome:
    """What became of settings that had not proven themselves when the camera was opened with them.

    `innocent`: it does not work, but not because of them.
    """

    wish: CameraWish
    state: Literal["sends", "refused", "innocent"]
    reason: str = ""


def nothing_to_note(_wish: CameraWish, _former: CameraWish | None) -> None:
    """For whoever keeps no memory of what was tried."""
