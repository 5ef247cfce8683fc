"""How the recording stands, in words for the terminal. Pure functions of the status."""

from __future__ import annotations

from dashcam.clips.event import EventCause
from dashcam.link.messages import CameraStatus, GpsStatus, RecorderState, RecorderStatus
from dashcam.settings import readable

# For a reason that the recorder did not give itself.
_WORDS_OF_STATE: dict[RecorderState, str] = {
    "starting": "the camera is being started",
    "recording": "",
    "stopped": "stopped by hand; press Start recording on the page",
    "guarding": "",
    "off": "the mode is off; choose another one to record",
    "no_camera": "there is no camera",
    "camera_failed": "the camera has failed and is tried again",
    "no_card": "the data folder is gone",
    "card_full": "the card is full and nothing on it may be deleted",
    "card_read_only": "the card can only be read",
    "card_slow": "the card is too slow",
}
CAUSES: dict[EventCause, str] = {
    "motion": "motion",
    "button": "saved",
    "api": "saved",
    "hand": "saved",
    "impact": "impact",
}
NO_RECORDER = "the recorder is not running yet; it is being started"


# It does what it is to do, although nothing is recorded at this moment.
_AS_WISHED: tuple[RecorderState, ...] = ("starting", "guarding", "off")


def is_calm(status: RecorderStatus | None) -> bool:
    """True while it records, is about to, guards, or is switched off."""
    return status is not None and (status.is_recording or status.state in _AS_WISHED)


def reason_of(status: RecorderStatus | None) -> str:
    """Why it does not record."""
    if status is None:
        return NO_RECORDER
    return status.reason or _WORDS_OF_STATE[status.state]


def status_line(status: RecorderStatus | None, *, is_patient: bool = False) -> str:
    """The one calm line: state, clip time, camera, GPS where there is one, free space, lost frames.

    `is_patient`: a start is going on, and has not taken too long yet.
    """
    if status is None:
        return "Starting" if is_patient else f"NOT RECORDING: {NO_RECORDER}"
    parts = [_state_words(status)]
    if status.camera is not None:
        parts.append(f"{status.camera.description} {status.camera.width}x{status.camera.height}")
    if gps := _gps_words(status.gps):
        parts.append(gps)
    if status.card.total_bytes:
        parts.append(f"{readable(status.card.free_bytes)} free")
    # What came while nothing could be recorded is not lost to a slow card.
    if blames_card_for_losses(status):
        parts.append(frames_lost(status.queue.dropped_frames) or "no frame lost")
    return " · ".join((*parts, *(warning for warning in status.warnings if warning != status.reason)))


def blames_card_for_losses(status: RecorderStatus) -> bool:
    """True while frames that are lost now are lost because the card is slow, and for no other reason."""
    return status.is_recording or status.state in ("recording", "card_slow")


def _state_words(status: RecorderStatus) -> str:
    if not is_calm(status):
        return not_recording(status)
    if status.state == "guarding":
        return f"Guarding: {reason_of(status)}".removesuffix(": ")
    if status.state == "off":
        return not_recording(status)
    if not status.is_recording:
        reason = reason_of(status)
        return f"{reason[0].upper()}{reason[1:]}"
    if status.event is not None and status.mode.mode == "park":
        return f"● Recording an event ({CAUSES[status.event.cause]})  {_minutes(status.event.seconds)}"
    return f"● Recording  {_minutes(status.open_clip.seconds if status.open_clip else 0.0)}"


def not_recording(status: RecorderStatus | None) -> str:
    """That it does not record, and why: loud where something is wrong."""
    is_wished = status is not None and status.state == "off"
    return f"{'Not recording' if is_wished else 'NOT RECORDING'}: {reason_of(status)}"


def frames_lost(frames: int) -> str:
    """`12 frames lost`; empty when none was."""
    return f"{frames} frame{'s' if frames != 1 else ''} lost" if frames else ""


def camera_words(camera: CameraStatus) -> str:
    """`synthetic drive, 1280x720 at 30 frames/s, libx264 ultrafast`."""
    facts = f"{camera.description}, {camera.width}x{camera.height} at {camera.fps:g} frames/s, {camera.encoder}"
    return f"{facts} (no camera was found, so this is not the real world)" if camera.is_fallback else facts


def _gps_words(gps: GpsStatus) -> str:
    """Nothing for what only plays a drive: it is no news."""
    if not gps.is_connected or not gps.is_real:
        return ""
    return "GPS" if gps.status == "fix" else "no GPS fix"


def _minutes(seconds: float) -> str:
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"
