"""One small picture for everybody who wishes one: the live view and the motion watcher."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from dashcam.camera.base import Picture


class Taker(Protocol):
    """Takes small pictures in the camera's threads, and returns at once."""

    def wishes(self, pts_ns: int, /) -> bool:
        """True when the picture of that time is wished; may be asked twice of one."""

    def put(self, picture: Picture, /) -> None:
        """One that was wished."""


class Pictures:
    """What a camera asks and hands its pictures to. Nobody gets more than was wished."""

    def __init__(self, *takers: Taker) -> None:
        self._takers = takers

    def wishes(self, pts_ns: int) -> bool:
        """True when anybody does; who is not asked now is asked when the picture is there."""
        return any(taker.wishes(pts_ns) for taker in self._takers)

    def put(self, picture: Picture) -> None:
        """To those who wish it at its own time: some cameras make one a little later than they were asked."""
        for taker in self._takers:
            if taker.wishes(picture.pts_ns):
                taker.put(picture)
