"""Sidecars of closed clips, and the emergency deletion: all card work of the recorder that is not the recording itself.

It has a thread of its own, so that neither the writer nor the camera ever waits for it.
"""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable

from dashcam.clips.event import MotionTrace
from dashcam.clips.names import sidecar_of
from dashcam.clips.removal import remove_clips
from dashcam.clips.retention import Candidate
from dashcam.clips.sidecar import Sidecar, write_sidecar
from dashcam.errors import DashcamError
from dashcam.recorder.card import Card
from dashcam.recorder.growing import Growing
from dashcam.recorder.reserve import Supply, closed_clip, cut_off_clip
from dashcam.recorder.trouble import FULL_CODES

log = logging.getLogger(__name__)

_LOOK_SECONDS = 2.0
# The keeper makes room long before; below this the recorder helps itself.
RESERVE_CLIPS = 2
_LARGEST_RESERVE_SHARE = 4


def _nothing_to_note() -> None:
    """The default of a bookkeeper without a state."""


def _knows_no_motion(_from_monotonic_ns: int, _to_monotonic_ns: int, _duration_seconds: float) -> MotionTrace | None:
    """The default of a bookkeeper of clips in which nobody has looked for motion."""
    return None


# What moved from one frame to another, by CLOCK_MONOTONIC, in a clip that is so long; None when nobody has looked.
MotionOf = Callable[[int, int, float], MotionTrace | None]


def sidecar_for(growing: Growing, motion: MotionTrace | None) -> Sidecar:
    """What the recorder knows of a clip that it has just closed."""
    clip, tag = growing.clip, growing.tag
    return Sidecar(
        id=tag.id,
        kind=growing.kind,
        camera=tag.camera,
        integrity="closed",
        started_utc=tag.started_utc,
        started_monotonic_ns=tag.started_monotonic_ns,
        ended_monotonic_ns=growing.last_captured_ns,
        clock_source=tag.clock_source,
        zone=tag.zone,
        media_start_ns=tag.media_start_ns,
        duration_seconds=round(clip.duration_seconds, 6),
        frames=clip.frames,
        dropped_frames=growing.dropped_frames,
        dropped_gops=growing.dropped_gops,
        width=growing.facts.width,
        height=growing.facts.height,
        bytes=growing.file.end,
        locked=growing.locked,
        place=growing.started_at,
        event=growing.event,
        motion=motion,
    )


class Bookkeeper:
    """Finishes closed clips and watches the last reserve of the card."""

    def __init__(
        self,
        card: Card,
        protected_ids: Callable[[], frozenset[str]],
        bytes_per_clip: Callable[[], int],
        note_time: Callable[[], None] = _nothing_to_note,
        motion_of: MotionOf = _knows_no_motion,
    ) -> None:
        """`bytes_per_clip` estimates a whole clip; `protected_ids` are those that saved requests wait for.

        `note_time` is called at every turn, every two seconds at least: it writes into the state.
        """
        self._card = card
        self._protected_ids = protected_ids
        self._bytes_per_clip = bytes_per_clip
        self._note_time = note_time
        self._motion_of = motion_of
        self._closed: queue.SimpleQueue[Growing | None] = queue.SimpleQueue()
        # What a power cut has left goes last: it may be what somebody looks for.
        self._supplies = (Supply(card.folders, closed_clip), Supply(card.folders, cut_off_clip))
        self.emergency_deletions = 0
        self.nothing_to_delete = False

    def finish(self, growing: Growing) -> None:
        """Takes over a clip that the writer has closed. Returns at once."""
        self._closed.put(growing)

    def wake(self) -> None:
        """Looks at the card now instead of at the next turn."""
        self._closed.put(None)

    def work(self, stop: threading.Event) -> None:
        """The thread's loop. Once told to stop it still finishes what waits, and notes down a last time."""
        while True:
            try:
                growing = self._closed.get(timeout=_LOOK_SECONDS if not stop.is_set() else 0.05)
            except queue.Empty:
                if stop.is_set():
                    self._note_time()
                    return
                growing = None
            self._note_time()
            if growing is not None:
                self._finish(growing)
            self._keep_reserve()

    def _finish(self, growing: Growing) -> None:
        """The lock on the file goes with its sidecar: whoever finds neither may repair the clip."""
        try:
            growing.file.sync()
            self._write_sidecar(growing)
        except OSError as error:
            log.warning("no sidecar for %s (%s); the keeper makes one", growing.place.final.name, error)
        finally:
            growing.file.close()

    def _write_sidecar(self, growing: Growing) -> None:
        path, sidecar = sidecar_of(growing.place.final), sidecar_for(growing, self._motion_in(growing))
        try:
            write_sidecar(path, sidecar)
        except OSError as error:
            if error.errno not in FULL_CODES:
                raise
            # The clip may have filled the card to the last block; there is room again for so small a file.
            self._keep_reserve()
            write_sidecar(path, sidecar)

    def _motion_in(self, growing: Growing) -> MotionTrace | None:
        try:
            return self._motion_of(growing.first_captured_ns, growing.last_captured_ns, growing.clip.duration_seconds)
        except Exception:
            log.exception("%s gets its sidecar without what moved in it", growing.place.final.name)
            return None

    def _keep_reserve(self) -> None:
        space = self._card.space()
        # On a card of a few clips a reserve of two would leave nothing.
        reserve_bytes = min(RESERVE_CLIPS * self._bytes_per_clip(), space.total_bytes // _LARGEST_RESERVE_SHARE)
        missing = reserve_bytes - space.free_bytes
        if missing <= 0:
            self.nothing_to_delete = False
            for supply in self._supplies:
                supply.forget()
            return
        try:
            self._make_room(missing)
        except (OSError, DashcamError) as error:
            log.warning("no room can be made: %s", error)

    def _make_room(self, missing_bytes: int) -> None:
        freed_bytes = 0
        for supply in self._supplies:
            while freed_bytes < missing_bytes:
                victims = supply.victims(missing_bytes - freed_bytes, self._protected_ids())
                if not victims:
                    break
                freed_bytes += sum(victim.bytes for victim in victims if self._delete(supply, victim))
        self.nothing_to_delete = not freed_bytes

    def _delete(self, supply: Supply, victim: Candidate) -> bool:
        path = supply.take(victim)
        if path is None:
            return False
        log.warning("the card is nearly full: deleting %s", path.name)
        for error in remove_clips(self._card.folders, [path]).values():
            raise error
        self.emergency_deletions += 1
        return True
