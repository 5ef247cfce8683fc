"""How the recording stands, in one struct and in words; streams of it for those who follow."""

from __future__ import annotations

import os
import threading
import time
from typing import TYPE_CHECKING, NamedTuple

from dashcam import __version__
from dashcam.link import messages as m
from dashcam.recorder.gps_duty import place_of
from dashcam.recorder.trouble import Trouble
from dashcam.recorder.watch import SLOW_SECONDS

if TYPE_CHECKING:
    from dashcam.gps.base import GpsState
    from dashcam.link.server import Stream
    from dashcam.recorder.bookkeeper import Bookkeeper
    from dashcam.recorder.camera_duty import CameraDuty
    from dashcam.recorder.card import Card
    from dashcam.recorder.gps_duty import GpsDuty
    from dashcam.recorder.growing import Growing
    from dashcam.recorder.mode_duty import ModeDuty
    from dashcam.recorder.numbering import Numbering
    from dashcam.recorder.packet_queue import PacketQueue
    from dashcam.recorder.preview import Preview
    from dashcam.recorder.saving import Events, Saver
    from dashcam.recorder.sensing import Sensing
    from dashcam.recorder.stamping import Stamping
    from dashcam.recorder.timekeeper import Timekeeper
    from dashcam.recorder.trip import TripMeter
    from dashcam.recorder.tuning import Tuning
    from dashcam.recorder.watcher import Watcher
    from dashcam.recorder.writer import ClipWriter

_STOPPED = Trouble("stopped", "recording was stopped by hand; press Start recording")
_STARTING = Trouble("starting", "the camera is being started")
_BEGINNING = Trouble("starting", "the next clip begins")
_OFF_NOW, _OFF_CURE = "the mode is off", "choose another one to record"
_OFF = Trouble("off", f"{_OFF_NOW}; {_OFF_CURE}")


class Outlook(NamedTuple):
    """Whether it records, and why not or how badly."""

    is_recording: bool
    state: m.RecorderState
    reason: str


