"""The motion watcher: looks at a small picture a few times a second, and says what moves.

It stands between the camera's threads (`wishes`, `put`) and its own (`work`). The camera never waits for it: when it is
slow the newest picture counts, and the others are counted. Off costs nothing; what it looks with is loaded when first
needed. Whatever fails in it is told, tried again after a while, and never stops the recording.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

import msgspec

from dashcam.clock import NANOSECONDS
from dashcam.errors import DashcamError, TooManyViewers
from dashcam.link.messages import MotionRegion, MotionSeen, MotionStatus
from dashcam.media.cadence import Cadence
from dashcam.media.looks import Look, LookMaker
from dashcam.motion.fingerprint import fingerprint_of
from dashcam.motion.sight import LOOK_WIDTH, Disturbance, MotionWish, Sight
from dashcam.recorder.trigger import Trigger
from dashcam.recorder.unrest import Unrest

if TYPE_CHECKING:
    from dashcam.camera.base import Picture
    from dashcam.link.server import Stream
    from dashcam.recorder.motion_memory import MotionMemory
    from dashcam.settings.schema import MotionSettings
    from dashcam.settings.zones import Zone

log = logging.getLogger(__name__)

# Without `wake` it sees after so long that it is to stop.
_LOOK_SECONDS = 10.0
# After so long without a picture, in the camera's time, it knows nothing of what it sees and learns anew; times that go
# back by more than a picture is late are those of another camera.
_LOST_NS, _BACK_NS = 10 * NANOSECONDS, 2 * NANOSECONDS
# Pauses after it has failed.
_RETRY_SECONDS = (1.0, 5.0, 20.0, 60.0)
# Pages that are shown boxes; each costs a message a look.
MOST_FOLLOWERS = 10
_DISTURBED: dict[Disturbance, str] = {
    "": "",
    "learning": "it learns what is always there",
    "light": "the light has changed",
    "shake": "the camera shakes",
}
_NOTHING_COMES = MotionStatus(state="learning", words="no picture has come for a while")


class Looks(Protocol):
    """`dashcam.motion.looking.Looker`, or what a test puts in its place."""

    def see(self, look: Look, /) -> Sight:
        """What is in this picture."""


def open_looker(wish: MotionWish) -> Looks:
    """The detector; loading it takes a second on the board and ten megabytes."""
    from dashcam.motion.looking import Looker

    return Looker(wish)


def _no_zone() -> Zone | None:
    """The default where nothing is written into pictures."""
    return None


class Watcher:
    """`status` and `follow` may be called by any thread."""

    def __init__(
        self,
        settings: MotionSettings,
        memory: MotionMemory,
        trigger: Callable[[Trigger], object],
        *,
        why_not: Callable[[], str],
        stamp_zone: Callable[[], Zone | None] = _no_zone,
        open_looker: Callable[[MotionWish], Looks] = open_looker,
        monotonic_ns: Callable[[], int] = time.monotonic_ns,
    ) -> None:
        """`why_not` says in words why nobody is to look now, empty when somebody is; it is asked by `turn`."""
        self._settings = settings
        self._memory = memory
        self._trigger = trigger
        self._why_not = why_not
        self._stamp_zone = stamp_zone
        self._open_looker = open_looker
        self._monotonic_ns = monotonic_ns
        self._changed = threading.Condition()  # guards the five below, for lines
        self._waiting: Picture | None = None
        self._cadence = Cadence(settings.rate)
        self._asked_ns: int | None = None
        self._is_wished = False
        self._streams: list[Stream] = []
        self._off_words = "not started yet"
        self._status = MotionStatus(words=self._off_words)
        self._rest_until = 0.0
        self._maker: LookMaker | None = None
        self._looker: Looks | None = None
        self._wish: MotionWish | None = None
        self._seen_ns = 0
        self._failures = 0
        self._unrest = Unrest()
        self.looks = 0
        """Pictures that were looked at."""
        self.missed = 0
        """Pictures that another one overtook: it was too slow for them."""
        self.complaint = ""
        """What is wrong, in words; empty when all is well."""

    # ---- any thread

    def take(self, settings: MotionSettings) -> None:
        """Other settings, in force from the next picture on; with other zones it learns anew."""
        with self._changed:
            if settings.rate != self._settings.rate:
                self._cadence, self._is_wished = Cadence(settings.rate), False
            self._settings = settings
            self._rest_until, self._failures, self.complaint = 0.0, 0, ""
        self.turn()

    def turn(self) -> None:
        """Looks, or looks no more: called when the mode or the settings have changed."""
        words = self._why_not()
        with self._changed:
            if words == self._off_words:
                return
            self._off_words = words
            if words:
                self._waiting = None
                self._status = MotionStatus(words=words)
            else:
                self._cadence, self._is_wished = Cadence(self._settings.rate), False
                self._status = MotionStatus(state="learning", words=_DISTURBED["learning"])
            self._changed.notify()
        self._tell(self._status)

    def status(self) -> MotionStatus:
        """What moves now; a camera that sends nothing any more says nothing of that."""
        status = self._status
        age_ns = self._monotonic_ns() - status.captured_monotonic_ns
        return _NOTHING_COMES if status.captured_monotonic_ns and age_ns > _LOST_NS else status

    @property
    def unrest(self) -> str:
        """What may be done against what moves all the time; empty when all is well."""
        return "" if self._off_words else self._unrest.words(self._monotonic_ns())

    def add(self, stream: Stream) -> None:
        """Tells one more follower of each look. Raises TooManyViewers."""
        with self._changed:
            if len(self._streams) >= MOST_FOLLOWERS:
                raise TooManyViewers(f"{MOST_FOLLOWERS} pages show what moves already; close one of them")
            self._streams = [*self._streams, stream]
        stream.offer(MotionSeen(motion=self._status))

    def remove(self, stream: Stream) -> None:
        """Forgets a follower."""
        with self._changed:
            self._streams = [other for other in self._streams if other is not stream]

    def wake(self) -> None:
        """Makes the thread see at once that it is to stop."""
        with self._changed:
            self._changed.notify()

    # ---- the camera's threads

    def wishes(self, pts_ns: int) -> bool:
        """True from when a picture is due until there is one."""
        if self._off_words or time.monotonic() < self._rest_until:
            return False
        with self._changed:
            if self._asked_ns is not None and pts_ns < self._asked_ns - _BACK_NS:
                self._cadence, self._is_wished = Cadence(self._settings.rate), False
            self._asked_ns = pts_ns
            self._is_wished = self._is_wished or self._cadence.is_due(pts_ns / NANOSECONDS)
            return self._is_wished

    def put(self, picture: Picture) -> None:
        """Hands over a picture and returns."""
        with self._changed:
            if self._off_words:
                return
            self.missed += self._waiting is not None
            self._waiting, self._is_wished = picture, False
            self._changed.notify()

    # ---- its own thread

    def work(self, stop: threading.Event) -> None:
        """The thread's loop."""
        while not stop.is_set():
            with self._changed:
                self._changed.wait_for(
                    lambda: self._waiting is not None or stop.is_set() or self._may_forget, _LOOK_SECONDS
                )
                picture, self._waiting = self._waiting, None
                settings, is_off = self._settings, bool(self._off_words)
            if is_off:
                # What it has learnt is worth nothing when it begins again.
                self._looker = None
            elif picture is not None and not stop.is_set():
                self._look_guarded(picture, settings)

    @property
    def _may_forget(self) -> bool:
        return bool(self._off_words) and self._looker is not None

    def _look_guarded(self, picture: Picture, settings: MotionSettings) -> None:
        try:
            self._look(picture, settings)
        except Exception as error:
            if not self.complaint:
                log.exception("motion detection fails; the recording goes on")
            self.complaint = f"Motion detection fails ({error}); it is tried again and again"
            self._looker = None
            pause = _RETRY_SECONDS[min(self._failures, len(_RETRY_SECONDS) - 1)]
            self._failures += 1
            self._rest_until = time.monotonic() + pause
            self._show(MotionStatus(words="it has failed and is tried again"))
        else:
            self._failures, self.complaint = 0, ""

    def _look(self, picture: Picture, settings: MotionSettings) -> None:
        looker, maker = self._looker_for(picture, settings)
        sight = looker.see(maker.look_of(picture.frame, picture.pts_ns / NANOSECONDS))
        self.looks += 1
        at_ns = picture.captured_monotonic_ns
        self._memory.add(at_ns, sight.score, sight.confidence, is_motion=sight.is_motion, wish=fingerprint_of(settings))
        self._show(status_of(sight, at_ns))
        if sight.is_motion:
            self._unrest.moved(at_ns)
            try:
                self._trigger(Trigger(cause="motion", at_monotonic_ns=at_ns, score=sight.score))
            except DashcamError as error:
                log.debug("no event for what moves: %s", error)

    def _looker_for(self, picture: Picture, settings: MotionSettings) -> tuple[Looks, LookMaker]:
        """What has learnt from the pictures before this one, if it is to look for the same and they led up to it."""
        wish = MotionWish.of(settings)
        zone = self._stamp_zone() if picture.is_stamped else None
        if zone is not None:
            wish = msgspec.structs.replace(wish, zones=(*wish.zones, zone))
        is_lost = not self._seen_ns < picture.pts_ns <= self._seen_ns + _LOST_NS
        self._seen_ns = picture.pts_ns
        looker = self._looker
        if looker is None or self._maker is None or wish != self._wish or is_lost:
            looker = self._looker = self._open_looker(wish)
            self._maker, self._wish = LookMaker(LOOK_WIDTH), wish
        return looker, self._maker

    def _show(self, status: MotionStatus) -> None:
        """Unless it was switched off meanwhile."""
        with self._changed:
            if self._off_words:
                return
            self._status = status
        self._tell(status)

    def _tell(self, status: MotionStatus) -> None:
        for stream in self._streams:
            stream.offer(MotionSeen(motion=status))


def status_of(sight: Sight, captured_monotonic_ns: int) -> MotionStatus:
    """A look as others are told of it."""
    is_learning = sight.disturbance == "learning"
    return MotionStatus(
        state="moving" if sight.is_motion else "learning" if is_learning else "still",
        score=round(sight.score, 1),
        confidence=round(sight.confidence, 2),
        regions=tuple(
            MotionRegion(
                x=round(region.x, 4),
                y=round(region.y, 4),
                width=round(region.width, 4),
                height=round(region.height, 4),
                score=round(region.score, 1),
            )
            for region in sight.regions
        ),
        captured_monotonic_ns=captured_monotonic_ns,
        words=_DISTURBED[sight.disturbance],
    )
