"""The live view: the recorder's pictures for all who watch."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bottle import HTTPResponse, request

from dashcam.errors import TooManyViewers
from dashcam.link.messages import PreviewPicture, WatchPreview
from dashcam.web.access import needs
from dashcam.web.describe import describes
from dashcam.web.fair_share import asking_address
from dashcam.web.shared_stream import SharedStream, Viewer

# Longer than any pause between two pictures, shorter than a person's patience with a still one.
_SILENCE_LIMIT_SECONDS = 5.0
# A stream without pictures is ended after this: a viewer that has gone is noticed only by writing to it.
NO_PICTURE_SECONDS = 15.0
_BOUNDARY = b"dashcam-picture"


class LivePictures(SharedStream[PreviewPicture]):
    """The newest picture for up to `max_viewers` viewers; while nobody watches the recorder encodes none."""

    def __init__(self, state: Path, max_viewers: int) -> None:
        super().__init__(
            state,
            name="live-pictures",
            request=WatchPreview(),
            reply=PreviewPicture,
            max_viewers=max_viewers,
            silence_seconds=_SILENCE_LIMIT_SECONDS,
            full=lambda most: (
                f"All places of the live view are taken ({most}, and one device gets not all of them); "
                "close it elsewhere, or raise preview.max_viewers."
            ),
        )


class MotionJpeg:
    """The body of a stream of pictures: `multipart/x-mixed-replace`."""

    def __init__(self, viewer: Viewer[PreviewPicture], monotonic_ns: Callable[[], int] = time.monotonic_ns) -> None:
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
