"""What the mode switches on and off: the loop's queue, the ring and the events. Nothing here waits for the card."""

from __future__ import annotations

import threading

from dashcam.errors import NotRecording
from dashcam.link.status import EventStatus, RingStatus
from dashcam.recorder.packet_queue import EndClip, PacketQueue
from dashcam.recorder.trigger import Trigger


class NoEvents:
    """In place of events where there are none."""

    count = 0
    trouble = None

    def trigger(self, _trigger: Trigger) -> EventStatus:
        """Makes none."""
        raise NotRecording("no events are made")

    def wait_durable(self, _seconds: float) -> bool:
        """None will be."""
        return False

    def status(self) -> EventStatus | None:
        """There is none."""
        return None

    def ring(self) -> RingStatus:
        """Nothing is held."""
        return RingStatus()


class Gates:
    """See `mode_duty.Recording`."""

    def __init__(self, queue: PacketQueue) -> None:
        self._queue = queue

    def open_loop(self) -> None:
        """Clips from the next keyframe on."""
        self._queue.open()

    def end_loop(self) -> threading.Event:
        """What waits is written, and the open clip gets its ordinary end."""
        self._queue.shut()
        ended = threading.Event()
        self._queue.put_marker(EndClip(ended))
        return ended

    def open_events(self) -> None:
        """None can be made."""

    def end_events(self) -> threading.Event:
        """There are none to end."""
        ended = threading.Event()
        ended.set()
        return ended
