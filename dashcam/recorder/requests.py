"""What the recorder's link asks; everything here is called in the clients' threads, several at a time."""

from __future__ import annotations

import errno
import logging
import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from dashcam.clips.save_request import SaveRequest, SaveRequests
from dashcam.clips.sidecar import LockCause
from dashcam.clock import utc_text
from dashcam.errors import CameraError, CardError, NotRecording
from dashcam.link import messages as m
from dashcam.recorder.packet_queue import EndClip, PacketQueue
from dashcam.recorder.photo import save_photo

if TYPE_CHECKING:
    from dashcam.link.server import Stream
    from dashcam.recorder.camera_duty import CameraDuty
    from dashcam.recorder.card import Card
    from dashcam.recorder.moments import Moments
    from dashcam.recorder.numbering import Numbering
    from dashcam.recorder.preview import Preview
    from dashcam.recorder.report import Reporter
    from dashcam.recorder.timekeeper import Timekeeper
    from dashcam.recorder.trip import TripMeter
    from dashcam.recorder.tuning import Tuning
    from dashcam.recorder.writer import ClipWriter, Span

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
        queue: PacketQueue,
        writer: ClipWriter,
        duty: CameraDuty,
        card: Card,
        moments: Moments,
        clock: Timekeeper,
        numbering: Numbering,
        saves: SaveRequests,
        preview: Preview,
        trip: TripMeter,
        state: Path,
        state_is_there: Callable[[], bool],
    ) -> None:
        """`state_is_there`: False when the state folder lies on a card that is gone."""
        self._tuning = tuning
        self._reporter = reporter
        self._queue = queue
        self._writer = writer
        self._duty = duty
        self._card = card
        self._moments = moments
        self._clock = clock
        self._numbering = numbering
        self._saves = saves
        self._preview = preview
        self._trip = trip
        self._state = state
        self._state_is_there = state_is_there
        self._control = threading.Lock()
        self._photographing = threading.Lock()

    def answer(self, request: m.RecorderRequest) -> m.Message:
        """The reply. Raises DashcamError for what cannot be done."""
        match request:
            case m.GetStatus():
                return self._reporter.status()
            case m.GetTrip():
                return m.TripLine(points=self._trip.line())
            case m.TakePhoto():
                return self._take_photo()
            case m.Save(cause=cause):
                return self._save(cause)
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

    def _save(self, cause: LockCause) -> m.Saved:
        """The open clip and the one before it; durable when it returns, whatever becomes of the keeper."""
        growing = self._writer.growing
        recent = list(self._writer.recent)
        clip_ids = ids_to_save(recent, None if growing is None else growing.tag.id)
        if not clip_ids:
            raise NotRecording("nothing has been recorded since the start; there is nothing to save yet")
        anchor = self._clock.anchor()
        now_ns = time.monotonic_ns()
        request = SaveRequest(
            id=str(self._numbering.next_id()),
            clip_ids=clip_ids,
            cause=cause,
            requested_utc=None if anchor.source == "none" else utc_text(anchor.utc_ns),
            kind="lock",
            from_monotonic_ns=now_ns,
            to_monotonic_ns=now_ns,
            at_monotonic_ns=now_ns,
        )
        try:
            if not self._state_is_there():
                raise FileNotFoundError(errno.ENOENT, "the card it lies on is gone", str(self._state))
            self._saves.add(request)
        except OSError as error:
            raise CardError(f"the save could not be written down ({error}); check the state folder") from error
        self._reporter.saved_ids = clip_ids
        log.info("saved clips %s (%s)", ", ".join(clip_ids), cause)
        return m.Saved(id=request.id, clip_ids=request.clip_ids)

    def _start_by_hand(self) -> m.Done:
        with self._control:
            if not self._reporter.is_wanted:
                self._writer.session_ids.clear()
                self._reporter.is_wanted = self._reporter.started_by_hand = True
                self._queue.open()
                log.info("recording started by hand")
        return m.Done()

    def _stop_by_hand(self) -> m.Stopped:
        with self._control:
            if not self._reporter.is_wanted:
                raise NotRecording("recording is stopped already")
            self._queue.shut()
            ended = threading.Event()
            self._queue.put_marker(EndClip(ended))
            self._reporter.is_wanted = False
            if not ended.wait(_END_CLIP_SECONDS):
                raise CameraError("recording stops as soon as the card answers; the last clip is still being closed")
            by_hand = self._reporter.started_by_hand
            self._reporter.started_by_hand = False
            log.info("recording stopped by hand")
            return m.Stopped(clip_ids=tuple(self._writer.session_ids) if by_hand else ())


def ids_to_save(recent: Iterable[Span], open_id: str | None) -> tuple[str, ...]:
    """The open clip and the one before it; while the writer changes clips the open one may be among `recent`, too."""
    ids = [span.id for span in recent]
    if open_id is not None and open_id not in ids:
        ids.append(open_id)
    return tuple(ids[-2:])
