"""The writer's thread: takes packets from the queue and makes clips of them. The encoder never hears of it.

A clip ends at the first keyframe past its length, inside this thread. After any error of the card the file is left as
it is for repair, and recording goes on in a new one at the next keyframe.
"""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import TypeVar

from dashcam.camera.base import CameraFacts, Packet
from dashcam.clips.sidecar import ClipTag, encode_tag
from dashcam.clock import NANOSECONDS, utc_text
from dashcam.errors import DashcamError
from dashcam.files import rename_new, sync_folder
from dashcam.media.clip_file import ClipFile, MuxError
from dashcam.media.durable_file import DurableFile, SyncPolicy
from dashcam.media.telemetry import Telemetry
from dashcam.moment import Moment
from dashcam.recorder.card import Card
from dashcam.recorder.clip_sorts import Beginning, ClipSort, LoopClips
from dashcam.recorder.growing import Growing, Span
from dashcam.recorder.packet_queue import AtTurn, EndClip, Entry, Gap, NewFormat, PacketQueue
from dashcam.recorder.trouble import Trouble, trouble_of
from dashcam.settings.schema import Settings

log = logging.getLogger(__name__)

# Fragments land every half second: every second one is synced, as soon as it has landed. A timer of its own would drift
# against them, and what a power cut costs would be half a second more.
SYNC_SECONDS = 0.75
# Kinds of cameras that `camera.speed` is for.
_PLAYED_AT_A_SPEED = ("replay", "pattern")
_Argument = TypeVar("_Argument")

# How often the loop turns with nothing to write, so that its watchdog sees it alive; more than a fragment lasts, lest
# it turns twice for one.
_IDLE_SECONDS = 1.0
_SLOW_WRITE_SECONDS = 1.0
# Of the hour that a save may ask for, in the shortest clips.
_MOST_RECENT = 3_700
# A week of minutes: recording goes on for years, and the list with it.
_LONGEST_SESSION_CLIPS = 10_000


