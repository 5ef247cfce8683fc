"""A named thread with an owner: told to stop, joined with a limit, and never silently dead."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping

log = logging.getLogger(__name__)


def _nobody_minds(_error: BaseException) -> None:
    """The default for owners that restart or replace a worker by themselves."""


class Worker:
    """Runs `work(stop)` in a thread; `work` returns soon after the event `stop` is set.

    An exception that leaves `work` is logged and handed to `on_death` (called in the dying thread); a critical owner
    ends the process there, others restart the worker with a back-off.
    """

    def __init__(
        self,
        name: str,
        work: Callable[[threading.Event], None],
        on_death: Callable[[BaseException], None] = _nobody_minds,
    ) -> None:
        self.name = name
        self.stopping = threading.Event()
        self._work = work
        self._on_death = on_death
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    @property
    def is_alive(self) -> bool:
        """True from `start()` until the work has returned or died."""
        return self._thread.is_alive()

    def start(self) -> None:
        """Starts the thread. A worker starts once; make a new one to start again."""
        self._thread.start()

    def stop(self, limit_seconds: float = 5.0) -> bool:
        """Asks the work to end and waits for it. False, and a warning, if it did not within the limit."""
        self.stopping.set()
        if self._thread.ident is None or self._thread is threading.current_thread():
            return True
        self._thread.join(limit_seconds)
        if self._thread.is_alive():
            log.warning("%s does not stop; left behind", self.name)
            return False
        return True

    def _run(self) -> None:
        try:
            self._work(self.stopping)
        except BaseException as error:
            log.exception("%s died", self.name)
            self._on_death(error)


def stop_together(workers: Mapping[Worker, Callable[[], None]], limit_seconds: float) -> None:
    """Tells all of them before it waits for the first; the values wake them."""
    for worker, wake in workers.items():
        worker.stopping.set()
        wake()
    for worker in workers:
        worker.stop(limit_seconds)
