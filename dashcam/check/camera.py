"""The camera and its encoder, tried by recording a little to nowhere."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field

import msgspec

from dashcam.camera.base import CameraCallbacks, CameraFacts, Packet, Picture
from dashcam.camera.choose import open_camera
from dashcam.check.finding import ONLY_DRAWN, Finding
from dashcam.clock import NANOSECONDS
from dashcam.errors import CameraAbsent, DashcamError
from dashcam.link.messages import RecorderStatus
from dashcam.settings.bit_rate import FULL_HD_BITS_PER_SECOND, bits_per_second_for
from dashcam.settings.schema import CameraSettings, Settings
from dashcam.worker import Worker

# A Raspberry Pi's camera takes two to three seconds to its first picture; a webcam up to five.
_START_SECONDS = 20.0
_TRIAL_NANOSECONDS = 2 * NANOSECONDS
# A machine that is this much slower than real time would fall behind for good.
_TOLERATED_DELAY = 1.25


@dataclass(slots=True)
class _Trial:
    """Packets of one camera, until there is enough of them."""

    first: Packet | None = None
    last: Packet | None = None
    packets: int = 0
    bytes: int = 0
    first_at: float = 0.0
    last_at: float = 0.0
    error: Exception | None = None
    is_over: threading.Event = field(default_factory=threading.Event)

    def take_packet(self, packet: Packet) -> None:
        """Called by the camera's thread."""
        if self.is_over.is_set():
            return
        now = time.monotonic()
        if self.first is None:
            self.first, self.first_at = packet, now
        else:
            self.packets += 1
            self.bytes += len(packet.data)
        self.last, self.last_at = packet, now
        if packet.pts_ns - self.first.pts_ns >= _TRIAL_NANOSECONDS:
            self.is_over.set()

    def fail(self, error: Exception) -> None:
        """Called when the camera gives up."""
        self.error = error
        self.is_over.set()

    def media_seconds(self) -> float:
        """How much was recorded."""
        return (self.last.pts_ns - self.first.pts_ns) / NANOSECONDS if self.first and self.last else 0.0


def check_camera(settings: Settings) -> tuple[list[Finding], int]:
    """Opens the camera, lets it record for two seconds, closes it; also gives its bits a second, to judge the card.

    Where `dashcam run` would draw the synthetic drive instead of a camera, that is tried, for the encoder's sake.
    """
    found, bits_per_second = _check_camera(settings.camera, settings.preview.width)
    if not isinstance(found, CameraAbsent):
        return found, bits_per_second
    if settings.camera.kind != "auto":
        return [Finding("no", "camera", f"{found}")], bits_per_second
    words = f"{ONLY_DRAWN}: {str(found).removeprefix('no camera was found: ')}"
    pattern = msgspec.structs.replace(settings.camera, kind="pattern")
    drawn, _ = _check_camera(pattern, settings.preview.width)
    encoder = [] if isinstance(drawn, CameraAbsent) else [one for one in drawn if one.subject == "encoder"]
    # The card is judged by what a camera will want of it once there is one.
    return [Finding("no", "camera", words), *encoder], FULL_HD_BITS_PER_SECOND


def _check_camera(settings: CameraSettings, small_width: int) -> tuple[list[Finding] | CameraAbsent, int]:
    trial, facts_or_error = _Trial(), list[CameraFacts | DashcamError]()

    def record(_stop: threading.Event) -> None:
        facts_or_error.append(_recorded(settings, small_width, trial))

    worker = Worker("camera-check", record)
    worker.start()
    # Opening may hang with the hardware; then this thread is left behind, and the end of the program is its end.
    if not worker.stop(_START_SECONDS * 2) or not facts_or_error:
        words = "the camera hangs; unplug it and plug it in again, or start the machine anew"
        return [Finding("no", "camera", words)], FULL_HD_BITS_PER_SECOND
    outcome = facts_or_error[0]
    if isinstance(outcome, CameraAbsent):
        return outcome, FULL_HD_BITS_PER_SECOND
    if isinstance(outcome, DashcamError):
        return [Finding("no", "camera", str(outcome))], FULL_HD_BITS_PER_SECOND
    return _findings(outcome, trial, settings), _bits_per_second(outcome, trial, settings)


def findings_of_running(status: RecorderStatus) -> tuple[list[Finding], int]:
    """The same, told by a recorder that has the camera already."""
    camera = status.camera
    is_guarding = status.state == "guarding"
    if camera is None or not (status.is_recording or is_guarding):
        return [Finding("no", "camera", f"the recorder runs and does not record: {status.reason}")], (
            FULL_HD_BITS_PER_SECOND
        )
    does = "guarding" if is_guarding else "recording"
    words = f"{camera.description}, {camera.width}x{camera.height} at {camera.fps:g} frames/s, {does} now"
    lost = status.queue.dropped_frames
    encoder = f"{camera.encoder}; {status.frames_received} frames so far, {lost or 'none'} lost"
    bits = bits_per_second_for(camera.width, camera.height, camera.fps)
    if status.open_clip is not None and status.open_clip.seconds > 1:
        bits = int(status.open_clip.bytes * 8 / status.open_clip.seconds)
    return [Finding("ok", "camera", words), Finding("warn" if lost else "ok", "encoder", encoder)], bits


def _recorded(settings: CameraSettings, small_width: int, trial: _Trial) -> CameraFacts | DashcamError:
    callbacks = CameraCallbacks(
        packet=trial.take_packet, picture=_no_picture, wishes_pictures=_wishes_none, failed=trial.fail
    )
    try:
        opened = open_camera(settings, callbacks, small_width=small_width, or_pattern=False)
    except DashcamError as error:
        return error
    try:
        trial.is_over.wait(_START_SECONDS)
    finally:
        opened.camera.close()
    return opened.facts


def _findings(facts: CameraFacts, trial: _Trial, settings: CameraSettings) -> list[Finding]:
    if trial.error is not None:
        return [Finding("no", "camera", f"{facts.description} has failed: {trial.error}")]
    words = f"{facts.description}, {facts.width}x{facts.height} at {facts.fps:g} frames/s"
    if trial.packets == 0:
        return [Finding("no", "camera", f"{words}: no picture came; look at its cable, or start the machine anew")]
    return [Finding("ok", "camera", "; ".join((words, *facts.notes))), _encoder_finding(facts, trial, settings)]


def _encoder_finding(facts: CameraFacts, trial: _Trial, settings: CameraSettings) -> Finding:
    is_paced = facts.kind in ("replay", "pattern")
    due = trial.media_seconds() / (settings.speed if is_paced else 1.0)
    taken = trial.last_at - trial.first_at
    words = f"{facts.encoder}; {trial.packets} frames in {taken:.1f} s"
    if taken > due * _TOLERATED_DELAY:
        cure = "choose a smaller camera.width and height, or a lower camera.fps"
        return Finding("warn", "encoder", f"{words} instead of {due:.1f} s: too slow for this machine; {cure}")
    return Finding("ok", "encoder", words)


def _bits_per_second(facts: CameraFacts, trial: _Trial, settings: CameraSettings) -> int:
    """What a file replays with is what was measured; an encoder varies about what it was set to."""
    seconds = trial.media_seconds()
    measured = int(trial.bytes * 8 / seconds) if seconds else 0
    if facts.kind == "replay" and measured:
        return measured
    return max(bits_per_second_for(facts.width, facts.height, facts.fps, settings.bitrate), measured)


def _no_picture(_picture: Picture) -> None:
    """Nobody looks."""


def _wishes_none(_pts_ns: int) -> bool:
    return False