class ClipWriter:
    """Owns the open clip. `on_closed` and `on_first_durable` are called in the writer's thread and return at once."""

    def __init__(
        self,
        queue: PacketQueue,
        card: Card,
        settings: Settings,
        *,
        on_closed: Callable[[Growing], None],
        on_first_durable: Callable[[], None],
        sync: SyncPolicy,
        moment_at: Callable[[int], Moment],
        sort: ClipSort | None = None,
    ) -> None:
        """`moment_at` tells what is known of a moment of CLOCK_MONOTONIC, in nanoseconds, and returns at once.

        `sort`: which clips; None: those of the loop.
        """
        self._queue = queue
        self._card = card
        self._sort = sort if sort is not None else LoopClips(card)
        self.take(settings)
        self._on_closed = on_closed
        self._on_first_durable = on_first_durable
        self._sync = sync
        self._moment_at = moment_at
        self._facts: CameraFacts | None = None
        self._gap = Gap(0, 0)
        self.growing: Growing | None = None
        self.is_changing_clips = False
        """True while there is no open clip because one has just ended and the next is about to begin."""
        self.unbroken_since: float | None = None
        """By the monotonic clock: when the first frame was taken of all that was written since without a break."""
        self.trouble: Trouble | None = None
        self.frames_written = 0
        self.lost_to_card = 0
        self.longest_stall_seconds = 0.0
        self.slow_writes = 0
        """How often the card has held it up for a second or more."""
        self.busy_since: float | None = None
        self.turned_at = time.monotonic()
        self.recent: deque[Span] = deque(maxlen=_MOST_RECENT)
        self.session_ids: deque[str] = deque(maxlen=_LONGEST_SESSION_CLIPS)
        """The newest clips begun since recording was last started by hand."""

    def take(self, settings: Settings) -> None:
        """Name and tracks from the next clip on, another length at once: an open clip that is longer ends."""
        self._settings = settings
        self._sort.take(settings)

    def work(self, stop: threading.Event) -> None:
        """The thread's loop. Once told to stop it still writes what waits and closes the clip."""
        while True:
            entry = self._queue.take(0.0 if stop.is_set() else _IDLE_SECONDS, self._due_dts_ns())
            started = self.busy_since = self.turned_at = time.monotonic()
            if entry is not None:
                self._handle(entry)
            elif stop.is_set():
                break
            self._keep_durable()
            self.busy_since, ended = None, time.monotonic()
            self.longest_stall_seconds = max(self.longest_stall_seconds, ended - started)
            self.slow_writes += ended - started >= _SLOW_WRITE_SECONDS
        self._end_clip()

    def try_card(self) -> None:
        """While nothing is written: is the card in order? In this thread, as all that waits for the card."""
        if self.growing is not None:
            return
        try:
            self._card.try_out()
        except (OSError, DashcamError) as error:
            self._lose_card(error)
        else:
            self._note_card_works()

    def _due_dts_ns(self) -> int:
        """Nothing has to be written before a packet of this decoding time: it ends a fragment."""
        return self.growing.clip.fragment_due_dts_ns if self.growing is not None else 0

    def _handle(self, entry: Entry) -> None:
        if isinstance(entry, Packet):
            self._write(entry)
        elif isinstance(entry, Gap):
            self._gap = Gap(self._gap.frames + entry.frames, self._gap.gops + entry.gops)
        elif isinstance(entry, NewFormat):
            self._end_clip()
            self._facts = entry.facts
        elif isinstance(entry, EndClip):
            self._end_clip()
            entry.done.set()
        elif isinstance(entry, AtTurn):
            entry.run()

    def _write(self, packet: Packet) -> None:
        if packet.is_keyframe and (self.growing is None or self._sort.is_full(self.growing, packet)):
            self.is_changing_clips = self.growing is not None
            self._end_clip()
            self._begin_clip(packet)
            self._note_break(packet)
            self.is_changing_clips = False
        if self.growing is None:
            self.lost_to_card += 1
            return
        if self._gap.gops:
            self.unbroken_since = packet.captured_monotonic_ns / NANOSECONDS
        self._count_gap(self.growing)
        if self._guarded(self.growing.clip.write, packet):
            self.frames_written += 1
            self.growing.wrote(packet)
        else:
            self.lost_to_card += 1

    def _note_break(self, packet: Packet) -> None:
        """A clip that follows another is no break, unless the card kept the end of that one."""
        if not self.is_changing_clips or self.trouble is not None:
            self.unbroken_since = packet.captured_monotonic_ns / NANOSECONDS

    def _count_gap(self, growing: Growing) -> None:
        growing.dropped_frames += self._gap.frames
        growing.dropped_gops += self._gap.gops
        self._gap = Gap(0, 0)

    def _begin_clip(self, packet: Packet) -> None:
        facts = self._facts
        if facts is None:
            return
        camera = self._settings.camera
        speed = camera.speed if facts.kind in _PLAYED_AT_A_SPEED else 1.0
        try:
            beginning = self._sort.begin(packet, speed)
            place = beginning.place
            file = DurableFile(place.temporary, self._sync)
        except (OSError, DashcamError) as error:
            self._lose_card(error)
            return
        moment = self._moment_at(packet.captured_monotonic_ns)
        tag = self._tag(beginning, packet, moment, speed)
        try:
            clip = ClipFile(
                file,
                width=facts.width,
                height=facts.height,
                template=facts.template,
                comment=encode_tag(tag),
                created_utc_ns=moment.utc_ns,
                place=moment.place,
                telemetry=self._telemetry(),
            )
        except (OSError, MuxError, ValueError) as error:
            log.error("no clip can be made of what %s sends: %s", facts.description, error)
            file.close()
            with contextlib.suppress(OSError):
                place.temporary.unlink(missing_ok=True)
            return
        self.growing = Growing(place, file, clip, tag, facts, self._sort.kind, beginning.event, beginning.locked)
        self.session_ids.append(tag.id)

    def _telemetry(self) -> Telemetry | None:
        """None when the clip is to have no tracks beside the video."""
        gps = self._settings.gps
        return Telemetry(self._moment_at, gps.speed_unit) if gps.telemetry and gps.kind != "none" else None

    def _tag(self, beginning: Beginning, packet: Packet, moment: Moment, speed: float) -> ClipTag:
        place = beginning.place
        anchor = place.anchor
        return ClipTag(
            id=str(place.id),
            camera=self._settings.camera.name,
            started_utc=None if anchor.source == "none" else utc_text(anchor.utc_ns_at(packet.captured_monotonic_ns)),
            started_monotonic_ns=packet.captured_monotonic_ns,
            clock_source=anchor.source,
            zone=place.zone_name,
            media_start_ns=packet.pts_ns,
            place=moment.place,
            speed=speed,
            event=beginning.event,
            locked=beginning.locked,
        )

    def _keep_durable(self) -> None:
        """Syncs about once a second, and at once when the first fragment is there: then the clip gets its name."""
        growing = self.growing
        if growing is None or not growing.clip.has_fragment:
            return
        now = time.monotonic()
        if not growing.is_durable:
            self._guarded(self._give_name, growing)
        elif growing.file.end > growing.synced_bytes and self._is_sync_due(growing, now):
            self._guarded(self._sync_now, growing)

    def _is_sync_due(self, growing: Growing, now: float) -> bool:
        """By the clock, and at the end of a burst: an event's first seconds, or what has waited for a slow card."""
        waiting_ns = growing.last_captured_ns - growing.synced_captured_ns
        is_end_of_burst = not self._queue.used_bytes and waiting_ns >= SYNC_SECONDS * NANOSECONDS
        return now - growing.synced_at >= SYNC_SECONDS or is_end_of_burst

    def _sync_now(self, growing: Growing) -> None:
        growing.synced_at, growing.synced_bytes = time.monotonic(), growing.file.end
        growing.synced_captured_ns = growing.last_captured_ns
        growing.file.sync()

    def _give_name(self, growing: Growing) -> None:
        self._sync_now(growing)
        rename_new(growing.place.temporary, growing.place.final)
        sync_folder(growing.place.final.parent)
        growing.is_durable = True
        self._note_card_works()
        self._sort.named()
        self._on_first_durable()

    def _note_card_works(self) -> None:
        if self.trouble is not None:
            log.info("the card takes clips again; recording goes on")
            self.trouble = None

    def _end_clip(self) -> None:
        growing = self.growing
        if growing is None:
            return
        if self._guarded(self._close, growing):
            growing.started_at = growing.tag.place or self._moment_at(growing.first_captured_ns).place
            self._sort.end(growing)
            self._remember(growing)
            self._on_closed(growing)

    def _remember(self, growing: Growing) -> None:
        """Whoever reads `growing` and then `recent` finds the clip in one of them, or in both, never in none."""
        if growing.is_durable:
            self.recent.append(Span(growing.tag.id, growing.tag.started_monotonic_ns or 0, growing.last_captured_ns))
        self.growing = None

    def _close(self, growing: Growing) -> None:
        if growing.clip.frames == 0:
            raise OSError("nothing was written")
        growing.clip.close()
        if not growing.is_durable:
            self._give_name(growing)

    def _guarded(self, step: Callable[[_Argument], None], argument: _Argument) -> bool:
        """Runs a step that touches the card. False when the card failed: the clip is given up for repair."""
        try:
            step(argument)
        except (OSError, MuxError) as error:
            self._give_up_clip(error)
            return False
        return True

    def _give_up_clip(self, error: Exception) -> None:
        growing = self.growing
        if growing is None:
            return
        failure = growing.file.failure or error
        growing.file.close()
        self._leave_for_repair(growing)
        lost = growing.clip.frames - (growing.clip.frames_in_file if growing.is_durable else 0)
        self.frames_written -= lost
        self.lost_to_card += lost
        self._remember(growing)
        # On a card that is full every attempt ends so, once a second.
        level = logging.WARNING if growing.is_durable else logging.DEBUG
        log.log(level, "clip %s ends early: %s", growing.tag.id, failure)
        self._lose_card(failure)

    def _leave_for_repair(self, growing: Growing) -> None:
        """What plays gets its name even now; what does not goes: a full card would be strewn with such files."""
        if growing.is_durable:
            return
        with contextlib.suppress(OSError):
            if growing.clip.frames_in_file:
                rename_new(growing.place.temporary, growing.place.final)
                growing.is_durable = True
                self._sort.named()
            else:
                growing.place.temporary.unlink()

    def _lose_card(self, error: Exception) -> None:
        """Writes down what is wrong; the next keyframe tries again."""
        trouble = trouble_of(error, self._card.data)
        if trouble != self.trouble:
            log.error("not recording: %s", trouble.reason)
        self.trouble = trouble
        self._card.close()
