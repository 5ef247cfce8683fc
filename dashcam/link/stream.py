"""One subscriber's messages on their way out: the newest win, and whoever offers them never waits."""

from __future__ import annotations

import os
import threading
from collections import deque

from dashcam.link.messages import Message

# A picture on its way and the newest one behind it; more would only be older.
OUTBOX_MESSAGES = 2


def set_event(descriptor: int) -> None:
    """Makes a non-blocking eventfd readable; it is so already when its counter is full."""
    try:
        os.eventfd_write(descriptor, 1)
    except BlockingIOError:
        return


class Stream:
    """The outbox of one subscriber. `offer` may be called from any thread, `take` and `close` by the client's."""

    def __init__(self, outbox_messages: int = OUTBOX_MESSAGES) -> None:
        self._guard = threading.Lock()  # of everything below
        self._outbox: deque[Message] = deque(maxlen=outbox_messages)
        self._descriptor = os.eventfd(0, os.EFD_CLOEXEC | os.EFD_NONBLOCK)
        self._is_closed = False

    @property
    def is_closed(self) -> bool:
        """True once the subscriber has gone; what is offered then is forgotten."""
        return self._is_closed

    def offer(self, message: Message) -> None:
        """Hands `message` on without ever blocking; the oldest waiting one makes room for it."""
        with self._guard:
            if self._is_closed:
                return
            self._outbox.append(message)
            set_event(self._descriptor)

    def fileno(self) -> int:
        """Readable while something waits; for poll."""
        return self._descriptor

    def take(self) -> Message | None:
        """The oldest waiting message; None, and not readable any more, when there is none."""
        with self._guard:
            if self._outbox:
                return self._outbox.popleft()
            try:
                os.eventfd_read(self._descriptor)
            except BlockingIOError:
                return None
            return None

    def close(self) -> None:
        """Forgets what waits. May be called twice."""
        with self._guard:
            if self._is_closed:
                return
            self._is_closed = True
            self._outbox.clear()
            os.close(self._descriptor)
