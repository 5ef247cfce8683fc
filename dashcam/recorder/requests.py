"""What the recorder's link asks; everything here is called in the clients' threads, several at a time."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from dashcam.errors import CameraError, CardError
from dashcam.link import messages as m
from dashcam.recorder.photo import save_photo

if TYPE_CHECKING:
    from dashcam.link.server import Stream
    from dashcam.recorder.camera_duty import CameraDuty
    from dashcam.recorder.card import Card
    from dashcam.recorder.mode_duty import ModeDuty
    from dashcam.recorder.moments import Moments
    from dashcam.recorder.motion_memory import MotionMemory
    from dashcam.recorder.preview import Preview
    from dashcam.recorder.report import Reporter
    from dashcam.recorder.saving import Saver
    from dashcam.recorder.timekeeper import Timekeeper
    from dashcam.recorder.trip import TripMeter
    from dashcam.recorder.tuning import Tuning
    from dashcam.recorder.watcher import Watcher
    from dashcam.recorder.writer import ClipWriter

log = logging.getLogger(__name__)

_PHOTO_SECONDS = 5.0
# The card may stall while the last clip is closed.
_END_CLIP_SECONDS = 20.0


class Desk:
    """Answers the requests of the recorder's link, and takes those who follow its streams."""

    def __init__(
        self,
        tuning: Tuning,
        reporter: Reporter,
        *,
        modes: ModeDuty,
        saver: Saver,
        writer: ClipWriter,
        duty: CameraDuty,
        card: Card,
        moments: Moments,
        clock: Timekeeper,
        preview: Preview,
        trip: TripMeter,
        watcher: Watcher,
        memory: MotionMemory,
    ) -> None:
        self._tuning = tuning
        self._reporter = reporter
        self._modes = modes
        self._saver = saver
        self._writer = writer
        self._duty = duty
        self._card = card
        self._moments = moments
        self._clock = clock
        self._preview = preview
        self._trip = trip
        self._watcher = watcher
        self._memory = memory
        self._control = threading.Lock()
        self._photographing = threading.Lock()

    def answer(self, request: m.RecorderRequest) -> m.Message:
        """The reply. Raises DashcamError for what cannot be done."""
        match request:
            case m.GetStatus():
                return self._reporter.status()
            case m.GetTrip():
                return m.TripLine(points=self._trip.line())
            case m.GetMotionHistory():
                return m.MotionHistory(points=self._memory.history(time.monotonic_ns()))
            case m.TakePhoto():
                return self._take_photo()
            case m.Save(cause=cause, before_seconds=before_seconds, after_seconds=after_seconds):
                return self._saver.save(cause, before_seconds, after_seconds)
            case m.StartRecording():
                return self._start_by_hand()
            case m.StopRecording():
                return self._stop_by_hand()
            case m.SettingsChanged(may_interrupt=may_interrupt):
                return m.SettingsTaken(pending=self._tuning.take(may_interrupt=may_interrupt))
            case m.OfferTime():
                return self._clock.answer(request, self._tuning.settings.clock.zone)
        return m.Failed(code="bad_request", message=f"the recorder does not answer {type(request).__name__}")

    def subscribe(self, request: m.RecorderRequest, stream: Stream) -> Callable[[], None] | None:
        """Takes a follower of a stream; gives what ends that, None for a request that is no stream."""
        match request:
            case m.WatchStatus():
                self._reporter.add(stream)
                return lambda: self._reporter.remove(stream)
            case m.WatchPreview():
                self._preview.add(stream)
                return lambda: self._preview.remove(stream)
            case m.WatchMotion():
                self._watcher.add(stream)
                return lambda: self._watcher.remove(stream)
        return None

    def _take_photo(self) -> m.PhotoTaken:
        picture, facts = self._duty.take_photo(_PHOTO_SECONDS)
        settings = self._tuning.settings
        try:
            # One at a time: two of the same second would agree on the same name.
            with self._photographing:
                moment = self._moments.at(picture.captured_monotonic_ns)
                place, path = save_photo(picture, self._card, moment, settings, facts.description)
        except OSError as error:
            raise CardError(f"the photo could not be written ({error}); check the card") from error
        return m.PhotoTaken(id=str(place.id), path=self._card.folders.relative(path))

    def _start_by_hand(self) -> m.Done:
        with self._control:
            if self._modes.is_idle:
                self._writer.session_ids.clear()
            if self._modes.start_by_hand():
                log.info("recording started by hand")
        return m.Done()

    def _stop_by_hand(self) -> m.Stopped:
        with self._control:
            by_hand = self._modes.started_by_hand
            until = time.monotonic() + _END_CLIP_SECONDS
            for ended in self._modes.stop_by_hand():
                if not ended.wait(max(until - time.monotonic(), 0)):
                    raise CameraError(
                        "recording stops as soon as the card answers; the last clip is still being closed"
                    )
            self._modes.started_by_hand = False
            log.info("recording stopped by hand")
            return m.Stopped(clip_ids=tuple(self._writer.session_ids) if by_hand else ())
