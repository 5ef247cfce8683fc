"""Being asked to end: Ctrl-C, SIGTERM and a closed terminal set one event."""

from __future__ import annotations

import os
import signal
import threading

from dashcam.worker import Worker

_STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


def stop_event_on_signals() -> threading.Event:
    """An event that SIGTERM, SIGINT and SIGHUP set; to be called once, in the main thread.

    Further signals change nothing: the program is ending already and must not be hurried over its open clip. What was
    ignored when the program started (SIGHUP under nohup) stays ignored.
    """
    asked_to_stop = threading.Event()
    # The handler itself must not set the event: it runs in the main thread, perhaps in the very middle of the event's
    # own lock, and would wait for itself. So the signal writes a byte, and a thread that waits for it sets the event.
    receiving, sending = os.pipe2(os.O_CLOEXEC)
    os.set_blocking(sending, False)
    signal.set_wakeup_fd(sending, warn_on_full_buffer=False)
    for number in _STOP_SIGNALS:
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, lambda _number, _frame: None)

    def wait_for_signal(_stop: threading.Event) -> None:
        while not os.read(receiving, 1):
            pass
        asked_to_stop.set()

    Worker("signals", wait_for_signal).start()
    return asked_to_stop
