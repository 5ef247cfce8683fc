"""The live view: one subscription to the recorder's pictures, shared by all viewers, and none while nobody watches."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bottle import HTTPResponse, request

from dashcam.errors import DashcamError, TooManyViewers
from dashcam.link.client import Watch, watch
from dashcam.link.messages import PreviewPicture, WatchPreview
from dashcam.web.access import needs
from dashcam.web.describe import describes
from dashcam.web.fair_share import Places, asking_address
from dashcam.worker import Worker

# Longer than any pause between two pictures, shorter than a person's patience with a still one.
_SILENCE_LIMIT_SECONDS = 5.0
_AGAIN_SECONDS = 1.0
# A stream without pictures is ended after this: a viewer that has gone is noticed only by writing to it.
NO_PICTURE_SECONDS = 15.0
_BOUNDARY = b"dashcam-picture"


class Viewer:
    """One viewer's place; made by `LivePictures.join`."""

    def __init__(self, pictures: LivePictures, number: int, release: Callable[[], None]) -> None:
        self._pictures = pictures
        self._number = number
        self._release = release
        self._has_left = False

    def next(self, limit_seconds: float) -> PreviewPicture | None:
        """The newest picture that this viewer has not had; None when none comes within the limit or all ends."""
        self._number, picture = self._pictures.wait_for_picture(self._number, limit_seconds)
        return picture

    def leave(self) -> None:
        """Gives the place up. May be called twice."""
        if not self._has_left:
            self._has_left = True
            self._pictures.leave(self._release)


class LivePictures:
    """The newest picture for up to `max_viewers` viewers. Whoever is slow misses pictures and holds up nobody."""

    def __init__(self, state: Path, max_viewers: int) -> None:
        self._state = state
        self._places = Places(max_viewers)
        self._changed = threading.Condition()  # guards everything below
        self._number = 0
        self._picture: PreviewPicture | None = None
        self._worker: Worker | None = None
        self._watch: Watch[PreviewPicture] | None = None
        self._is_closed = False

    @property
    def viewers(self) -> int:
        """How many watch now."""
        return self._places.taken

    @property
    def max_viewers(self) -> int:
        """How many may watch at once; whoever watches already stays when it falls."""
        return self._places.most

    @max_viewers.setter
    def max_viewers(self, most: int) -> None:
        self._places.most = most

    def join(self, address: str) -> Viewer:
        """A place for one more viewer. Raises TooManyViewers when all are taken, or too many by `address`."""
        with self._changed:
            release = None if self._is_closed else self._places.take(address)
            if release is None:
                raise TooManyViewers(
                    f"All places of the live view are taken ({self.max_viewers}, and one device gets not all of them); "
                    "close it elsewhere, or raise preview.max_viewers."
                )
            if self._worker is None:
                self._worker = Worker("live-pictures", self._subscribe)
                self._worker.start()
            # The newest picture there is; without one, the first that comes.
            return Viewer(self, self._number if self._picture is None else self._number - 1, release)

    def leave(self, release: Callable[[], None]) -> None:
        """Called by a viewer with what gives its place back; with the last one the recorder stops encoding."""
        with self._changed:
            release()
            if self._places.taken == 0:
                self._end_subscription()

    def wait_for_picture(self, number: int, limit_seconds: float) -> tuple[int, PreviewPicture | None]:
        """The newest picture and its number, once that differs from `number`."""
        with self._changed:
            is_new = self._changed.wait_for(lambda: self._number != number or self._is_closed, limit_seconds)
            if not is_new or self._is_closed:
                return number, None
            return self._number, self._picture

    def close(self) -> None:
        """Ends every viewer's wait. May be called twice."""
        with self._changed:
            self._is_closed = True
            worker = self._worker
            self._end_subscription()
            self._changed.notify_all()
        if worker is not None:
            worker.stop()

    def _end_subscription(self) -> None:
        """Called with the lock held; the worker ends by itself soon after."""
        if self._worker is not None:
            self._worker.stopping.set()
        if self._watch is not None:
            self._watch.cancel()
        # The next viewer gets a new worker and no picture of long ago.
        self._worker = self._watch = self._picture = None

    def _subscribe(self, stop: threading.Event) -> None:
        while not stop.is_set():
            watching = watch(self._state, "recorder", WatchPreview(), PreviewPicture, _SILENCE_LIMIT_SECONDS)
            with self._changed:
                if stop.is_set():
                    return
                self._watch = watching
            try:
                with watching:
                    for picture in watching:
                        self._publish(picture, stop)
            except DashcamError:
                pass  # no recorder or no camera just now: the status says so, and it is tried again
            stop.wait(_AGAIN_SECONDS)

    def _publish(self, picture: PreviewPicture, stop: threading.Event) -> None:
        with self._changed:
            if not stop.is_set():
                self._picture = picture
                self._number += 1
                self._changed.notify_all()


