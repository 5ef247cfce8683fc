"""One picture of the synthetic drive, put together from back to front."""

from __future__ import annotations

from dashcam.camera.drive.dashboard import Dashboard
from dashcam.camera.drive.geometry import View, driven_metres, heading
from dashcam.camera.drive.road import Road
from dashcam.camera.drive.sky import Distance
from dashcam.camera.drive.traffic import Traffic
from dashcam.camera.planes import Planes


class Scene:
    """The drive at one picture size. Making it takes about half a second, a picture about 1 ms (720p on a PC)."""

    def __init__(self, width: int, height: int) -> None:
        view = View(width, height)
        self._distance = Distance(view)
        self._road = Road(view)
        self._traffic = Traffic(view, self._road.floor)
        self._dashboard = Dashboard(view)

    def draw(self, target: Planes, seconds: float, number: int, utc_ns: int) -> None:
        """Draws the moment `seconds` into the drive. Apart from the time written on it, it depends on that alone."""
        driven = driven_metres(seconds)
        self._distance.draw(target, heading(driven))
        self._road.draw(target, driven)
        self._traffic.draw(target, seconds)
        self._dashboard.draw(target, seconds, number, utc_ns)
