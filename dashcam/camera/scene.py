"""The drawing of the synthetic drive."""

from __future__ import annotations

from dashcam.camera import frame_code
from dashcam.camera.planes import Planes


class Scene:
    """What the drive looks like at a size; everything that never changes is drawn once, here."""

    def __init__(self, width: int, height: int) -> None:
        self._size = (width, height)

    def draw(self, planes: Planes, seconds: float, number: int, utc_ns: int) -> None:
        """Draws the whole picture of a moment of the drive."""
        planes.y[:] = 80 + (number + utc_ns // 10**9) % 8
        left = int(seconds * 100) % self._size[0]
        planes.y[self._size[1] // 3 : self._size[1] // 2, left : left + 40] = 200


def stamp(planes: Planes, number: int, utc_ns: int) -> None:
    """Draws the machine-readable block."""
    frame_code.draw(planes.y, number, utc_ns // 1_000_000)
