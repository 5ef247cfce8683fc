"""The page moves to another port: the old one goes on until somebody has come to the new one, or it stays there."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from typing import Any

from dashcam.web.guard import WsgiApp
from dashcam.web.server import WebServer
from dashcam.web.visitor import is_same
from dashcam.worker import Worker

# A phone follows at once; whoever types an address needs longer.
ARRIVAL_SECONDS = 60.0


class Arrival:
    """Listens, as part of an app, for the first request of the one who has moved the page."""

    def __init__(self, app: WsgiApp, address: str) -> None:
        self._app = app
        self._address = address
        self._is_decided = threading.Event()
        self.has_come = False

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Passes everything on."""
        if not self._is_decided.is_set() and is_same(str(environ.get("REMOTE_ADDR", "")), self._address):
            self.arrive()
        return self._app(environ, start_response)

    @property
    def is_awaited(self) -> bool:
        """Neither come nor given up."""
        return not self._is_decided.is_set()

    def arrive(self) -> None:
        """It has come, or is sure to: its own address is answered as before."""
        self.has_come = True
        self._is_decided.set()

    def wait(self, limit_seconds: float) -> bool:
        """True once it has come; False when it has not within the limit, or is no longer waited for."""
        self._is_decided.wait(limit_seconds)
        return self.has_come

    def give_up(self) -> None:
        """Nobody is waited for any more."""
        self._is_decided.set()


class Move:
    """Ends the `old` server once the visitor has arrived at the new one; else calls `go_back` in its own thread."""

    def __init__(
        self, old: WebServer, arrival: Arrival, *, go_back: Callable[[], None], limit_seconds: float = ARRIVAL_SECONDS
    ) -> None:
        self._old = old
        self._arrival = arrival
        self._go_back = go_back
        self._limit_seconds = limit_seconds
        self._is_closing = False
        self._worker = Worker("web-move", self._wait)

    @property
    def is_open(self) -> bool:
        """Whether the page will stay where it is now is not known yet."""
        return self._worker.is_alive and self._arrival.is_awaited

    def start(self) -> None:
        """Waits in a thread."""
        self._worker.start()

    def close(self) -> None:
        """Ends the old server whatever has come. May be called twice."""
        self._is_closing = True
        self._arrival.give_up()
        self._worker.stop()
        self._old.close()

    def _wait(self, _stop: threading.Event) -> None:
        if self._arrival.wait(self._limit_seconds):
            self._old.close()
        elif not self._is_closing:
            self._go_back()
