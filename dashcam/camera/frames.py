"""What happens to each raw picture of a camera without an encoder of its own: packet, small picture, photo."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from av.video.frame import VideoFrame
from av.video.reformatter import ColorRange, Interpolation, VideoReformatter

from dashcam.camera.base import CameraCallbacks, Picture
from dashcam.errors import CameraError

if TYPE_CHECKING:
    from dashcam.camera.encoder import Encoder

PIXEL_FORMAT = "yuv420p"


def even(pixels: float) -> int:
    """The nearest even number of pixels, at least 2: chroma of yuv420p has half the size."""
    return max(round(pixels / 2) * 2, 2)


class Shrinker:
    """Makes small yuv420p pictures; never larger ones. Used by one thread, as its scaler is kept."""

    def __init__(self, width: int) -> None:
        self._width = width
        self._scaler = VideoReformatter()

    def shrink(self, frame: VideoFrame) -> VideoFrame:
        """A picture of its own, `width` wide where the frame is wider, with the frame's proportions."""
        width = min(even(self._width), frame.width)
        height = even(frame.height * width / frame.width) if width < frame.width else frame.height
        small = self._scaler.reformat(
            frame,
            width,
            height,
            format=PIXEL_FORMAT,
            dst_color_range=ColorRange.MPEG,
            interpolation=Interpolation.AREA,
            threads=1,
        )
        return copy_of(frame) if small is frame else small


def as_yuv420p(frame: VideoFrame, width: int = 0, height: int = 0) -> VideoFrame:
    """The same picture as limited-range yuv420p, at another size if one is given; may be the same frame."""
    return VideoReformatter().reformat(
        frame, width or None, height or None, format=PIXEL_FORMAT, dst_color_range=ColorRange.MPEG, threads=1
    )


def copy_of(frame: VideoFrame) -> VideoFrame:
    """The same yuv420p picture (even size) in memory of its own."""
    copy = VideoFrame.from_ndarray(frame.to_ndarray(), format=PIXEL_FORMAT)
    copy.color_range, copy.colorspace = frame.color_range, frame.colorspace
    return copy


class PhotoDesk:
    """Where other threads ask for a full-size picture and the camera's thread leaves it."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self.waiting = 0  # how many do
        self._delivered = 0
        self._picture: Picture | None = None
        self._is_closed = False

    @property
    def is_wished(self) -> bool:
        """True while somebody waits; asked by the camera's thread for each picture."""
        return self.waiting > 0

    def deliver(self, picture: Picture) -> None:
        """Gives the picture to everybody who waits. Its frame must not be drawn into any more."""
        with self._changed:
            self._picture = picture
            self._delivered += 1
            self._changed.notify_all()

    def close(self) -> None:
        """Nobody waits any longer: no picture will come."""
        with self._changed:
            self._is_closed = True
            self._changed.notify_all()

    def wait(self, limit_seconds: float) -> Picture:
        """The next picture. Raises CameraError when none comes within the limit, or the camera is closed."""
        with self._changed:
            seen = self._delivered
            self.waiting += 1
            try:
                self._changed.wait_for(lambda: self._delivered != seen or self._is_closed, limit_seconds)
            finally:
                self.waiting -= 1
            if self._delivered == seen or self._picture is None:
                raise CameraError("the camera gave no picture in time; try again, and see whether it still records")
            picture = self._picture
            if not self.waiting:
                self._picture = None
            return picture


class FramePipeline:
    """Hands one raw picture after another to whoever wants it. `take` is called by the camera's thread only."""

    def __init__(
        self,
        encoder: Encoder,
        callbacks: CameraCallbacks,
        small_width: int,
        *,
        kept_rows: int = 0,
        monotonic_ns: Callable[[], int] = time.monotonic_ns,
    ) -> None:
        """`kept_rows`: so many at the lower edge are the camera's own, and nothing is written there."""
        self.desk = PhotoDesk()
        self._encoder = encoder
        self._callbacks = callbacks
        self._shrinker = Shrinker(small_width)
        self._kept_rows = kept_rows
        self._monotonic_ns = monotonic_ns

    def take(
        self,
        frame: VideoFrame,
        *,
        pts_ns: int,
        duration_ns: int,
        captured_monotonic_ns: int,
        is_drawn_again: bool = False,
    ) -> None:
        """Stamps and encodes the frame; makes a small picture if one is wished, a photo if somebody waits for one.

        `is_drawn_again`: the frame's memory is used for the next picture, so a photo gets a copy.
        """
        is_stamped = self._callbacks.wishes_stamp() and self._stamp(frame, captured_monotonic_ns, is_drawn_again)
        for packet in self._encoder.encode(
            frame, pts_ns=pts_ns, duration_ns=duration_ns, captured_monotonic_ns=captured_monotonic_ns
        ):
            self._callbacks.packet(packet)
        if self._callbacks.wishes_pictures(pts_ns):
            self._callbacks.picture(Picture(self._shrinker.shrink(frame), pts_ns, captured_monotonic_ns, is_stamped))
        if self.desk.is_wished:
            photo = copy_of(frame) if is_drawn_again else frame
            self.desk.deliver(Picture(photo, pts_ns, captured_monotonic_ns, is_stamped))

    def _stamp(self, frame: VideoFrame, captured_monotonic_ns: int, is_drawn_again: bool) -> bool:
        """True when it did. Never raises: without a stamp the picture is recorded all the same."""
        try:
            # With numpy, which is not needed where packets are passed on. Whoever wishes a stamp has loaded it before.
            from dashcam.camera.planes import luma_of

            if not is_drawn_again:
                # Copies a picture that its decoder still needs. One that is drawn again has to stay where it is.
                frame.make_writable()
            return self._callbacks.stamp(luma_of(frame), captured_monotonic_ns, self._kept_rows)
        except Exception as error:  # noqa: BLE001 it is told where the stamp comes from
            self._callbacks.stamp_failed(error)
            return False

    def finish(self) -> None:
        """Hands on what is still in the encoder and sends photo waiters away."""
        self.desk.close()
        for packet in self._encoder.finish():
            self._callbacks.packet(packet)
