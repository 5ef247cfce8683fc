"""Events: the ring is drained at once into a queue of their own, and what comes after is followed until it is quiet.

A second writer makes clips of that queue, in a thread of its own: the loop never hears of it. The queue may hold what
the loop's may and the ring besides, for an event begins with all that the ring holds. Packets are shared: what lies in
the ring and waits in both queues is in memory once, so on a card that answers nothing memory grows to the event's limit
and the ring's, not to the sum of three.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Collection, Iterable

from dashcam.camera.base import Packet
from dashcam.clock import NANOSECONDS, utc_text
from dashcam.errors import NotRecording
from dashcam.link import messages as m
from dashcam.media.durable_file import SyncPolicy
from dashcam.moment import Moment
from dashcam.recorder.card import Card
from dashcam.recorder.clip_sorts import EventClips
from dashcam.recorder.event_policy import EventPolicy
from dashcam.recorder.growing import Growing, Span
from dashcam.recorder.happening import Happening, LoopAt, LoopMoment
from dashcam.recorder.numbering import Numbering
from dashcam.recorder.packet_queue import AtTurn, EndClip, Gap, NewFormat, PacketQueue, Settable
from dashcam.recorder.ring import NEAR_SECONDS, PacketRing
from dashcam.recorder.trigger import Trigger
from dashcam.recorder.trouble import Trouble
from dashcam.recorder.writer import ClipWriter
from dashcam.settings import bytes_of
from dashcam.settings.quantity import QUEUE_WHOLE_BYTES
from dashcam.settings.schema import Settings

log = logging.getLogger(__name__)

# While nothing happens the card is tried so often; and when it was not in order, until it is.
_TRY_SECONDS, _TRY_AGAIN_SECONDS = 60.0, 5.0


class EventDuty:
    """Takes the camera's packets and, from any thread, triggers. A lock is held for lines, never across I/O."""

    def __init__(
        self,
        settings: Settings,
        card: Card,
        numbering: Numbering,
        *,
        on_closed: Callable[[Growing], None],
        on_first_durable: Callable[[], None],
        sync: SyncPolicy,
        moment_at: Callable[[int], Moment],
        loop_at: LoopAt,
    ) -> None:
        """All but `loop_at` and `numbering` are those of the writer."""
        self._queue = PacketQueue(_limit_bytes(settings))
        self._clips = EventClips(card)
        self.writer = ClipWriter(
            self._queue,
            card,
            settings,
            on_closed=on_closed,
            on_first_durable=on_first_durable,
            sync=sync,
            moment_at=moment_at,
            sort=self._clips,
        )
        """Its `work` is a thread of its own."""
        self._numbering = numbering
        self._moment_at = moment_at
        self._loop_at = loop_at
        self._lock = threading.Lock()
        self._is_open = False
        self._has_camera = False
        self._happening: Happening | None = None
        self._last: Happening | None = None
        self._late: list[Packet | Gap] = []
        """What came after the end of the event, whose file is still open; it lies in the ring, too."""
        self._settings = settings.events
        self._ring = PacketRing(0.0, 0)
        self._policy = EventPolicy(settings.events.longest_seconds)
        self._tried_at: float | None = None
        self.count = 0
        """Events since the start."""
        self.take(settings)

    def take(self, settings: Settings) -> None:
        """Other settings: for the ring at once, for an event that lasts from its next trigger on."""
        ring_bytes = bytes_of(settings.events.ring, QUEUE_WHOLE_BYTES)
        with self._lock:
            self._settings = settings.events
            self._ring.take(settings.events.before_seconds, ring_bytes)
            self._policy.take(settings.events.longest_seconds)
        self._queue.limit_bytes = _limit_bytes(settings)
        self.writer.take(settings)

    # ---- called in the camera's threads

    def put(self, packet: Packet) -> None:
        """One packet of the camera."""
        with self._lock:
            if self._is_open:
                self._ring.put(packet)
                self._follow(packet)

    def miss(self) -> None:
        """A frame of the camera never came here."""
        with self._lock:
            if self._is_open:
                self._ring.miss()
                self._follow_gap()

    def begin_camera(self, marker: NewFormat) -> None:
        """Packets come from another camera now, or from one opened anew: they cannot be joined to those before."""
        with self._lock:
            self._has_camera = True
            self._ring.clear()
            self._late.clear()
            self._policy.break_off()
            self._queue.put_marker(marker)

    def end_camera(self, done: Settable) -> None:
        """The camera is closed, and with it the event's file. The ring is still there for what happens just now."""
        with self._lock:
            self._has_camera = False
            self._late.clear()
            self._policy.break_off()
            self._queue.put_marker(EndClip(done))

    # ---- called in any thread

    def open(self) -> None:
        """From now on the ring is filled, and triggers make events."""
        with self._lock:
            self._is_open = True

    def shut(self) -> threading.Event:
        """The event that lasts ends here, and the ring forgets; set once the last clip has its ordinary end."""
        ended = threading.Event()
        with self._lock:
            self._is_open = False
            self._happening = None
            self._policy.stop()
            self._ring.clear()
            self._late.clear()
            self._queue.put_marker(EndClip(ended))
            self._queue.shut()
        return ended

    def trigger(self, trigger: Trigger) -> m.EventStatus:
        """Begins an event, or makes the one that lasts longer; its clip has its id at once. Raises NotRecording."""
        settings = self._settings
        after = settings.after_seconds if trigger.after_seconds is None else trigger.after_seconds
        at_ns = trigger.at_monotonic_ns
        utc_ns = self._moment_at(at_ns).utc_ns
        utc = None if utc_ns is None else utc_text(utc_ns)
        with self._lock:
            if not self._is_open:
                raise NotRecording("nothing is recorded now, events neither; start recording or choose another mode")
            happening = self._happening
            is_new = self._policy.trigger(at_ns, after) == "begin" or happening is None
            if happening is None or is_new:
                happening = self._begin(trigger, utc)
            else:
                happening.add(trigger, utc)
                self._drain_late()
        status = happening.status(time.monotonic_ns())
        if is_new:
            log.info("event %s (%s)", status.id, status.cause)
        return status

    def guard(self) -> None:
        """To be called every second or so while only events are recorded, or none could be: trouble is told before one
        comes, and when it is over.

        It returns at once; the writer's thread tries the card.
        """
        now = time.monotonic()
        pause = _TRY_SECONDS if self.trouble is None else _TRY_AGAIN_SECONDS
        with self._lock:
            is_early = self._tried_at is not None and now < self._tried_at + pause
            if not self._is_open or self._happening is not None or is_early:
                return
            self._tried_at = now
            self._queue.put_marker(AtTurn(self.writer.try_card))

    def status(self) -> m.EventStatus | None:
        """The event that lasts; None when there is none."""
        now_ns = time.monotonic_ns()
        with self._lock:
            until_ns = self._policy.until_ns
            # Without a camera no packet comes that would end it.
            is_over = until_ns is None or bool(self._late) or (not self._has_camera and now_ns > until_ns)
            return None if is_over or self._happening is None else self._happening.status(now_ns)

    def ring(self) -> m.RingStatus:
        """What is held for an event."""
        with self._lock:
            ring, asked = self._ring, self._ring.asked_seconds
            words = ring.words if self._has_camera else f"0 of {asked:g} seconds: the camera sends nothing"
            return m.RingStatus(
                # What it sent before it went is no longer just before anything.
                seconds=round(ring.seconds, 1) if self._has_camera else 0.0,
                asked_seconds=asked,
                bytes=ring.used_bytes,
                limit_bytes=ring.limit_bytes,
                words=words if self._is_open and asked else "",
            )

    def held(self) -> tuple[int, int] | None:
        """From when to when the ring goes, by CLOCK_MONOTONIC; None while it is empty."""
        with self._lock:
            ring = self._ring
            return None if ring.from_ns is None else (ring.from_ns, ring.newest_ns)

    def spans(self) -> list[Span]:
        """What is on the card of events, the one that lasts too; a clip's frames up to the newest."""
        # In this order: a clip that is closed meanwhile is in one of them, or in both.
        growing = self.writer.growing
        spans = list(self.writer.recent)
        if growing is not None and not any(span.id == growing.tag.id for span in spans):
            spans.append(Span(growing.tag.id, growing.first_captured_ns, growing.last_captured_ns))
        return spans

    @property
    def trouble(self) -> Trouble | None:
        """Why no event can be written; known since the last one was tried."""
        return self.writer.trouble

    @property
    def lost_frames(self) -> int:
        """What a slow or failing card has cost events."""
        return self._queue.dropped_frames + self.writer.lost_to_card

    def wake(self) -> None:
        """Makes the writer see at once that it is to stop."""
        self._queue.wake()

    def wait_durable(self, seconds: float) -> bool:
        """Waits until the newest event has begun to be durable. False when it has not within the limit."""
        last = self._last
        return last is not None and last.durable.wait(seconds)

    def drain_into(self, queue: PacketQueue, from_ns: int) -> None:
        """Opens a queue with what the ring holds from a moment on; not a frame is missing or twice behind that."""
        with self._lock:
            queue.open(self._ring.since(from_ns))

    # ---- under the lock

    def _begin(self, trigger: Trigger, utc: str | None) -> Happening:
        """The event that was before has been quiet for long enough, though no frame has said so yet."""
        if self._happening is not None:
            self._queue.put_marker(EndClip(threading.Event()))
        settings, at_ns = self._settings, trigger.at_monotonic_ns
        before = settings.before_seconds if trigger.before_seconds is None else trigger.before_seconds
        from_ns = at_ns - round(before * NANOSECONDS)
        is_short = self._ring.from_ns is None or self._ring.from_ns > from_ns + round(NEAR_SECONDS * NANOSECONDS)
        happening = Happening(
            str(self._numbering.next_id()),
            trigger,
            before_seconds=before,
            loop_at=self._loop_at,
            shortage=self._ring.reason(before) if is_short else "",
            utc=utc,
        )
        self._happening = self._last = happening
        self._late.clear()
        self.count += 1
        self._queue.put_marker(AtTurn(lambda: self._clips.turn_to(happening)))
        self._queue.open()
        self._drain(self._ring.since(from_ns))
        return happening

    def _drain_late(self) -> None:
        late, self._late = self._late, []
        self._drain(late)

    def _drain(self, held: Iterable[Packet | Gap]) -> None:
        for entry in held:
            if isinstance(entry, Packet):
                self._follow(entry)
            else:
                self._follow_gap()

    def _follow_gap(self) -> None:
        if self._late:
            self._late.append(Gap(1, 0))
        else:
            self._queue.miss()

    def _follow(self, packet: Packet) -> None:
        step = self._policy.see(packet.captured_monotonic_ns, is_keyframe=packet.is_keyframe)
        if step == "skip":
            return
        if step == "wait":
            self._late.append(packet)
            return
        if step in ("split", "end"):
            self._queue.put_marker(EndClip(threading.Event()))
        if step == "end":
            self._queue.shut()
            self._happening = None
            self._late.clear()
        else:
            self._queue.put(packet)


def _limit_bytes(settings: Settings) -> int:
    return bytes_of(settings.recording.queue, QUEUE_WHOLE_BYTES) + bytes_of(settings.events.ring, QUEUE_WHOLE_BYTES)


def loop_moment(growing: Growing | None, recent: Collection[Span], at_ns: int) -> LoopMoment:
    """The clip of the loop that a moment is in, as far as it is known now, and when in it."""
    clip_id, from_ns, speed = "", at_ns, 1.0
    if growing is not None:
        speed = growing.tag.speed
    if growing is not None and growing.first_captured_ns <= at_ns:
        clip_id, from_ns = growing.tag.id, growing.first_captured_ns
    else:
        for span in list(recent):
            if span.from_ns <= at_ns <= span.to_ns:
                clip_id, from_ns = span.id, span.from_ns
    return LoopMoment(clip_id, round((at_ns - from_ns) / NANOSECONDS * speed, 3))
