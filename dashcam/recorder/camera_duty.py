"""Keeps a camera running: opens it, watches it, closes and opens it anew, and says when only a new process helps."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, Self

from dashcam.camera.base import Camera, CameraCallbacks, CameraFacts, Picture
from dashcam.camera.choose import OpenedCamera, open_camera
from dashcam.camera.fanout import Fanout
from dashcam.errors import CameraAbsent, CameraError
from dashcam.recorder.camera_trial import CameraChange, TrialOutcome, nothing_to_note
from dashcam.recorder.packet_gate import PacketGate, PulseSink
from dashcam.recorder.packet_queue import CameraQueue, EndClip, NewFormat
from dashcam.recorder.pictures import Taker
from dashcam.recorder.trouble import Trouble
from dashcam.recorder.watch import PacketPulse
from dashcam.settings import Settings
from dashcam.settings.schema import CameraSettings
from dashcam.worker import Worker

log = logging.getLogger(__name__)

# Pauses before a camera is tried again: quick for one that hiccups, calm for one that is not there.
_RETRY_SECONDS = (1.0, 2.0, 4.0, 8.0, 10.0)
# A camera that fails this often in a row, each time before it ran for _STEADY_SECONDS, needs a new process.
_HOPELESS_FAILURES = 5
_STEADY_SECONDS = 30.0
_CLOSE_SECONDS = 8.0
_END_CLIP_SECONDS = 3.0
# Without `wake` it sees after so long that it is to stop.
_LOOK_SECONDS = 2.0
CHANGING = Trouble("starting", "the camera is opened anew with other settings; that takes a second or two")


@dataclass(frozen=True, slots=True)
class CameraWish:
    """What a camera is opened with."""

    camera: CameraSettings
    small_width: int

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """The part of the settings that only a camera opened anew knows."""
        return cls(settings.camera, settings.preview.width)


@dataclass(frozen=True, slots=True)
class Running:
    """The camera in use."""

    camera: Camera
    facts: CameraFacts
    is_fallback: bool
    wish: CameraWish
    """What it was opened with."""

    @property
    def speed(self) -> float:
        """Its seconds in one of ours."""
        return self.wish.camera.speed


class CameraOpener(Protocol):
    """`dashcam.camera.choose.open_camera`, or what a test puts in its place."""

    def __call__(
        self, settings: CameraSettings, callbacks: CameraCallbacks, *, small_width: int, or_pattern: bool
    ) -> OpenedCamera:
        """Starts a camera. Raises CameraAbsent or CameraError."""


class CameraDuty:
    """Owns the camera. `work` is its thread; others read `running` and `trouble`."""

    def __init__(
        self,
        settings: Settings,
        queue: CameraQueue,
        pictures: Taker,
        *,
        or_pattern: bool,
        end_process: Callable[[str], None],
        open_camera: CameraOpener = open_camera,
        begin_trial: Callable[[CameraWish, CameraWish | None], None] = nothing_to_note,
    ) -> None:
        """`begin_trial(wish, former)` notes durably what is to be tried now, and what the camera sends with so far."""
        self._open_camera = open_camera
        self._begin_trial = begin_trial
        self.wish = CameraWish.of(settings)
        """What the camera is, or is to be, opened with."""
        self.refusal = ""
        """Why the camera is not what was wished for last, in words; empty when it is."""
        self._former: CameraWish | None = None
        self._doubted: CameraWish | None = None
        self._outcome: TrialOutcome | None = None
        # Guards the three that other threads leave for this one.
        self._lock = threading.Lock()
        self._change: CameraChange | None = None
        self._failure: str | None = None
        self._is_over = False
        # Somebody wants something; `_news`: or the camera has failed.
        self._asked = threading.Event()
        self._news = threading.Event()
        self._queue = queue
        self._pictures = pictures
        self._or_pattern = or_pattern
        self._end_process = end_process
        self._failures = 0
        self._has_worked = False
        self._clip_ended = threading.Event()
        self.opening_since: float | None = None
        self.opened_at = 0.0
        self.pulse = PacketPulse()
        self.running: Running | None = None
        self.trouble: Trouble | None = None

    def fail(self, reason: str) -> None:
        """The camera is of no use any more: it is closed and opened anew. Any thread may call it."""
        with self._lock:
            self._failure = reason
        self._news.set()

    def change(self, wish: CameraWish) -> CameraChange:
        """Has the camera closed and opened anew with another wish. Any thread may call it, and need not wait."""
        change = CameraChange(wish)
        with self._lock:
            overtaken, self._change = (change, None) if self._is_over else (self._change, change)
        if overtaken is not None:
            overtaken.done.set()
        self.wake()
        return change

    def wake(self) -> None:
        """Makes the thread see at once that it is to stop, or to do something else."""
        self._asked.set()
        self._news.set()

    def work(self, stop: threading.Event) -> None:
        """The thread's loop."""
        failed_openings = 0
        while not self._is_to_stop(stop):
            change, failure = self._what_others_left()
            if change is not None:
                failed_openings = 0
                self._take_change(change)
            elif self.running is None:
                if not self._open_somehow():
                    failed_openings += 1
                    self._pause(failed_openings)
            elif failure is not None:
                failed_openings = 0
                self._recover(failure)
                # The first time at once: most hiccups are over when they are noticed.
                self._pause(self._failures - 1)
            else:
                self._news.wait(_LOOK_SECONDS)
        self._close()
        with self._lock:
            self._is_over = True
        change, _ = self._what_others_left()
        if change is not None:
            change.done.set()

    def _is_to_stop(self, stop: threading.Event) -> bool:
        """What comes after this look is heard by the next wait."""
        self._asked.clear()
        self._news.clear()
        return stop.is_set()

    def _what_others_left(self) -> tuple[CameraChange | None, str | None]:
        with self._lock:
            change, self._change = self._change, None
            failure, self._failure = self._failure, None
        return change, failure

    def start_from(self, former: CameraWish | None, doubt: str = "") -> None:
        """Before `work`: what worked before what is wished for. `doubt`: why it is to be used instead of that."""
        if former is None or not doubt:
            self._former = former
            return
        self._doubted, self.wish = self.wish, former
        why = doubt.rstrip(".")
        self.refusal = f"The camera goes on with the former settings: {why}. Apply the new ones to try them again."
        log.warning("%s", self.refusal)

    @property
    def proven(self) -> CameraWish | None:
        """What the camera has run with for a while now; None before."""
        running = self.running
        is_steady = running is not None and time.monotonic() - self.opened_at > _STEADY_SECONDS
        return running.wish if running is not None and is_steady and self.pulse.packets else None

    @property
    def outcome(self) -> TrialOutcome | None:
        """What is known of the latest trial by now."""
        known, running = self._outcome, self.running
        if known is None and running is not None and self.pulse.packets:
            return TrialOutcome(running.wish, "sends")
        return known

    def _open_somehow(self) -> bool:
        """With the wish, or with what worked before it; if that does not help it was not to blame."""
        wish = self.wish
        if self._former is not None:
            self._begin_trial(wish, None)
        if self._open():
            self._doubted = None
        elif self._former is not None:
            if self._go_back(self._reason) and not self.running:
                self.wish, self.refusal = wish, ""
        elif self._doubted is not None and not self._is_absent:
            self.wish, self._doubted, self.refusal = self._doubted, None, ""
        return self.running is not None

    def _pause(self, failures: int) -> None:
        if failures > 0:
            self._asked.wait(_RETRY_SECONDS[min(failures, len(_RETRY_SECONDS)) - 1])

    def _take_change(self, change: CameraChange) -> None:
        """Opens the camera with the new wish, or with the former one again if it does not open like that."""
        running = self.running
        self._former = running.wish if running is not None else None
        self._outcome = None
        self._begin_trial(change.wish, self._former if self.pulse.packets else None)
        if running is not None:
            self.trouble = CHANGING
        self._close()
        self.wish, self.refusal, self._doubted, self._failures = change.wish, "", None, 0
        if not self._open() and not self._go_back(self._reason):
            self._outcome = TrialOutcome(change.wish, "innocent")
        change.refusal = self.refusal
        change.done.set()

    @property
    def _reason(self) -> str:
        return self.trouble.reason if self.trouble else ""

    @property
    def _is_absent(self) -> bool:
        return self.trouble is not None and self.trouble.state == "no_camera"

    def _go_back(self, reason: str) -> bool:
        """True when there are former settings, with which the camera was in order."""
        former, self._former = self._former, None
        if former is None:
            return False
        tried, is_absent = self.wish, self._is_absent
        self.wish, self._failures = former, 0
        self.refusal = f"The camera cannot be used with the new settings, so it goes on with the former ones: {reason}"
        log.error("%s", self.refusal)
        is_to_blame = self._open() and not is_absent
        self._outcome = TrialOutcome(tried, "refused" if is_to_blame else "innocent", reason)
        return True

    def take_photo(self, limit_seconds: float) -> tuple[Picture, CameraFacts]:
        """A full-size picture and the camera that took it. Raises CameraError."""
        running = self.running
        if running is None:
            raise CameraError(self.trouble.reason if self.trouble else "the camera is not open yet; try again soon")
        return running.camera.take_photo(limit_seconds), running.facts

    def _open(self) -> bool:
        with self._lock:
            self._failure = None
        self.pulse.restart()
        fanout = Fanout(pulse=PulseSink(self.pulse), writer=self._queue)
        gate = PacketGate(fanout.put)
        callbacks = CameraCallbacks(
            packet=gate.put,
            picture=self._pictures.put,
            wishes_pictures=self._pictures.wishes,
            failed=lambda error: self.fail(str(error) or type(error).__name__),
            lost=self._queue.miss,
        )
        self.opening_since = time.monotonic()
        try:
            opened = self._open_camera(
                self.wish.camera,
                callbacks,
                small_width=self.wish.small_width,
                or_pattern=self._or_pattern,
            )
        except CameraError as error:
            self._note_failed_opening(error)
            return False
        finally:
            self.opening_since = None
        self._queue.put_marker(NewFormat(opened.facts))
        self.opened_at = time.monotonic()
        self.running = Running(opened.camera, opened.facts, opened.is_fallback, self.wish)
        gate.open()
        self.trouble = None
        return True

    def _note_failed_opening(self, error: CameraError) -> None:
        if isinstance(error, CameraAbsent):
            # Somebody has to plug it in; that it was away says nothing against it.
            self._failures = 0
            self._complain(Trouble("no_camera", str(error)))
        else:
            self._complain(Trouble("camera_failed", str(error)))
            self._count_failure(str(error))

    def _recover(self, failure: str) -> None:
        if time.monotonic() - self.opened_at > _STEADY_SECONDS:
            self._failures = 0
        self._has_worked = self._has_worked or self.pulse.packets > 0
        is_on_trial = time.monotonic() - self.opened_at <= _STEADY_SECONDS
        if not is_on_trial:
            self._former = None
        self._complain(Trouble("camera_failed", failure))
        self._close()
        if not (is_on_trial and self._go_back(failure)):
            self._count_failure(failure)

    def _count_failure(self, reason: str) -> None:
        self._failures += 1
        # With a camera that never worked in this process a new one would fare no better.
        if self._failures >= _HOPELESS_FAILURES and self._has_worked:
            self._give_up(f"the camera failed {self._failures} times in a row: {reason}")

    def _give_up(self, reason: str) -> None:
        """What was recorded gets its ordinary end before the process goes, if the card answers."""
        self._clip_ended.wait(_END_CLIP_SECONDS)
        self._end_process(reason)

    def _complain(self, trouble: Trouble) -> None:
        # With former settings to go back to it is only said that it has.
        if trouble != self.trouble and self._former is None:
            log.error("not recording: %s", trouble.reason)
        self.trouble = trouble

    def _close(self) -> None:
        """Closes the camera in a thread of its own: hardware that hangs must not hang the recorder."""
        running, self.running = self.running, None
        if running is None:
            return
        closer = Worker("camera-closer", lambda _stop: running.camera.close())
        closer.start()
        is_closed = closer.stop(_CLOSE_SECONDS)
        self._clip_ended = threading.Event()
        self._queue.put_marker(EndClip(self._clip_ended))
        if not is_closed:
            self._give_up("the camera hangs and cannot be closed")
