"""The one function that chooses a camera."""

from __future__ import annotations

import importlib
import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, cast

import msgspec

from dashcam.camera.base import Camera, CameraCallbacks, CameraFacts
from dashcam.errors import CameraAbsent
from dashcam.settings.schema import CameraSettings

log = logging.getLogger(__name__)

# Module and class of each kind. Imported only when it is its turn: some need libraries that are not everywhere.
_KINDS = {
    "picamera": ("dashcam.camera.picamera", "PiCamera"),
    "usb": ("dashcam.camera.usb", "UsbCamera"),
    "replay": ("dashcam.camera.replay", "ReplayCamera"),
    "pattern": ("dashcam.camera.pattern", "PatternCamera"),
}
_AUTOMATIC = ("picamera", "usb")

Maker = Callable[[CameraSettings, CameraCallbacks, int], Camera]


@dataclass(frozen=True, slots=True)
class OpenedCamera:
    """A started camera. `is_fallback`: none was found, and the synthetic drive stands in."""

    camera: Camera
    facts: CameraFacts
    is_fallback: bool


def open_camera(
    settings: CameraSettings, callbacks: CameraCallbacks, *, small_width: int, or_pattern: bool
) -> OpenedCamera:
    """Starts the camera that the settings ask for; packets may come before this returns.

    `camera.kind=auto` takes a Raspberry Pi camera, else a webcam, else, only with `or_pattern`, the synthetic drive.
    Raises CameraAbsent, naming what was tried and the cure, when there is none; CameraError when one is there and
    fails: that is never covered up by another.
    """
    if settings.kind != "auto":
        return _start(settings.kind, settings, callbacks, small_width)
    absences = []
    for kind in _AUTOMATIC:
        try:
            return _start(kind, settings, callbacks, small_width)
        except CameraAbsent as absence:
            absences.append(str(absence))
    if or_pattern:
        return _stand_in(settings, callbacks, small_width, absences)
    raise CameraAbsent(
        f"no camera was found: {'; '.join(absences)}. Connect one, or draw the synthetic drive with camera.kind=pattern"
    )


def _stand_in(
    settings: CameraSettings, callbacks: CameraCallbacks, small_width: int, absences: list[str]
) -> OpenedCamera:
    log.warning("no camera was found, the synthetic drive stands in: %s", "; ".join(absences))
    return replace(_start("pattern", settings, callbacks, small_width), is_fallback=True)


def _start(kind: str, settings: CameraSettings, callbacks: CameraCallbacks, small_width: int) -> OpenedCamera:
    module, name = _KINDS[kind]
    try:
        maker = cast(Maker, _attribute(module, name))
        camera = maker(msgspec.structs.replace(settings, kind=kind), callbacks, small_width)
        facts = camera.start()
    except ImportError as error:
        raise CameraAbsent(f"{kind}: its software is not installed here ({error})") from error
    log.info("%s, %dx%d at %g frames/s, %s", facts.description, facts.width, facts.height, facts.fps,
             facts.encoder)  # fmt: skip
    for note in facts.notes:
        log.info("%s", note)
    return OpenedCamera(camera, facts, is_fallback=False)


def _attribute(module: str, name: str) -> Any:
    return getattr(importlib.import_module(module), name)
