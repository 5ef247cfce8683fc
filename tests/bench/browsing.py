"""A few phones that use the page all the time."""

from __future__ import annotations

import contextlib
import http.client
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from dashcam.worker import Worker

_LIMIT_SECONDS = 20.0
_PIECE_BYTES = 256 * 1024
_PAUSE_SECONDS = 0.2


@contextmanager
def browse(address: str, stop: threading.Event, *, viewers: int) -> Iterator[None]:
    """So many viewers of the live picture and one phone that lists, looks at thumbnails and downloads, until `stop`."""
    workers = [Worker(f"viewer {number}", lambda _: _view(address, stop)) for number in range(viewers)]
    workers.append(Worker("gallery", lambda _: _leaf_through(address, stop)))
    for worker in workers:
        worker.start()
    try:
        yield
    finally:
        stop.set()
        for worker in workers:
            worker.stop(_LIMIT_SECONDS)


def _view(address: str, stop: threading.Event) -> None:
    while not stop.is_set():
        with contextlib.suppress(OSError, http.client.HTTPException), _asked(address, "/stream.mjpg") as answer:
            while not stop.is_set() and answer.read1(_PIECE_BYTES):
                pass
        stop.wait(_PAUSE_SECONDS)


def _leaf_through(address: str, stop: threading.Event) -> None:
    while not stop.is_set():
        with contextlib.suppress(OSError, http.client.HTTPException):
            with _asked(address, "/api/clips") as answer:
                clips = json.loads(answer.read()).get("clips", [])
            for clip in clips[:5]:
                for path in filter(None, (clip["thumb"], clip["media"])):
                    with _asked(address, path) as answer:
                        while not stop.is_set() and answer.read(_PIECE_BYTES):
                            pass
        stop.wait(_PAUSE_SECONDS)


@contextmanager
def _asked(address: str, path: str) -> Iterator[http.client.HTTPResponse]:
    connection = http.client.HTTPConnection(address, timeout=_LIMIT_SECONDS)
    try:
        connection.request("GET", path)
        yield connection.getresponse()
    finally:
        connection.close()
