"""Pictures made ready for the encoder: yuv420p, an even size, and turned as the camera is mounted."""

from __future__ import annotations

from av.video.frame import VideoFrame

from dashcam.camera.frames import as_yuv420p, even
from dashcam.camera.planes import new_picture, planes_of, rotate_into


class Upright:
    """Turns pictures of one size clockwise by 0, 90, 180 or 270 degrees. `width` and `height` are the result's."""

    def __init__(self, degrees: int, width: int, height: int) -> None:
        self._degrees = degrees
        self._size = (even(width), even(height))
        is_on_its_side = degrees in (90, 270)
        self.width, self.height = reversed(self._size) if is_on_its_side else self._size

    def turn(self, frame: VideoFrame) -> VideoFrame:
        """The picture upright; the same frame when nothing has to be done. Costs time only when it is turned."""
        plain = as_yuv420p(frame, *self._size)
        if not self._degrees:
            return plain
        turned, planes = new_picture(self.width, self.height)
        rotate_into(planes, planes_of(plain), self._degrees)
        turned.colorspace = plain.colorspace
        return turned