class MotionJpeg:
    """The body of a stream of pictures: `multipart/x-mixed-replace`."""

    def __init__(self, viewer: Viewer, monotonic_ns: Callable[[], int] = time.monotonic_ns) -> None:
        self._viewer = viewer
        self._monotonic_ns = monotonic_ns
        self._has_begun = False

    def __iter__(self) -> MotionJpeg:
        return self

    def __next__(self) -> bytes:
        # The boundary follows each picture at once: browsers show a picture only when they have seen its end.
        if not self._has_begun:
            self._has_begun = True
            return b"--%b\r\n" % _BOUNDARY
        picture = self._viewer.next(NO_PICTURE_SECONDS)
        if picture is None:
            raise StopIteration
        return b"%b%b\r\n--%b\r\n" % (_head_of(picture, self._monotonic_ns()), picture.jpeg, _BOUNDARY)

    def close(self) -> None:
        """Gives the viewer's place up."""
        self._viewer.leave()


def _head_of(picture: PreviewPicture, sent_monotonic_ns: int) -> bytes:
    """The lines before a picture. By the times, both of CLOCK_MONOTONIC, a viewer tells how old it is on arrival."""
    lines = (
        "Content-Type: image/jpeg",
        f"Content-Length: {len(picture.jpeg)}",
        f"X-Captured-Milliseconds: {picture.captured_monotonic_ns // 1_000_000}",
        f"X-Sent-Milliseconds: {sent_monotonic_ns // 1_000_000}",
    )
    return "".join(f"{line}\r\n" for line in (*lines, "")).encode()


class LiveResource:
    """`/stream.mjpg`: opens in a browser's `<img>`, in VLC, in anything that knows a network camera."""

    def __init__(self, pictures: LivePictures) -> None:
        self._pictures = pictures

    def add_to(self, app: Any) -> None:
        """Adds the routes."""
        app.route(["/stream.mjpg", "/stream"], "GET", self.stream)
        app.route("/api/live", "GET", self.live)

    @needs("viewer")
    @describes(content=["multipart/x-mixed-replace"], refuses=(TooManyViewers,))
    def stream(self) -> HTTPResponse:
        """Pictures until the viewer or the dashcam goes; 503 with words when there is no place."""
        return self._pictures_as(f"multipart/x-mixed-replace; boundary={_BOUNDARY.decode()}")

    @needs("viewer")
    @describes(content=["application/octet-stream"], refuses=(TooManyViewers,))
    def live(self) -> HTTPResponse:
        """The same bytes for the page: Safari takes a multipart answer apart itself and hides the parts' headers."""
        return self._pictures_as("application/octet-stream")

    def _pictures_as(self, content_type: str) -> HTTPResponse:
        headers = {"Content-Type": content_type, "Cache-Control": "no-store"}
        viewer = self._pictures.join(asking_address())
        if request.method == "HEAD":
            viewer.leave()
            return HTTPResponse("", 200, headers)
        return HTTPResponse(MotionJpeg(viewer), 200, headers)