class Reporter:
    """Reads every part, changes none. `status` may be called from any thread."""

    def __init__(
        self,
        tuning: Tuning,
        *,
        queue: PacketQueue,
        writer: ClipWriter,
        duty: CameraDuty,
        card: Card,
        clock: Timekeeper,
        numbering: Numbering,
        books: Bookkeeper,
        preview: Preview,
        stamping: Stamping,
        gps: GpsDuty,
        trip: TripMeter,
        modes: ModeDuty,
        events: Events,
        saver: Saver,
        watcher: Watcher,
        sensing: Sensing,
    ) -> None:
        self._tuning = tuning
        self._queue = queue
        self._writer = writer
        self._duty = duty
        self._card = card
        self._clock = clock
        self._numbering = numbering
        self._books = books
        self._preview = preview
        self._stamping = stamping
        self._gps = gps
        self._trip = trip
        self._modes = modes
        self._events = events
        self._saver = saver
        self._watcher = watcher
        self._sensing = sensing
        self._started_at = time.monotonic()
        self._streams_lock = threading.Lock()
        self._streams: list[Stream] = []

    def add(self, stream: Stream) -> None:
        """Sends the status to a follower, now and from now on."""
        stream.offer(self.status())
        with self._streams_lock:
            self._streams.append(stream)

    def remove(self, stream: Stream) -> None:
        """Forgets a follower."""
        with self._streams_lock:
            self._streams = [other for other in self._streams if other is not stream]

    def tell_followers(self) -> None:
        """Sends the status to everyone who follows; it is made only when somebody does."""
        with self._streams_lock:
            streams = list(self._streams)
        if streams:
            status = self.status()
            for stream in streams:
                stream.offer(status)

    def trouble(self) -> Trouble | None:
        """Why nothing is recorded now, nor would be if something happened; None while it is."""
        if not self._modes.is_wanted:
            return _STOPPED
        mode = self._modes.status
        if mode.mode == "off":
            # By hand it needs no reason; the timetable's hours do.
            return _OFF if mode.wanted == "off" else Trouble("off", f"{_OFF_NOW} {mode.words}; {_OFF_CURE}")
        if not self._modes.records_loop:
            return self._duty.trouble or self._trouble_of_events()
        # The writer's may be an old one: without a camera it tries nothing.
        known = self._duty.trouble or self._writer.trouble
        if known is not None:
            return known
        growing = self._writer.growing
        if growing is None:
            # Between two clips there is none for a moment; when that is just over, there is one.
            if self._writer.is_changing_clips or self._writer.growing is not None:
                return None
            return _BEGINNING if self._duty.pulse.packets else _STARTING
        return None if growing.is_durable or self._writer.recent else _STARTING

    def _trouble_of_events(self) -> Trouble | None:
        """A guard that could write nothing is none, and it is said before something happens."""
        if self._events.trouble is not None:
            return self._events.trouble
        if not self._card.is_present:
            return Trouble("no_card", f"no card at {self._card.data}; put it in or mount it")
        return None if self._duty.pulse.packets else _STARTING

    def outlook(self) -> Outlook:
        """Whether it records; costs little beside a status, which asks the file system and much else."""
        trouble = self.trouble()
        if trouble is not None:
            return Outlook(False, trouble.state, trouble.reason)
        if not self._modes.records_loop:
            event = self._events.status()
            if event is None or not event.is_durable:
                return Outlook(False, "guarding", f"only events are recorded: {self._modes.status.words}")
            return Outlook(True, "recording", "")
        slow = self._slowness()
        return Outlook(not self._queue.is_dropping, "card_slow" if slow else "recording", slow)

    def news(self) -> tuple[object, ...]:
        """Changes whenever followers should hear of it at once."""
        growing = self._writer.growing
        clip_id, is_saved = (growing.tag.id, self._is_saved(growing)) if growing is not None else ("", False)
        gps, event = self._gps.state(), self._events.status()
        receiver = gps.kind, gps.device, gps.is_connected, gps.status, gps.fix is None
        of_event = None if event is None else (event.id, event.cause, event.triggers, event.is_durable)
        now = self._modes.status, self._watcher.status().state, of_event
        return self.outlook(), self._warnings(), self._tuning.pending, clip_id, is_saved, receiver, now

    def status(self) -> m.RecorderStatus:
        """Everything there is to know now."""
        outlook = self.outlook()
        pulse = self._duty.pulse
        now = time.monotonic()
        return m.RecorderStatus(
            is_recording=outlook.is_recording,
            state=outlook.state,
            reason=outlook.reason,
            warnings=self._warnings(),
            version=__version__,
            boot=self._numbering.boot,
            pid=os.getpid(),
            started_by_hand=self._modes.started_by_hand,
            uptime_seconds=round(now - self._started_at, 1),
            camera=self._camera(),
            open_clip=self._open_clip(),
            newest_packet_age_seconds=None if pulse.last_packet is None else round(now - pulse.last_packet, 3),
            frames_received=self._queue.frames_received,
            frames_written=self._writer.frames_written,
            queue=self._queue_status(),
            card=self._card_status(),
            clock=self._clock_status(),
            preview_viewers=self._preview.viewers,
            bytes_per_second=round(pulse.bytes_per_second),
            pending_settings=self._tuning.pending,
            recording_since_seconds=self._recording_since_seconds(now) if outlook.is_recording else 0.0,
            gps=gps_status(self._gps.state()),
            trip=self._trip.status(time.monotonic_ns()),
            mode=self._modes.status,
            motion=self._watcher.status(),
            ring=self._events.ring(),
            event=self._events.status(),
            events=self._events.count,
            is_safe_mode=self._tuning.safe_mode.is_on,
        )

    def _recording_since_seconds(self, now: float) -> float:
        if not self._modes.records_loop:
            event = self._events.status()
            return 0.0 if event is None else event.seconds
        since = self._writer.unbroken_since
        return 0.0 if since is None else max(0.0, round(now - since, 1))

    def _slowness(self) -> str:
        busy_since = self._writer.busy_since
        if self._queue.is_dropping:
            return "the card is too slow: frames are being lost; use a faster one"
        if busy_since is not None and time.monotonic() - busy_since > SLOW_SECONDS:
            return "the card answers slowly; the recording waits in memory"
        return ""

    def _warnings(self) -> tuple[str, ...]:
        running = self._duty.running
        found = list(self._tuning.warnings)
        if running is not None:
            found.extend(running.facts.notes)
        if self._books.nothing_to_delete:
            found.append("the card is nearly full and no loop clip is left to delete; unlock or delete clips")
        complaints = (self._gps.complaint, self._watcher.complaint, self._sensing.complaint)
        found.extend(complaint for complaint in complaints if complaint)
        # Whoever has motion looked for on the road knows that all of it moves.
        unrest = self._watcher.unrest
        if unrest and self._modes.status.mode in ("watch", "park"):
            found.append(unrest)
        # The number is in the status; in words it would be news with every frame.
        if self._writer.trouble is None and self._queue.dropped_frames + self._writer.lost_to_card:
            found.append("Frames were lost to a slow or failing card since the start")
        trouble = self._events.trouble
        if trouble is None and self._events.lost_frames:
            found.append("Frames of events were lost to a slow or failing card since the start")
        if trouble is not None and self._modes.records_loop and self._writer.trouble is None:
            found.append(f"Events cannot be kept: {trouble.reason}")
        return tuple(found)

    def _camera(self) -> m.CameraStatus | None:
        running = self._duty.running
        if running is None:
            return None
        facts = running.facts
        return m.CameraStatus(
            kind=facts.kind,
            name=self._tuning.settings.camera.name,
            description=facts.description,
            width=facts.width,
            height=facts.height,
            fps=facts.fps,
            encoder=facts.encoder,
            notes=facts.notes,
            is_fallback=running.is_fallback,
            stamp_hindrance=facts.stamp_hindrance or self._stamping.trouble,
            modes=tuple(m.CameraMode(width=mode.width, height=mode.height, fps=mode.fps) for mode in facts.modes),
        )

    def _open_clip(self) -> m.OpenClip | None:
        growing = self._writer.growing
        if growing is None:
            return None
        path = self._card.folders.relative(growing.place.final) if growing.is_durable else ""
        seconds = round(growing.clip.duration_seconds, 2)
        return m.OpenClip(
            id=growing.tag.id,
            path=path,
            seconds=seconds,
            bytes=growing.file.end,
            is_saved=self._is_saved(growing),
        )

    def _is_saved(self, growing: Growing) -> bool:
        return self._saver.is_saved(growing.tag.id, growing.tag.started_monotonic_ns)

    def _queue_status(self) -> m.QueueStatus:
        queue = self._queue
        return m.QueueStatus(
            used_bytes=queue.used_bytes,
            limit_bytes=queue.limit_bytes,
            high_water_bytes=queue.high_water_bytes,
            dropped_frames=queue.dropped_frames + self._writer.lost_to_card,
            dropped_gops=queue.dropped_gops,
            longest_stall_seconds=round(self._writer.longest_stall_seconds, 3),
            slow_writes=self._writer.slow_writes,
        )

    def _card_status(self) -> m.CardStatus:
        space = self._card.space()
        return m.CardStatus(folder=str(self._card.data), total_bytes=space.total_bytes, free_bytes=space.free_bytes)

    def _clock_status(self) -> m.ClockStatus:
        return self._clock.status(self._tuning.settings.clock.zone)


def gps_status(state: GpsState) -> m.GpsStatus:
    """The receiver as others may know it."""
    return m.GpsStatus(
        kind=state.kind,
        device=state.device,
        is_connected=state.is_connected,
        is_real=state.is_real,
        is_fallback=state.is_fallback,
        status=state.status,
        place=None if state.fix is None else place_of(state.fix),
        age_seconds=None if state.age_seconds is None else round(state.age_seconds, 1),
        satellites_in_view=state.satellites_in_view,
        words=state.words,
    )
