"""The recorder's composition root: makes every part, starts them in order, watches them, and stops them in reverse."""

from __future__ import annotations

import gc
import logging
import os
import threading
import time
from collections.abc import Callable

from dashcam.camera.choose import open_camera
from dashcam.clips.save_request import SaveRequests
from dashcam.clock import WallClock
from dashcam.errors import LinkError
from dashcam.link import messages as m
from dashcam.link.server import LinkServer
from dashcam.media.durable_file import SyncInTurn, SyncPolicy
from dashcam.options import ProgramOptions
from dashcam.place import Place
from dashcam.recorder.anchors import AnchorLog
from dashcam.recorder.bookkeeper import Bookkeeper
from dashcam.recorder.camera_duty import CameraDuty, CameraOpener, CameraWish
from dashcam.recorder.card import Card
from dashcam.recorder.events import EventDuty, loop_moment
from dashcam.recorder.feed import Feed
from dashcam.recorder.gps_duty import GpsDuty, ReceiverWish
from dashcam.recorder.last_camera import LastCamera
from dashcam.recorder.mode_duty import ModeDuty
from dashcam.recorder.moments import Moments
from dashcam.recorder.motion_memory import MotionMemory
from dashcam.recorder.numbering import Numbering
from dashcam.recorder.packet_queue import PacketQueue
from dashcam.recorder.pictures import Pictures
from dashcam.recorder.preview import Preview
from dashcam.recorder.report import Reporter
from dashcam.recorder.requests import Desk
from dashcam.recorder.saving import Saver
from dashcam.recorder.sensing import Sensing, replay_pace
from dashcam.recorder.stamping import Stamping
from dashcam.recorder.standing import Standing
from dashcam.recorder.starts import Starts
from dashcam.recorder.supervision import Supervision
from dashcam.recorder.timekeeper import Timekeeper
from dashcam.recorder.track_log import TrackLog
from dashcam.recorder.trip import TripMeter
from dashcam.recorder.tuning import Tuning
from dashcam.recorder.watcher import Watcher
from dashcam.recorder.writer import ClipWriter
from dashcam.settings import bytes_of
from dashcam.settings.quantity import QUEUE_WHOLE_BYTES
from dashcam.system.machine_clock import machine_clock
from dashcam.system.notify import Notifier
from dashcam.worker import Worker, stop_together

log = logging.getLogger(__name__)

_STOP_SECONDS = 20.0
# A receiver's port may hang; nothing of it has to be finished, and nobody waits for it.
_GPS_STOP_SECONDS = 2.0
_LINK_AGAIN_SECONDS = 10.0
# A clock chip tells in a millisecond, and then the first clip has its name at once; one that hangs holds up nothing.
_CHIP_SECONDS = 0.2


