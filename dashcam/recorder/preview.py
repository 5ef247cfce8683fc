"""The live view: small pictures become JPEGs only while somebody watches, and only the newest counts."""

from __future__ import annotations

import logging
import threading
import time
from typing import TYPE_CHECKING

from dashcam.errors import TooManyViewers
from dashcam.link.messages import PreviewPicture
from dashcam.media.jpeg import encode_jpeg
from dashcam.settings.schema import PreviewSettings

if TYPE_CHECKING:
    from dashcam.camera.base import Picture
    from dashcam.link.server import Stream

log = logging.getLogger(__name__)

# Without `wake` it sees after so long that it is to stop.
_LOOK_SECONDS = 10.0


class Preview:
    """Between the camera's thread (`wishes`, `put`), the encoding thread (`work`) and the viewers' streams."""

    def __init__(self, settings: PreviewSettings) -> None:
        self._settings = settings
        self._changed = threading.Condition()
        self._streams: list[Stream] = []
        self._waiting: Picture | None = None
        self._next_due = 0.0

    def take(self, settings: PreviewSettings) -> None:
        """Other settings from the next picture on; any thread may call it."""
        self._settings = settings

    @property
    def viewers(self) -> int:
        """Streams that are being fed."""
        return len(self._streams)

    @property
    def is_busy(self) -> bool:
        """True while a picture waits or is encoded: another one would only be in its way."""
        return self._waiting is not None

    def add(self, stream: Stream) -> None:
        """Feeds one more viewer. Raises TooManyViewers."""
        with self._changed:
            if len(self._streams) >= self._settings.max_viewers:
                raise TooManyViewers(f"{self._settings.max_viewers} viewers watch already; close one of them")
            self._streams.append(stream)

    def remove(self, stream: Stream) -> None:
        """Stops feeding a viewer."""
        with self._changed:
            self._streams = [other for other in self._streams if other is not stream]

    def wishes(self, _pts_ns: int) -> bool:
        """Camera's thread: true when somebody watches, the next picture is due and the last one was taken."""
        return bool(self._streams) and not self.is_busy and time.monotonic() >= self._next_due

    def put(self, picture: Picture) -> None:
        """Camera's thread: hands over a picture and returns."""
        with self._changed:
            self._next_due = time.monotonic() + 0.9 / self._settings.rate
            self._waiting = picture
            self._changed.notify()

    def wake(self) -> None:
        """Makes the thread see at once that it is to stop."""
        with self._changed:
            self._changed.notify()

    def work(self, stop: threading.Event) -> None:
        """The thread's loop."""
        while not stop.is_set():
            with self._changed:
                self._changed.wait_for(lambda: self._waiting is not None or stop.is_set(), _LOOK_SECONDS)
                picture, streams = self._waiting, list(self._streams)
            if picture is None:
                continue
            self._send(picture, streams)
            self._waiting = None

    def _send(self, picture: Picture, streams: list[Stream]) -> None:
        frame = picture.frame
        try:
            jpeg = encode_jpeg(frame, self._settings.quality)
        except Exception:
            log.exception("a live picture could not be encoded")
            return
        message = PreviewPicture(
            jpeg=jpeg,
            width=frame.width,
            height=frame.height,
            captured_monotonic_ns=picture.captured_monotonic_ns,
        )
        for stream in streams:
            stream.offer(message)
