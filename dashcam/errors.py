"""The named errors of the dashcam. Every message says what is wrong and what cures it.

`code` is the word that crosses links and the web; the web maps it to an HTTP status in one place.
"""

from __future__ import annotations

from typing import ClassVar


class DashcamError(Exception):
    """Anything the dashcam itself reports as wrong; the message is fit to be shown to the driver."""

    code: ClassVar[str] = "error"


class BadRequest(DashcamError):
    """What was asked for cannot be understood or is out of its limits."""

    code = "bad_request"


class SettingsError(DashcamError):
    """One or more settings are unknown or out of their limits; the message lists them all."""

    code = "bad_settings"


class CameraError(DashcamError):
    """The camera failed, or cannot do what was asked of it."""

    code = "camera_failed"


class CameraAbsent(CameraError):
    """There is no such camera on this machine, or nobody may open it."""

    code = "no_camera"


class GpsError(DashcamError):
    """The GPS receiver that was asked for can never work so; the recording goes on without."""

    code = "gps_failed"


class SensorError(DashcamError):
    """A button or another sensor cannot be used; everything else goes on without."""

    code = "sensor_failed"


class CardError(DashcamError):
    """The card (the folder that holds DCIM) cannot be written to or read from."""

    code = "card_failed"


class CardFull(CardError):
    """No space is left and nothing may be deleted."""

    code = "card_full"


class NotRecording(DashcamError):
    """The request needs a running recording and there is none."""

    code = "not_recording"


class ClipNotFound(DashcamError):
    """No clip or photo has this id (it may have been deleted meanwhile)."""

    code = "not_found"


class ClipBusy(DashcamError):
    """The clip is still being recorded; what was asked is possible once it is closed."""

    code = "clip_busy"


class BadMedia(DashcamError):
    """A file on the card is not what its name says, or is damaged beyond repair."""

    code = "bad_media"


class AlreadyRunning(DashcamError):
    """Another dashcam already works on this folder, port or socket."""

    code = "already_running"


class LinkError(DashcamError):
    """The other program does not answer: not started yet, restarting, or hung."""

    code = "unreachable"


class NetworkError(DashcamError):
    """Wi-Fi or a share cannot do what was asked of it."""

    code = "network_trouble"


class TooManyViewers(DashcamError):
    """The live view has as many viewers as it may have."""

    code = "too_many_viewers"


def _all_classes(base: type[DashcamError]) -> list[type[DashcamError]]:
    return [base, *(found for child in base.__subclasses__() for found in _all_classes(child))]


def error_from_code(code: str, message: str) -> DashcamError:
    """The error whose class has `code`; what came over a link is raised again as what it was."""
    for error_class in _all_classes(DashcamError):
        if error_class.code == code:
            return error_class(message)
    return DashcamError(message)
