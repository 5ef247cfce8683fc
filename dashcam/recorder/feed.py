"""Where the camera's packets go: into the ring and the event that lasts, and into the loop's queue.

Each may be switched off and on without the other. Nothing here waits for the card.
"""

from __future__ import annotations

import threading

from dashcam.camera.base import Packet
from dashcam.camera.fanout import Fanout
from dashcam.recorder.events import EventDuty
from dashcam.recorder.packet_queue import EndClip, NewFormat, PacketQueue, Settable


class _EachOf:
    """Sets an event when all who were to say that it has come have said so."""

    def __init__(self, done: Settable, count: int) -> None:
        self._done = done
        self._missing = count
        self._lock = threading.Lock()

    def set(self) -> None:
        """One of them says so."""
        with self._lock:
            self._missing -= 1
            has_come = self._missing == 0
        if has_come:
            self._done.set()


class Feed:
    """`put` and `miss` are called by the camera's thread, the others by any."""

    def __init__(self, loop: PacketQueue, events: EventDuty) -> None:
        self._loop = loop
        self._events = events
        # The ring first: whatever the loop has got then lies in it, too, and can be drained without a gap.
        self._fanout = Fanout(events=events, loop=loop)

    def put(self, packet: Packet) -> None:
        """One packet; never blocks, never raises."""
        self._fanout.put(packet)

    def miss(self) -> None:
        """A frame of the camera never came here."""
        self._events.miss()
        self._loop.miss()

    def put_marker(self, marker: NewFormat | EndClip) -> None:
        """A camera was opened, or is closed now."""
        if isinstance(marker, NewFormat):
            self._events.begin_camera(marker)
            self._loop.put_marker(marker)
        else:
            each = _EachOf(marker.done, 2)
            self._events.end_camera(each)
            self._loop.put_marker(EndClip(each))

    def open_loop(self) -> None:
        """Clips from now on, with what the ring holds at their beginning, as far as the loop has not got it already.

        Ended a moment ago, it begins at the keyframe before: some frames are in two clips then, and none is in none.
        """
        self._events.drain_into(self._loop, self._loop.newest_captured_ns)

    def end_loop(self) -> threading.Event:
        """No more clips; set once the open one has its ordinary end."""
        ended = threading.Event()
        self._loop.shut()
        self._loop.put_marker(EndClip(ended))
        return ended

    def open_events(self) -> None:
        """The ring is filled, and triggers make events."""
        self._events.open()

    def end_events(self) -> threading.Event:
        """The event that lasts ends and the ring is empty; set once the last clip has its ordinary end."""
        return self._events.shut()
