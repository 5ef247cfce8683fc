"""The one face of every camera.

A camera is a thread that hands H.264 packets to `CameraCallbacks.packet`. It is started once and closed once; a camera
that failed is closed and a new one opened. Nothing it calls blocks it: sinks take what they get and return at once.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

import msgspec

if TYPE_CHECKING:
    import numpy as np
    from av.video.frame import VideoFrame
    from av.video.stream import VideoStream
    from numpy.typing import NDArray


class Packet(msgspec.Struct, frozen=True, gc=False):
    """One encoded picture. Times are nanoseconds on the camera's own clock, which never steps.

    `captured_monotonic_ns` is CLOCK_MONOTONIC when the picture was taken (as near as the camera can tell).
    """

    data: bytes
    pts_ns: int
    dts_ns: int
    duration_ns: int
    is_keyframe: bool
    captured_monotonic_ns: int


class Picture(msgspec.Struct, frozen=True):
    """One raw picture for preview, motion or a photo: a yuv420p frame and when it was taken."""

    frame: VideoFrame
    pts_ns: int
    captured_monotonic_ns: int
    is_stamped: bool = False
    """Time and place are written into it already, as into the video: nobody need write them a second time."""


class Mode(msgspec.Struct, frozen=True, kw_only=True):
    """A size of pictures and a frame rate: the highest that a camera can, or the one in use."""

    width: int
    height: int
    fps: float


@dataclass(frozen=True, slots=True)
class CameraFacts:
    """What the camera turned out to be, known once `start()` has returned."""

    kind: str
    description: str
    """For people: `Pi camera imx708`, `synthetic drive`, `replay of drive.mp4`."""
    width: int
    height: int
    fps: float
    encoder: str
    """For people: `libx264 ultrafast`, `hardware H.264`, `as it is in the file`."""
    notes: tuple[str, ...] = ()
    """What differs from what was asked, and why."""
    modes: tuple[Mode, ...] = ()
    """What it can send; empty where that is not known, or not to be chosen."""
    template: VideoStream | None = field(default=None, compare=False)
    """Set when packets are length-prefixed as in an MP4 (parameter sets in the template's extradata).

    None: packets are Annex B with the parameter sets before every keyframe.
    """
    stamp_hindrance: str = ""
    """Why nothing can be written into its pictures; empty where it can."""


def _not_counted() -> None:
    """The default of whoever does not count what is lost."""


def _wishes_no_stamp() -> bool:
    """The default of whoever writes nothing into pictures."""
    return False


def _stamps_nothing(_luma: NDArray[np.uint8], _captured_monotonic_ns: int, _kept_rows: int) -> bool:
    """The default of whoever writes nothing into pictures."""
    return False


def _minds_no_stamp(_error: Exception) -> None:
    """The default of whoever writes nothing into pictures."""


class CameraCallbacks(msgspec.Struct, frozen=True):
    """What a camera calls, from its own threads. None of them blocks, none of them raises into the camera.

    `picture` gets small pictures, `preview.width` wide where the camera can. Before making one the camera asks
    `wishes_pictures(pts_ns)`; false while nobody watches or the next one is not due yet. `failed` is called once, when
    no further packet will come although the camera was not closed. `lost` is called for a frame that was encoded and
    could not be handed on.

    `stamp(luma, captured_monotonic_ns, kept_rows)` writes into the luma rows of an upright picture just before it is
    encoded, and says whether it did; it leaves the lowest `kept_rows` alone. The picture must be the camera's alone, no
    longer a decoder's; to make it so costs something, so a camera asks `wishes_stamp()` before. When it cannot get at
    the luma it says so to `stamp_failed`, and goes on without a stamp.
    """

    packet: Callable[[Packet], None]
    picture: Callable[[Picture], None]
    wishes_pictures: Callable[[int], bool]
    failed: Callable[[Exception], None]
    lost: Callable[[], None] = _not_counted
    wishes_stamp: Callable[[], bool] = _wishes_no_stamp
    stamp: Callable[[NDArray[np.uint8], int, int], bool] = _stamps_nothing
    stamp_failed: Callable[[Exception], None] = _minds_no_stamp


class Camera(Protocol):
    """A camera of any kind. The constructor is cheap and touches no hardware."""

    def start(self) -> CameraFacts:
        """Opens the hardware and begins to hand on packets, the first a keyframe.

        Raises CameraAbsent when there is none, CameraError when it cannot be used; nothing is left open then.
        """

    def take_photo(self, limit_seconds: float) -> Picture:
        """A full-size picture taken now or as soon as the camera can, without disturbing the recording.

        May be called from any thread but the camera's. Raises CameraError when none came within the limit.
        """

    def close(self) -> None:
        """Stops and releases everything, within seconds even if the hardware hangs; may be called twice."""