class Recorder:
    """Everything between camera and card. `run` blocks until told to stop."""

    def __init__(
        self,
        options: ProgramOptions,
        *,
        clock: WallClock,
        sync: SyncPolicy,
        notifier: Notifier,
        end_process: Callable[[str], None],
        open_camera: CameraOpener = open_camera,
    ) -> None:
        self._options = options
        self._starts = Starts(options)
        settings = self._starts.safe_mode.loaded.settings
        sync = SyncInTurn(sync)
        self._clock = clock = Timekeeper(clock)
        clock.take(settings.clock.machine)
        self._numbering = Numbering(options.state)
        self._saves = SaveRequests(options.state)
        self._anchors = AnchorLog(options.state)
        self._last_camera = LastCamera(options.state)
        self._queue = PacketQueue(bytes_of(settings.recording.queue, QUEUE_WHOLE_BYTES))
        self._moments = Moments(clock, settings.clock.zone)
        self._stamping = Stamping(settings, self._moments)
        self._card = Card(options.data, self._numbering, clock, settings.clock.zone)
        self._preview = Preview(settings.preview)
        self._first_durable = threading.Event()
        memory = MotionMemory()
        self._books = Bookkeeper(
            self._card, self._saves.protected_ids, self._bytes_per_clip, self._note_down, memory.trace_between
        )
        self._events = EventDuty(
            settings,
            self._card,
            self._numbering,
            on_closed=self._books.finish,
            on_first_durable=self._note_first_durable,
            sync=sync,
            moment_at=self._moments.at,
            loop_at=lambda at_ns: loop_moment(self._writer.growing, self._writer.recent, at_ns),
        )
        feed = Feed(self._queue, self._events)
        self._watcher = Watcher(
            settings.motion,
            memory,
            self._events.trigger,
            why_not=lambda: self._modes.why_not_looking,
            stamp_zone=lambda: self._stamping.zone,
        )
        self._standing = Standing()
        self._modes = ModeDuty(
            settings, feed, clock=clock, stood_seconds=lambda: self._standing.seconds, changed=self._watcher.turn
        )
        self._duty = CameraDuty(
            settings,
            feed,
            Pictures(self._watcher, self._preview),
            or_pattern=options.or_pattern,
            end_process=end_process,
            open_camera=self._stamping.into(open_camera),
            begin_trial=self._begin_trial,
        )
        self._writer = ClipWriter(
            self._queue,
            self._card,
            settings,
            on_closed=self._books.finish,
            on_first_durable=self._note_first_durable,
            sync=sync,
            moment_at=self._moments.at,
        )
        self._tuning = Tuning(
            queue=self._queue,
            writer=self._writer,
            card=self._card,
            moments=self._moments,
            clock=clock,
            stamping=self._stamping,
            preview=self._preview,
            duty=self._duty,
            safe_mode=self._starts.safe_mode,
        )
        self._tuning.followers += [
            self._events.take,
            self._modes.take,
            lambda settings: self._watcher.take(settings.motion),
        ]
        self._trip = TripMeter(self._growing_id)
        self._track = TrackLog(self._card, self._numbering, lambda: self._tuning.settings.gps.log_quota)
        self._gps = GpsDuty(
            moments=self._moments,
            track=self._track,
            trip=self._trip,
            offer_time=clock.offer_gps,
            on_place=self._notice_place,
        )
        self._saver = Saver(
            lambda: self._tuning.settings.events,
            writer=self._writer,
            modes=self._modes,
            events=self._events,
            clock=clock,
            numbering=self._numbering,
            saves=self._saves,
            state=options.state,
            state_is_there=self._state_is_there,
        )
        self._sensing = Sensing(settings, trigger=self._events.trigger, save=lambda: self._saver.save("button"))
        self._tuning.followers.append(self._sensing.take)
        self._reporter = Reporter(
            self._tuning,
            queue=self._queue,
            writer=self._writer,
            duty=self._duty,
            card=self._card,
            clock=clock,
            numbering=self._numbering,
            books=self._books,
            preview=self._preview,
            stamping=self._stamping,
            gps=self._gps,
            trip=self._trip,
            modes=self._modes,
            events=self._events,
            saver=self._saver,
            watcher=self._watcher,
            sensing=self._sensing,
        )
        self._notifier = notifier
        writers = (self._writer, self._events.writer)
        self._supervision = Supervision(self._duty, writers, self._reporter, notifier, end_process)
        desk = Desk(
            self._tuning,
            self._reporter,
            modes=self._modes,
            saver=self._saver,
            writer=self._writer,
            duty=self._duty,
            card=self._card,
            moments=self._moments,
            clock=clock,
            preview=self._preview,
            trip=self._trip,
            watcher=self._watcher,
            memory=memory,
        )
        self._link = LinkServer(
            options.state, "recorder", requests=m.RecorderRequest, answer=desk.answer, subscribe=desk.subscribe
        )
        self._end_process = end_process
        self._link_due: float | None = 0.0

    def run(self, stop: threading.Event) -> None:
        """Records until `stop` is set, or until `--for` seconds after the first durable fragment; guarding counts, too.

        Raises AlreadyRunning when another recorder has the card or the state.
        """
        self._card.claim()
        self._numbering.start()
        self._clock.refresh(_CHIP_SECONDS)
        self._clock.recall(self._anchors.earlier())
        former = self._last_camera.differing_from(self._tuning.loaded)
        self._duty.start_from(former, self._last_camera.doubt(self._duty.wish))
        sources = {
            self._critical("camera", self._duty.work): self._duty.wake,
            self._critical("preview", self._preview.work): self._preview.wake,
            Worker("motion watcher", self._watcher.work): self._watcher.wake,
            Worker("sensors", self._sensing.work): self._sensing.wake,
        }
        writers = {
            self._critical("writer", self._writer.work): self._queue.wake,
            self._critical("event writer", self._events.writer.work): self._events.wake,
        }
        books = {self._critical("bookkeeper", self._books.work): self._books.wake}
        gps = Worker("GPS", self._gps.work)
        self._modes.turn()
        self._watcher.turn()
        try:
            for worker in (*writers, *books, *sources, gps):
                worker.start()
            self._watch(stop)
        finally:
            self._notifier.stopping()
            self._link.close()
            gps.stopping.set()
            self._gps.wake()
            for stage in (sources, writers, books):
                stop_together(stage, _STOP_SECONDS)
            self._card.close()
            # Last: all that is recorded is on the card, with the track up to the bookkeeper's last turn.
            gps.stop(_GPS_STOP_SECONDS)
        if self._numbering.is_settled and self._state_is_there():
            self._starts.has_ended()

    def _watch(self, stop: threading.Event) -> None:
        ends_at: float | None = None
        has_begun = has_settled = False
        self._keep_link()
        while not stop.wait(self._supervision.turn_seconds):
            self._keep_link()
            self._modes.turn()
            self._sensing.turn()
            if self._events.trouble is not None or not self._modes.records_loop:
                self._events.guard()
            self._supervision.turn(has_recorded=self._first_durable.is_set())
            self._gps.follow(ReceiverWish.of(self._tuning.settings, self._duty))
            has_begun = has_begun or self._first_durable.is_set() or self._reporter.outlook().state == "guarding"
            if has_begun and not has_settled:
                # All is loaded now. A collection stops every thread while it walks through everything that it knows:
                # 11 ms on a PC, ten times that on the board, where the camera waits for nobody longer than 200 ms.
                gc.freeze()
                has_settled = True
            if self._options.for_seconds is not None and has_begun:
                ends_at = ends_at or time.monotonic() + self._options.for_seconds
                if time.monotonic() >= ends_at:
                    log.info("stopping after %g s as asked", self._options.for_seconds)
                    return

    def _keep_link(self) -> None:
        """The link comes last, and without one it is recorded all the same: a full /tmp is no reason to miss a trip."""
        if self._link_due is None or time.monotonic() < self._link_due:
            return
        try:
            self._link.start()
            self._link_due = None
        except LinkError as error:
            log.warning("nobody can ask the recorder anything: %s", error)
            self._link_due = time.monotonic() + _LINK_AGAIN_SECONDS

    def _note_down(self) -> None:
        """In the bookkeeper's thread: a state on a card that stalls must hold up nobody else."""
        self._clock.refresh()
        if self._numbering.is_settled and self._state_is_there():
            anchor = self._clock.anchor()
            self._anchors.note(self._numbering.boot, anchor)
            self._starts.note(self._numbering.boot, anchor, self._duty.opened_at)
            if (proven := self._duty.proven) is not None:
                self._last_camera.note(proven)
            if (outcome := self._duty.outcome) is not None:
                self._last_camera.note_outcome(outcome)
        self._track.turn()

    def _note_first_durable(self) -> None:
        self._starts.has_recorded()
        self._first_durable.set()

    def _begin_trial(self, wish: CameraWish, former: CameraWish | None) -> None:
        """In the camera's thread."""
        if self._state_is_there():
            self._last_camera.begin(wish, former)

    def _state_is_there(self) -> bool:
        """False when it lies on a card that is gone."""
        return self._card.is_present or not self._options.state.is_relative_to(self._options.data)

    def _critical(self, name: str, work: Callable[[threading.Event], None]) -> Worker:
        return Worker(name, work, on_death=lambda error: self._end_process(f"the {name} died: {error!r}"))

    def _notice_place(self, monotonic_ns: int, place: Place | None) -> None:
        """In the receiver's thread: a fix, None for one that is not good."""
        self._standing.put(round(monotonic_ns * replay_pace(self._tuning.settings)), place)
        self._sensing.put(monotonic_ns, place)

    def _growing_id(self) -> str:
        """Of the clip that grows now; empty between two."""
        growing = self._writer.growing
        return "" if growing is None else growing.tag.id

    def _bytes_per_clip(self) -> int:
        """The size of a whole clip at the rate that the camera has had so far."""
        pulse, running = self._duty.pulse, self._duty.running
        if running is None or pulse.packets < running.facts.fps:
            return 0
        return int(pulse.bytes / pulse.packets * running.facts.fps * self._tuning.settings.recording.segment_seconds)


def run_recorder(
    options: ProgramOptions, stop: threading.Event, end_process: Callable[[str], None], sync: SyncPolicy = os.fdatasync
) -> None:
    """Runs a recorder with this machine's clock and supervisor until `stop` is set."""
    for mistake in options.loaded.mistakes:
        log.warning("settings: %s", mistake)
    Recorder(options, clock=machine_clock(), sync=sync, notifier=Notifier(), end_process=end_process).run(stop)
